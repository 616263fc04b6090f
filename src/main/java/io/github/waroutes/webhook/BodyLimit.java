package io.github.waroutes.webhook;

import io.github.waroutes.error.WhatsAppWebhookException;

/** Refuses bodies over the limit, also where the HTTP server in front has a larger limit of its own. */
public class BodyLimit {

    private final int maxBytes;

    /** @param maxBytes Meta sends up to 3 MB */
    public BodyLimit(int maxBytes) {
        if (maxBytes < 1024) {
            throw new IllegalArgumentException("whatsapp.webhook.max-bytes must be at least 1024, and is " + maxBytes
                    + ". Meta sends up to 3 MB.");
        }
        this.maxBytes = maxBytes;
    }

    /** @throws WhatsAppWebhookException 413 */
    public void check(byte[] body) {
        if (body != null && body.length > maxBytes) {
            throw new WhatsAppWebhookException(413, "The webhook is larger than whatsapp.webhook.max-bytes.");
        }
    }
}
