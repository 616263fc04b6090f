/**
 * The server side of the chat page: its files, what it asks for, and the stream of events.
 */
package io.github.waroutes.simulator.page;
