package io.github.waroutes.operate;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.error.Masking;
import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.queue.QueueComponent;
import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.queue.QueueMessage;
import io.github.waroutes.queue.QueueShelf;
import io.github.waroutes.queue.StoredMessage;
import io.github.waroutes.state.Keys;
import io.github.waroutes.update.TraceId;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.camel.Exchange;

/**
 * Dead letters, and updates that nothing handled, for an operator: listed, shown, replayed, dropped. The body of a change is JSON:
 * {@code ids} (a list), or {@code filter} (an object), or {@code all}: true; {@code limit} (100, at most 1000: the oldest of those that are
 * meant); and to drop, {@code reason}.
 */
public class StoredMessages {

    private static final Set<String> OF_A_DEAD_LETTER = Set.of(DeadLetters.EXCEPTION, DeadLetters.SOURCE, DeadLetters.ROUTE, DeadLetters.STEP,
            DeadLetters.PLACE, DeadLetters.AT, DeadLetters.ID, DeadLetters.CODE, DeadLetters.TYPE);
    private static final String DIRECT = "direct";
    private static final int LIMIT = 100;
    private static final int SHOWN_OF_A_BODY = 100_000;
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() { };

    private final ObjectMapper json = new ObjectMapper();
    private AuditLog audit;
    private String deadLetter;
    private String unhandled;
    private String inbound;

    public void setAudit(AuditLog audit) {
        this.audit = audit;
    }

    /** @param deadLetter the queue of dead letters */
    public void setDeadLetter(String deadLetter) {
        this.deadLetter = deadLetter;
    }

    /** @param unhandled the queue of updates that nothing handled */
    public void setUnhandled(String unhandled) {
        this.unhandled = unhandled;
    }

    /** @param inbound where updates that nothing handled are replayed to */
    public void setInbound(String inbound) {
        this.inbound = inbound;
    }

    /** In: path {@code shelf}; query: criteria of {@link StoredFilter}, {@code skip}, {@code limit}. Out: total, matching, messages. */
    public Map<String, Object> list(Exchange exchange) throws ActiveMQException {
        Map<String, String> query = ManagementRequest.query(exchange);
        int limit = ManagementRequest.number(query.remove("limit"), "limit", LIMIT, ManagementRequest.MOST);
        int skip = ManagementRequest.number(query.remove("skip"), "skip", 0, Integer.MAX_VALUE);
        QueueShelf.Page page = shelf(exchange).list(queue(exchange), StoredFilter.of(query, name -> ManagementRequest.idOf(name, exchange)), skip, limit);
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("total", page.total());
        out.put("matching", page.matching());
        out.put("messages", page.messages().stream().map(message -> view(message, exchange)).toList());
        return out;
    }

    /** In: path {@code shelf}, {@code id}; query: {@code unmask=true} for headers and body as they are, which needs the token. */
    public Map<String, Object> show(Exchange exchange) throws ActiveMQException {
        String id = exchange.getMessage().getHeader("id", String.class);
        QueueShelf.Page page = shelf(exchange).list(queue(exchange), ids(List.of(id), exchange), 0, 1);
        if (page.messages().isEmpty()) {
            throw new ManagementException(404, "There is no such message. It may have been replayed or dropped.");
        }
        StoredMessage message = page.messages().get(0);
        Map<String, Object> out = view(message, exchange);
        out.put("bytes", message.queueBody().length);
        if (isUnmasked(exchange)) {
            Map<String, Object> headers = new LinkedHashMap<>(message.queueHeaders());
            headers.remove(DeadLetters.EXCEPTION);
            out.put("headers", headers);
            String body = new String(message.queueBody(), StandardCharsets.UTF_8);
            out.put("body", body.length() <= SHOWN_OF_A_BODY ? body : body.substring(0, SHOWN_OF_A_BODY) + "…");
        }
        return out;
    }

    /** Whether a message is asked for as it is; the gate asks the same, so that nothing is shown that it did not allow. */
    static boolean isUnmasked(Exchange exchange) {
        return "true".equals(ManagementRequest.query(exchange).get("unmask"));
    }

    /** Back to the queues they came from, behind what waits there, in order: each is moved once, whatever crashes. */
    public Map<String, Object> replay(Exchange exchange) throws ActiveMQException {
        Map<String, Object> request = ManagementRequest.body(exchange);
        String queue = queue(exchange);
        String filter = meant(request, exchange);
        int limit = limit(request);
        audit.write("replay", about(queue, request));
        int replayed = shelf(exchange).move(queue, filter, limit, this::back);
        return done("replayed", replayed, queue, filter, exchange);
    }

    /** For good, with a reason; the audit log keeps the ids. */
    public Map<String, Object> drop(Exchange exchange) throws ActiveMQException {
        Map<String, Object> request = ManagementRequest.body(exchange);
        ManagementRequest.reason(request, "the audit log keeps it.");
        String queue = queue(exchange);
        String filter = meant(request, exchange);
        int dropped = shelf(exchange).remove(queue, filter, limit(request), messages -> {
            Map<String, Object> about = about(queue, request);
            about.put("dropped", messages.stream().map(StoredMessages::id).toList());
            audit.write("drop", about);
        });
        return done("dropped", dropped, queue, filter, exchange);
    }

    private static Map<String, Object> about(String queue, Map<String, Object> request) {
        Map<String, Object> about = new LinkedHashMap<>();
        about.put("queue", queue);
        about.putAll(request);
        return about;
    }

    private Map<String, Object> done(String what, int count, String queue, String filter, Exchange exchange) throws ActiveMQException {
        return new LinkedHashMap<>(Map.of(what, count, "left", shelf(exchange).list(queue, filter, 0, 0).matching()));
    }

