/**
 * Injected faults: which of them is due, and faults in the transport of an HTTP response.
 */
package io.github.waroutes.simulator.fault;
