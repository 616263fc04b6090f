package io.github.waroutes.junit;

/**
 * A message that a user sent, and that the application's webhook took.
 *
 * @param id its wamid
 */
public record UserMessage(String id) {
}
