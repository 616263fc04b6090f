/**
 * A local stand-in for Meta's Cloud API, for trying and testing the flow on one machine without a Meta account: it
 * accepts messages, serves media, sends users' messages as signed webhooks, and transcribes its own voice notes.
 * It talks to the rest of the bundle over HTTP only, and answers callers on this machine only.
 *
 * <p>This package puts its rooms together: {@code cloud} is Meta's API, {@code people} its users, {@code webhook} the webhooks
 * about both; {@code fault} injects faults, {@code page} is the chat page, {@code load} generates load. {@code media}, {@code call} and
 * {@code common} are shared by several of these.
 */
package io.github.waroutes.simulator;
