package io.github.waroutes.burst;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.github.waroutes.queue.QueueUnavailableException;
import io.github.waroutes.state.Keys;
import io.github.waroutes.update.TraceId;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Header;
import org.apache.camel.Message;
import org.apache.camel.support.DefaultExchange;

/**
 * Joins the texts that one user sends in quick succession. An open burst is an update like any other, in Meta's shape, whose array
 * {@code messages} has every text in order; its headers are those of the last one.
 * <p>
 * A full burst ends before the next text is added, not after: of a burst that a text itself completes, camel-redis 4.17 keeps for
 * recovery what was there before that text.
 */
public class BurstStrategy implements AggregationStrategy {

    /** The ids of the joined updates, in order, a line each; only while the burst is open. */
    static final String IDS = "WhatsAppBurstIds";
    /** How many characters their texts have; only while the burst is open. */
    static final String LENGTH = "WhatsAppBurstLength";

    private static final String LINE = "\n";

    private final ObjectMapper json = new ObjectMapper();
    private final int size;
    private final int characters;
    /** Bursts that have ended and are not in the queue yet: the exchange id, by conversation. */
    private final Map<String, String> underWay = new ConcurrentHashMap<>();

    /**
     * @param size       how many texts are one turn at most
     * @param characters how many characters they have at most, together; a longer text is a turn of its own
     */
    public BurstStrategy(int size, int characters) {
        if (size < 1) {
            throw new IllegalArgumentException("whatsapp.burst.size is " + size + ". Give 1 or more.");
        }
        if (characters < 1) {
            throw new IllegalArgumentException("whatsapp.burst.characters is " + characters + ". Give 1 or more.");
        }
        this.size = size;
        this.characters = characters;
    }

    @Override
    public boolean canPreComplete() {
        return true;
    }

    @Override
    public boolean preComplete(Exchange open, Exchange next) {
        if (open == null || ids(open).contains(id(next))) {
            return false;
        }
        return ids(open).size() >= size || length(open) + text(message(next)).length() > characters;
    }

    @Override
    public Exchange aggregate(Exchange open, Exchange next) {
        JsonNode update = read(next);
        JsonNode message = first(update);
        if (open == null) {
            // a fresh exchange: Redis gets what is named here and nothing else of what the flow has put on it
            Exchange burst = new DefaultExchange(next.getContext());
            burst.setProperty(ExchangePropertyKey.AGGREGATED_TIMEOUT, next.getProperty(ExchangePropertyKey.AGGREGATED_TIMEOUT));
            return put(burst, next, update, id(next), text(message).length());
        }
        if (ids(open).contains(id(next))) {
            return open;
        }
        ArrayNode messages = json.createArrayNode().addAll((ArrayNode) value(read(open)).path("messages")).add(message);
        ((ArrayNode) value(update).path("messages")).removeAll().addAll(messages);
        return put(open, next, update, String.join(LINE, ids(open)) + LINE + id(next), length(open) + text(message).length());
    }

    private Exchange put(Exchange burst, Exchange last, JsonNode update, String ids, int length) {
        Message message = burst.getIn();
        message.removeHeaders("*");
        last.getIn().getHeaders().forEach((name, value) -> {
            if (name.startsWith("WhatsApp") && (value instanceof String || value instanceof Long)) {
                message.setHeader(name, value);
            }
        });
        message.setHeader(IDS, ids);
        message.setHeader(LENGTH, length);
        message.setBody(write(update));
        return burst;
    }

    @Override
    public void onCompletion(Exchange burst) {
        underWay.putIfAbsent(conversation(burst), burst.getExchangeId());
    }

    /**
     * Makes the burst the update that goes into the queue. Its id is made of the joined updates' ids, so a burst that is recovered
     * after a crash is the same update, and its replies are the same replies.
     *
     * @throws QueueUnavailableException if an earlier burst of the conversation waits to be stored
     */
    public void update(Exchange burst) {
        if (!burst.getExchangeId().equals(underWay.get(conversation(burst)))) {
            throw waits();
        }
        List<String> ids = ids(burst);
        Message message = burst.getMessage();
        message.removeHeader(IDS);
        message.removeHeader(LENGTH);
        if (ids.size() > 1) {
            message.setHeader(UpdateHeaders.ID, "burst:" + digest(String.join(LINE, ids)));
            message.setHeader(UpdateHeaders.BURST, String.valueOf(ids.size()));
            // the answer belongs to the first; the log event of the burst has them all
            List<String> traces = ids.stream().map(Keys::hash).toList();
            message.setHeader(UpdateHeaders.TRACE_ID, traces.get(0));
            burst.setVariable(TraceId.VARIABLE, traces);
        }
        message.setBody(message.getBody(String.class).getBytes(StandardCharsets.UTF_8));
    }

    /** The burst is in the queue. */
    public void stored(Exchange burst) {
        underWay.remove(conversation(burst), burst.getExchangeId());
    }

    /**
     * Whether what comes next in the conversation may go into the queue.
     *
     * @throws QueueUnavailableException if a burst of the conversation waits to be stored
     */
    public void check(@Header(UpdateHeaders.CONVERSATION) String conversation) {
        if (underWay.containsKey(conversation)) {
            throw waits();
        }
    }

    /** What {@link #check} and {@link #update} wait for: exchange ids by conversation. */
    Map<String, String> underWay() {
        return Map.copyOf(underWay);
    }

    /** Bursts that another node has stored. */
    void storedElsewhere(Map<String, String> bursts) {
        bursts.forEach(underWay::remove);
    }

    private static QueueUnavailableException waits() {
        return new QueueUnavailableException("An earlier burst of this conversation is not stored yet");
    }

    private static String conversation(Exchange exchange) {
        return exchange.getIn().getHeader(UpdateHeaders.CONVERSATION, String.class);
    }

    private static String id(Exchange exchange) {
        return exchange.getIn().getHeader(UpdateHeaders.ID, String.class);
    }

    private static List<String> ids(Exchange burst) {
        return List.of(burst.getIn().getHeader(IDS, String.class).split(LINE));
    }

    private static int length(Exchange burst) {
        return burst.getIn().getHeader(LENGTH, 0, Integer.class);
    }

    private JsonNode message(Exchange exchange) {
        return first(read(exchange));
    }

    private static JsonNode first(JsonNode update) {
        return value(update).path("messages").path(0);
    }

    private static JsonNode value(JsonNode update) {
        return update.path("entry").path(0).path("changes").path(0).path("value");
    }

    private static String text(JsonNode message) {
        return message.path("text").path("body").asText("");
    }

    private JsonNode read(Exchange exchange) {
        try {
            return json.readTree(exchange.getIn().getBody(String.class));
        } catch (JsonProcessingException e) {
            // the parser's own message may quote the text
            throw new IllegalArgumentException("The update is not JSON");
        }
    }

    private String write(JsonNode update) {
        try {
            return json.writeValueAsString(update);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The update cannot be written as JSON");
        }
    }

    private static String digest(String ids) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(ids.getBytes(StandardCharsets.UTF_8)), 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
