/**
 * The calls between the business and the simulated Cloud API, as the page shows them.
 */
package io.github.waroutes.simulator.call;
