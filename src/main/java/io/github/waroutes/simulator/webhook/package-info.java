/**
 * Webhooks: their bodies and signature, their callbacks, and how they are delivered and retried.
 */
package io.github.waroutes.simulator.webhook;
