/**
 * Shared by all packages of the simulator: people, refusals, ids, JSON and events. It depends on none of them.
 */
package io.github.waroutes.simulator.common;
