package io.github.waroutes.queue;

import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.activemq.artemis.api.core.management.ResourceNames;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks the address settings that an external broker has for our queues, and warns of those that lose, repeat or reorder messages, or if
 * the broker does not allow the query. It is asked through its management address (Artemis user manual, "Management").
 */
final class BrokerSettings {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerSettings.class);
    private static final int ANSWER_MILLIS = 5_000;

    private BrokerSettings() {
    }

    /** @param queue one of our queues at the broker, or a name that one of them may have */
    static void check(BrokerConnection connection, String queue) {
        try {
            String settings = connection.manage(ANSWER_MILLIS, ResourceNames.BROKER, "getAddressSettingsAsJSON", queue).toString();
            for (String problem : problems(settings)) {
                LOG.warn("The broker's address settings for {}: {}", queue, problem);
            }
        } catch (Exception e) {
            LOG.warn("The broker does not tell its address settings for {} ({}). See docs/operate.md, \"Several nodes\", for what they must be",
                    queue, e.getClass().getSimpleName());
        }
    }

    /** @param settings the JSON of Artemis' management operation {@code getAddressSettingsAsJSON} */
    static List<String> problems(String settings) throws java.io.IOException {
        JsonNode known = new ObjectMapper().readTree(settings);
        List<String> problems = new ArrayList<>();
        int attempts = known.path("maxDeliveryAttempts").asInt(10);
        if (attempts > 0) {
            problems.add("max-delivery-attempts is " + attempts + ": after so many lost connections the broker gives up messages that a node still"
                    + " sends. Set it to -1");
        }
        if (known.path("redeliveryDelay").asLong() > 0) {
            problems.add("redelivery-delay is " + known.path("redeliveryDelay").asLong() + ": messages would come out of order. Set it to 0");
        }
        String full = known.path("addressFullMessagePolicy").asText("PAGE");
        if (!"PAGE".equals(full) && !"FAIL".equals(full)) {
            problems.add("address-full-policy is " + full + ": " + ("DROP".equals(full) ? "messages would be lost" : "webhooks would hang")
                    + ". Set it to PAGE");
        }
        if (known.path("expiryDelay").asLong(-1) >= 0) {
            problems.add("expiry-delay is " + known.path("expiryDelay").asLong() + ": messages that wait would be lost. Set it to -1");
        }
        return problems;
    }
}
