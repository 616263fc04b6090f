/**
 * What every room of the simulator speaks of: people, refusals, ids, JSON, and what changes. It knows no other room.
 */
package io.github.waroutes.simulator.common;
