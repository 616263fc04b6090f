package io.github.waroutes.simulator.webhook;

import io.github.waroutes.simulator.common.HmacSha256;
import io.github.waroutes.simulator.common.SimulatedNumber;
import io.github.waroutes.simulator.common.SimulatedNumbers;
import org.apache.camel.ExchangeProperty;

/**
 * Signs a webhook as Meta does: {@code sha256=} and the HMAC-SHA256 of the body's bytes, keyed with the app secret, in
 * lower-case hex. Source: WhatsApp Cloud API, "Create a webhook endpoint".
 */
public class WebhookSigner {

    /** The value of {@code X-Hub-Signature-256} for this body. */
    public String sign(@ExchangeProperty("simulatorWebhook") byte[] body, @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        return "sha256=" + HmacSha256.hex(number.appSecret(), body);
    }

    /** A well-formed signature with a wrong secret. */
    public String forge(@ExchangeProperty("simulatorWebhook") byte[] body, @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        return "sha256=" + HmacSha256.hex("not " + number.appSecret(), body);
    }
}