    private QueueShelf.Move back(StoredMessage message) {
        Map<String, Object> headers = new LinkedHashMap<>(message.queueHeaders());
        Object source = headers.getOrDefault(DeadLetters.SOURCE, inbound);
        Object replay = headers.getOrDefault(DeadLetters.ID, UUID.randomUUID().toString());
        headers.keySet().removeAll(OF_A_DEAD_LETTER);
        headers.put(QueueConstants.REPLAY, replay);
        Object id = headers.getOrDefault(OutboundHeaders.ID, headers.getOrDefault(UpdateHeaders.ID, replay));
        Object conversation = headers.get(UpdateHeaders.CONVERSATION);
        // what failed outside of a queue came from a caller, who has heard of it
        return DIRECT.equals(source) ? null : new QueueShelf.Move(source.toString(), new StoredMessage(id.toString(),
                conversation != null ? conversation.toString() : message.queueGroup(), headers, message.queueBody()));
    }

    private Map<String, Object> view(QueueMessage message, Exchange exchange) {
        Map<String, Object> headers = message.queueHeaders();
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("id", id(message));
        put(view, "at", headers.get(DeadLetters.AT));
        put(view, "queue", headers.get(DeadLetters.SOURCE));
        put(view, "kind", headers.get(OutboundHeaders.TYPE) == null ? headers.get(UpdateHeaders.KIND) : "outbound");
        put(view, "type", headers.getOrDefault(OutboundHeaders.TYPE, headers.get(UpdateHeaders.TYPE)));
        NumberSettings numbers = NumberSettings.in(exchange.getContext());
        Object number = headers.get(UpdateHeaders.PHONE_NUMBER_ID);
        put(view, "number", number == null || numbers == null ? null : numbers.registry().nameOf(number.toString()));
        put(view, "user", Masking.user((String) headers.get(UpdateHeaders.USER)));
        put(view, "trace_id", TraceId.of(headers));
        put(view, "route", headers.get(DeadLetters.ROUTE));
        put(view, "step", headers.get(DeadLetters.STEP));
        put(view, "place", headers.get(DeadLetters.PLACE));
        Map<String, Object> error = error(headers.get(DeadLetters.EXCEPTION));
        if (!error.isEmpty()) {
            error.computeIfPresent("message", (key, text) -> Masking.text(text.toString()));
            error.remove("context");
            view.put("error", error);
            view.put("to_do", DIRECT.equals(headers.get(DeadLetters.SOURCE))
                    ? "It failed outside of a queue, and its caller was told. Drop it; it cannot be replayed." : Advice.of(error));
        }
        return view;
    }

    private Map<String, Object> error(Object text) {
        try {
            return text == null ? Map.of() : json.readValue(text.toString(), OBJECT);
        } catch (JsonProcessingException e) {
            return Map.of();
        }
    }

    /** Of a dead letter its own; of anything else a hash, as its update's id holds a person's number. */
    private static String id(QueueMessage message) {
        Object own = message.queueHeaders().get(DeadLetters.ID);
        Object update = message.queueHeaders().getOrDefault(UpdateHeaders.ID, message.queueId());
        return own != null ? own.toString() : update == null ? null : Keys.hash(update.toString());
    }

    private String meant(Map<String, Object> request, Exchange exchange) throws ActiveMQException {
        Object ids = request.get("ids");
        Object filter = request.get("filter");
        boolean all = Boolean.TRUE.equals(request.get("all"));
        if ((ids != null ? 1 : 0) + (filter != null ? 1 : 0) + (all ? 1 : 0) != 1) {
            throw new ManagementException(400, "Say which: ids (a list), or filter (an object), or all: true.");
        }
        if (ids != null) {
            return ids(ManagementRequest.ids(ids), exchange);
        }
        if (filter == null) {
            return null;
        }
        if (!(filter instanceof Map<?, ?> criteria) || criteria.isEmpty()) {
            throw new ManagementException(400, "filter must be an object with at least one criterion.");
        }
        Map<String, String> texts = new LinkedHashMap<>();
        criteria.forEach((name, value) -> texts.put(String.valueOf(name), String.valueOf(value)));
        return StoredFilter.of(texts, name -> ManagementRequest.idOf(name, exchange));
    }

    private String ids(List<String> ids, Exchange exchange) throws ActiveMQException {
        if (queue(exchange).equals(deadLetter)) {
            return StoredFilter.ids(ids, DeadLetters.ID);
        }
        Set<String> wanted = Set.copyOf(ids);
        List<String> updates = new ArrayList<>();
        for (StoredMessage message : shelf(exchange).list(queue(exchange), null, 0, Integer.MAX_VALUE).messages()) {
            if (wanted.contains(id(message)) && message.queueHeaders().get(UpdateHeaders.ID) != null) {
                updates.add(message.queueHeaders().get(UpdateHeaders.ID).toString());
            }
        }
        return StoredFilter.ids(updates.isEmpty() ? List.of("none") : updates, UpdateHeaders.ID);
    }

    private String queue(Exchange exchange) {
        return switch (exchange.getMessage().getHeader("shelf", "", String.class)) {
            case "dead-letters" -> deadLetter;
            case "unhandled" -> unhandled;
            default -> throw new ManagementException(404, "There are /manage/dead-letters and /manage/unhandled.");
        };
    }

    private static QueueShelf shelf(Exchange exchange) {
        return exchange.getContext().getComponent("whatsapp-queue", QueueComponent.class).shelf();
    }

    private static int limit(Map<String, Object> request) {
        return ManagementRequest.number(request.get("limit"), "limit", LIMIT, ManagementRequest.MOST);
    }

    private static void put(Map<String, Object> map, String key, Object value) {
        if (value != null) {
            map.put(key, value);
        }
    }
}
