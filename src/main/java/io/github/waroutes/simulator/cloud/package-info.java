/**
 * What the Graph API of Meta is: messages, accounts, templates, errors and limits.
 */
package io.github.waroutes.simulator.cloud;
