/**
 * Webhooks: their bodies and signature, where they go, and how they are delivered and repeated.
 */
package io.github.waroutes.simulator.webhook;
