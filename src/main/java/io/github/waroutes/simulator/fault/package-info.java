/**
 * Faults that are asked for: which of them is due, and how an HTTP answer is spoilt.
 */
package io.github.waroutes.simulator.fault;
