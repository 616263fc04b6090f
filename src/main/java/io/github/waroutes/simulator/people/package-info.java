/**
 * The people at the other end: what they write, and the conversations they are in.
 */
package io.github.waroutes.simulator.people;
