package io.github.waroutes.simulator.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.waroutes.simulator.common.ControlRequest;
import io.github.waroutes.simulator.common.Ids;
import io.github.waroutes.simulator.common.Json;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.common.SimulatedNumber;
import io.github.waroutes.simulator.common.SimulatedNumbers;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;

/**
 * Webhooks of any field. The samples are in {@code /whatsapp/simulator/webhooks.json}: an object of
 * values by field, in which {@code {account_id}} and the like stand for the simulator's own ids, and {@code {now}} for the time in
 * epoch seconds. Source: WhatsApp Cloud API, the webhook references.
 */
public class SampleWebhooks {

    private static final String SAMPLES = "/whatsapp/simulator/webhooks.json";
    private static final int MAX_BATCH = 1000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, JsonNode> samples = samples();
    private final SimulatedNumbers numbers;

    public SampleWebhooks(SimulatedNumbers numbers) {
        this.numbers = numbers;
    }

    private static Map<String, JsonNode> samples() {
        try (InputStream in = SampleWebhooks.class.getResourceAsStream(SAMPLES)) {
            Map<String, JsonNode> samples = new TreeMap<>();
            JSON.readTree(in).fields().forEachRemaining(field -> samples.put(field.getKey(), field.getValue()));
            return samples;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * {@code POST /simulator/webhooks {"field","value"?}}, or {@code {"batch":[…]}} of them for one webhook.
     *
     * @return the webhook; its fields are in the exchange property {@link CallbackHandshake#FIELD}, the first of them
     */
    public byte[] compose(@Header("Content-Type") String contentType, @Body byte[] body,
            @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number, Exchange exchange) {
        JsonNode request = ControlRequest.object(contentType, body, "{\"field\":\"account_update\"}");
        List<JsonNode> changes = new ArrayList<>();
        if (request.has("batch")) {
            ControlRequest.only(request, Set.of("batch"), "The body takes batch; nothing else");
            request.path("batch").forEach(changes::add);
            if (changes.isEmpty() || changes.size() > MAX_BATCH || !changes.stream().allMatch(JsonNode::isObject)) {
                throw bad("batch must be a list of 1 to " + MAX_BATCH + " objects with a field");
            }
        } else {
            changes.add(request);
        }
        long now = Instant.now().getEpochSecond();
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("object", "whatsapp_business_account");
        ObjectNode entry = root.putArray("entry").addObject().put("id", number.accountId()).put("time", now);
        ArrayNode list = entry.putArray("changes");
        Set<String> fields = new LinkedHashSet<>();
        for (JsonNode change : changes) {
            ControlRequest.only(change, Set.of("field", "value"), "The body takes field, value; nothing else");
            String field = ControlRequest.text(change, "field", 100);
            fields.add(field);
            list.addObject().<ObjectNode>set("value", value(change, field, number, now)).put("field", field);
        }
        exchange.setProperty(CallbackHandshake.FIELD, fields.iterator().next());
        return Json.escapedBytes(root);
    }

    private JsonNode value(JsonNode change, String field, SimulatedNumber number, long now) {
        if (change.has("value")) {
            return change.path("value");
        }
        JsonNode sample = samples.get(field);
        if (sample == null) {
            throw bad("There is no sample for this field: give a value. There are samples for " + String.join(", ", samples.keySet()));
        }
        return filled(sample, number, now);
    }

    private static JsonNode filled(JsonNode node, SimulatedNumber number, long now) {
        if (node.isObject()) {
            ObjectNode copy = JsonNodeFactory.instance.objectNode();
            node.fields().forEachRemaining(field -> copy.set(field.getKey(), filled(field.getValue(), number, now)));
            return copy;
        }
        if (node.isArray()) {
            ArrayNode copy = JsonNodeFactory.instance.arrayNode();
            node.forEach(element -> copy.add(filled(element, number, now)));
            return copy;
        }
        return switch (node.asText()) {
            case "{account_id}" -> TextNode.valueOf(number.accountId());
            case "{phone_number_id}" -> TextNode.valueOf(number.phoneNumberId());
            case "{display_phone_number}" -> TextNode.valueOf(number.display());
            case "{wamid}" -> TextNode.valueOf(Ids.message());
            case "{now}" -> JsonNodeFactory.instance.numberNode(now);
            case "{now_text}" -> TextNode.valueOf(Long.toString(now));
            default -> node;
        };
    }

    /** {@code GET /simulator/webhooks}: {@code [{"field","value"}]}, what is sent when no value is given. */
    public String list(@Header("number") String name) {
        SimulatedNumber number = numbers.named(name);
        long now = Instant.now().getEpochSecond();
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        samples.forEach((field, value) -> list.addObject().put("field", field).set("value", filled(value, number, now)));
        return list.toString();
    }

    /** The answer once the webhook was posted; 502 if it did not answer 200. */
    public Outcome outcome(@ExchangeProperty(CallbackHandshake.FIELD) String field, @Body int webhookStatus) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("field", field).put("webhook_status", webhookStatus);
        if (webhookStatus != 200) {
            json.put("error", "The webhook did not answer 200: look at its log, and at GET /simulator/callback");
        }
        return new Outcome(webhookStatus == 200 ? 200 : 502, json.toString());
    }

    private static Refusal bad(String message) {
        return Refusal.plain(400, message);
    }
}
