package io.github.waroutes.webhook;

import io.github.waroutes.error.WhatsAppWebhookException;
import org.apache.camel.Header;

/**
 * Refuses a webhook that does not say that it is JSON. (The HTTP server's own check, {@code consumes}, knows one spelling only; a media
 * type is the same in any case: RFC 9110, 8.3.1.)
 */
public class JsonMediaType {

    private static final String JSON = "application/json";

    /** @throws WhatsAppWebhookException 415 */
    public void check(@Header("Content-Type") String contentType) {
        if (contentType == null || !JSON.equalsIgnoreCase(contentType.split(";", 2)[0].strip())) {
            throw new WhatsAppWebhookException(415, "The webhook does not say that it is " + JSON + ".");
        }
    }
}
