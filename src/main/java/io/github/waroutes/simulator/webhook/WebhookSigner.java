package io.github.waroutes.simulator.webhook;

import io.github.waroutes.simulator.common.HmacSha256;
import org.apache.camel.ExchangeProperty;

/**
 * Signs a webhook as Meta does: {@code sha256=} and the HMAC-SHA256 of the body's bytes, keyed with the app secret, in
 * lower-case hex. Source: WhatsApp Cloud API, "Create a webhook endpoint".
 */
public class WebhookSigner {

    private String appSecret;

    /** One app secret, or several separated by commas while one is being rotated: the first signs. */
    public void setAppSecret(String appSecrets) {
        String first = appSecrets.split(",", 2)[0].strip();
        if (first.isEmpty()) {
            throw new IllegalArgumentException("Set whatsapp.app-secret: the simulator signs its webhooks with it");
        }
        this.appSecret = first;
    }

    /** The value of {@code X-Hub-Signature-256} for this body. */
    public String sign(@ExchangeProperty("simulatorWebhook") byte[] body) {
        return "sha256=" + HmacSha256.hex(appSecret, body);
    }

    /** A signature of the right form by somebody who does not know the secret. */
    public String forge(@ExchangeProperty("simulatorWebhook") byte[] body) {
        return "sha256=" + HmacSha256.hex("not " + appSecret, body);
    }
}
