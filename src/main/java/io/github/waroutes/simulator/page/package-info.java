/**
 * The server side of the chat page: its files, its API, and the stream of events.
 */
package io.github.waroutes.simulator.page;
