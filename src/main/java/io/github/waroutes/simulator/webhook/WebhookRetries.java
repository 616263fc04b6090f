package io.github.waroutes.simulator.webhook;

import org.apache.camel.Body;
import org.apache.camel.ExchangeProperty;

/** A webhook that is not answered 200 is sent again. Source: WhatsApp Cloud API, "Webhooks": retries with decreasing frequency. */
public class WebhookRetries {

    /** Exchange property: how often the webhook was posted so far. */
    static final String ATTEMPTS = "simulatorAttempts";

    private static final int MAX = 5;

    private final WebhookPool pool;
    private long delay;

    public WebhookRetries(WebhookPool pool) {
        this.pool = pool;
    }

    /** Milliseconds before the second attempt; twice as many before each further one. */
    public void setDelay(long delay) {
        this.delay = delay;
    }

    /** @param status the HTTP status of the last attempt, 0 for no answer; ignored before the first */
    public boolean isDue(@ExchangeProperty(ATTEMPTS) int attempts, @Body Object status) {
        return attempts == 0 || attempts < MAX && !Integer.valueOf(200).equals(status) && !pool.isEnding();
    }

    /** How many milliseconds to wait before the next attempt. */
    public long pause(@ExchangeProperty(ATTEMPTS) int attempts) {
        return attempts == 0 ? 0 : delay << (attempts - 1);
    }
}
