package io.github.waroutes.simulator.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.waroutes.simulator.common.SimulatedNumber;
import io.github.waroutes.simulator.common.SimulatedNumbers;
import io.github.waroutes.simulator.people.Conversations;
import io.github.waroutes.simulator.people.Users;
import io.github.waroutes.simulator.webhook.SentMessage;
import io.github.waroutes.simulator.webhook.WebhookPayloads;
import java.time.Instant;
import java.util.List;
import org.apache.camel.Body;
import org.apache.camel.ExchangeProperty;

/** Creates status webhooks for messages of the business. */
public class StatusWebhooks {

    private final GraphErrors errors = new GraphErrors();
    private final Conversations all;
    private final WebhookPayloads payloads;

    public StatusWebhooks(Conversations conversations, WebhookPayloads payloads) {
        this.all = conversations;
        this.payloads = payloads;
    }

    /**
     * The webhook for one status of a message.
     *
     * @param status   sent, delivered, read, played or failed
     * @param statuses all the statuses it gets
     */
    public byte[] compose(@ExchangeProperty("simulatorMessage") SentMessage message, @Body String status,
            @ExchangeProperty(StatusSequence.STATUSES) List<String> statuses,
            @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        Conversations conversations = all.of(number);
        conversations.setStatus(message.id(), status);
        if (message.failure() != null) {
            JsonNode error = errors.ofStatus(message.failure()).path(0);
            conversations.setError(message.id(), JsonNodeFactory.instance.objectNode().put("code", message.failure())
                    .put("title", error.path("title").asText()));
        }
        // the price comes with sent, and with one of delivered and read
        boolean priced = status.equals("sent") || status.equals("delivered")
                || status.equals("read") && !statuses.contains("delivered");
        return payloads.status(number, message, conversations.identity(message.user(), Users.DEFAULT_NAME), Instant.now(), status, priced,
                message.failure() == null ? null : errors.ofStatus(message.failure()));
    }
}
