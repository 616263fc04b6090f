/**
 * Many people talk at a rate, and each answer is accounted for: the plan and its moments, how an answer is recognised, the accounts
 * of what became of each message, and the command line.
 */
package io.github.waroutes.simulator.load;
