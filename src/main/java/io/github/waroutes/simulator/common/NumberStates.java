package io.github.waroutes.simulator.common;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Body;
import org.apache.camel.Header;

/**
 * The {@link NumberState} of each number. Source: Graph API, "WhatsApp Business Account To Number Current Status" and "Messaging health
 * status". Thread-safe.
 */
public class NumberStates {

    private static final List<String> STATUSES = List.of("CONNECTED", "FLAGGED", "RESTRICTED", "RATE_LIMITED", "PENDING", "UNVERIFIED", "DISCONNECTED",
            "BANNED", "MIGRATED", "DELETED");
    private static final List<String> QUALITIES = List.of("GREEN", "YELLOW", "RED", "UNKNOWN");
    private static final List<String> THROUGHPUTS = List.of("STANDARD", "HIGH");
    private static final List<String> LIMITS = List.of("TIER_50", "TIER_250", "TIER_1K", "TIER_2K", "TIER_10K", "TIER_100K", "TIER_UNLIMITED");
    private static final int LONGEST = 500;

    private final SimulatedNumbers numbers;
    private final Map<String, NumberState> states = new HashMap<>();

    public NumberStates(SimulatedNumbers numbers) {
        this.numbers = numbers;
    }

    public synchronized NumberState of(SimulatedNumber number) {
        return states.getOrDefault(number.name(), NumberState.USUAL);
    }

    public synchronized void reset() {
        states.clear();
    }

    /**
     * {@code POST /simulator/numbers/{name}/state}: {@code {"status"?,"quality_rating"?,"throughput"?,"messaging_limit"?,"payment"?,"limitation"?}};
     * what is left out stays as it is, and an empty object resets it.
     */
    public String change(@Header("name") String name, @Header("Content-Type") String contentType, @Body byte[] body) {
        return change(numbers.named(name), ControlRequest.object(contentType, body, "{\"status\":\"RESTRICTED\"}"));
    }

    /** As {@link #change(String, String, byte[])}. */
    public synchronized String change(SimulatedNumber number, JsonNode request) {
        ControlRequest.only(request, Set.of("status", "quality_rating", "throughput", "messaging_limit", "payment", "limitation"),
                "The body takes limitation, messaging_limit, payment, quality_rating, status, throughput; nothing else");
        NumberState old = request.isEmpty() ? NumberState.USUAL : of(number);
        if (request.has("payment") && !request.path("payment").isBoolean()) {
            throw Refusal.plain(400, "payment must be true (in order) or false");
        }
        NumberState changed = new NumberState(oneOf(request, "status", STATUSES, old.status()), oneOf(request, "quality_rating", QUALITIES, old.quality()),
                oneOf(request, "throughput", THROUGHPUTS, old.throughput()), oneOf(request, "messaging_limit", LIMITS, old.messagingLimit()),
                request.path("payment").asBoolean(old.payment()),
                request.has("limitation") ? request.path("limitation").asText().isEmpty() ? null : ControlRequest.text(request, "limitation", LONGEST)
                        : old.limitation());
        states.put(number.name(), changed);
        ObjectNode shown = JsonNodeFactory.instance.objectNode().put("name", number.name()).put("status", changed.status())
                .put("quality_rating", changed.quality()).put("payment", changed.payment());
        put(shown, "throughput", changed.throughput());
        put(shown, "messaging_limit", changed.messagingLimit());
        put(shown, "limitation", changed.limitation());
        return shown.toString();
    }

    private static void put(ObjectNode shown, String key, String value) {
        if (value != null) {
            shown.put(key, value);
        }
    }

    private static String oneOf(JsonNode request, String field, List<String> values, String old) {
        if (!request.has(field)) {
            return old;
        }
        String value = request.path(field).asText();
        if (!values.contains(value)) {
            throw Refusal.plain(400, field + " must be one of " + String.join(", ", values));
        }
        return value;
    }
}
