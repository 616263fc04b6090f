/** Conversations in which a person, or Meta's own agent, speaks in place of the bot. */
package io.github.waroutes.handover;
