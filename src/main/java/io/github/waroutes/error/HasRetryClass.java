package io.github.waroutes.error;

import java.time.Duration;

/**
 * What an exception of a user's own route can say about itself: whether the update, or the message, is worth another try. An exception that
 * does not say so is given up at the first failure. {@link RetryClass#TRANSIENT} and {@link RetryClass#THROTTLE} are tried again.
 */
public interface HasRetryClass {

    RetryClass getRetryClass();

    /** No retry before this has passed; null leaves it to the settings {@code whatsapp.retry.*}. */
    default Duration getMinimumWait() {
        return null;
    }

    /** No more retries than this; null leaves it to the settings {@code whatsapp.retry.*}. */
    default Integer getMaximumRetries() {
        return null;
    }
}
