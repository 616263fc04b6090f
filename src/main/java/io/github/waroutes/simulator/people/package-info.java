/**
 * The users: what they write, and their conversations.
 */
package io.github.waroutes.simulator.people;
