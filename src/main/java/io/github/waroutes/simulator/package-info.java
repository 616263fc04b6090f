/**
 * A local stand-in for Meta's Cloud API, for trying and testing the flow on one machine without a Meta account: it
 * accepts messages, hands out media, says what a user says by signed webhooks, and transcribes its own voice notes.
 * It talks to the rest of the bundle over HTTP only, and answers callers on this machine only.
 *
 * <p>This package puts its rooms together: {@code cloud} is Meta's API, {@code people} its users, {@code webhook} what tells of
 * both; {@code fault} spoils them, {@code page} shows them, {@code load} makes many of them. {@code media}, {@code call} and
 * {@code common} are what several of these need.
 */
package io.github.waroutes.simulator;
