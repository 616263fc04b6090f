/**
 * What a load is made of, without Camel and without HTTP: the plan, the moments at which users talk, how an answer is
 * recognised, and the accounts of what became of each message.
 */
package io.github.waroutes.simulator.load;
