/**
 * Load generation: many users write at a rate, and each answer is accounted for. The plan and its schedule, the recognition of answers, the
 * ledger of each message's outcome, and the command line.
 */
package io.github.waroutes.simulator.load;
