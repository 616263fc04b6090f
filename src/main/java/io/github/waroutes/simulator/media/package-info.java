/**
 * The files that people and the business send each other, and the formats they have.
 */
package io.github.waroutes.simulator.media;
