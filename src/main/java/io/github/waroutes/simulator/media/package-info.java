/**
 * The files that people and the business send each other, and their formats.
 */
package io.github.waroutes.simulator.media;
