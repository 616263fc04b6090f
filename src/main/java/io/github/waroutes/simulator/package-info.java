/**
 * A local stand-in for Meta's Cloud API, for trying and testing the flow on one machine without a Meta account: it
 * accepts messages, hands out media, says what a user says by signed webhooks, and transcribes its own voice notes.
 * It talks to the rest of the bundle over HTTP only, and answers callers on this machine only.
 */
package io.github.waroutes.simulator;
