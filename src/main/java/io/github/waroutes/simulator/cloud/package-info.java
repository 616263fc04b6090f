/**
 * Meta's Graph API: messages, accounts, templates, errors and limits.
 */
package io.github.waroutes.simulator.cloud;
