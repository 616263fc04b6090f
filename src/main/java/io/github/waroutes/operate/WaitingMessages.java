package io.github.waroutes.operate;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import io.github.waroutes.error.Masking;
import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.queue.HeldMessage;
import io.github.waroutes.queue.QueueComponent;
import io.github.waroutes.queue.QueueDepth;
import io.github.waroutes.queue.QueueOrders;
import io.github.waroutes.setting.CommaSeparated;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.camel.Exchange;

/**
 * What waits: messages that hold their conversation until they are tried again, and the queues of numbers that are stopped or throttled. An
 * operator lists them, has them tried at once, or gives them up, which makes dead letters of them. The list is this process's; an order holds
 * for all nodes on the broker.
 */
public class WaitingMessages {

    private static final int LIMIT = 100;

    private AuditLog audit;
    private List<String> queues = List.of();
    private List<String> sending = List.of();

    public void setAudit(AuditLog audit) {
        this.audit = audit;
    }

    /** @param queues all queues that are consumed, with commas between */
    public void setQueues(String queues) {
        this.queues = CommaSeparated.values(queues);
    }

    /** @param sending those that are split by number, with commas between */
    public void setSending(String sending) {
        this.sending = CommaSeparated.values(sending);
    }

    /**
     * In: query {@code number} (a NAME), {@code skip}, {@code limit}. Out: {@code total}, {@code messages}: first those that are held, longest
     * first, then what lies in the queues of numbers that cannot send now.
     */
    public Map<String, Object> list(Exchange exchange) throws ActiveMQException {
        Map<String, String> query = ManagementRequest.query(exchange);
        String number = query.get("number") == null ? null : ManagementRequest.idOf(query.get("number"), exchange);
        int skip = ManagementRequest.number(query.get("skip"), "skip", 0, Integer.MAX_VALUE);
        int limit = ManagementRequest.number(query.get("limit"), "limit", LIMIT, ManagementRequest.MOST);
        List<HeldMessage> held = component(exchange).held().stream()
                .filter(message -> number == null || number.equals(message.message().queueHeaders().get(UpdateHeaders.PHONE_NUMBER_ID)))
                .sorted(Comparator.comparing(HeldMessage::storedAt)).toList();
        List<Map<String, Object>> messages = new ArrayList<>();
        held.stream().skip(skip).limit(limit).forEach(message -> messages.add(view(message, null, exchange)));
        long total = held.size();
        RestingNumbers resting = RestingNumbers.of(exchange, sending);
        // the usual case costs the broker nothing: the console asks every few seconds
        for (String queue : resting.isEmpty() ? List.<String>of() : sending) {
            for (QueueDepth depth : component(exchange).depths(queue)) {
                RestingNumbers.Rest rest = number == null || number.equals(depth.value()) ? resting.of(depth.value()) : null;
                if (rest != null) {
                    long taken = held.stream().filter(message -> message.queue().equals(queue)
                            && depth.value().equals(message.message().queueHeaders().get(UpdateHeaders.PHONE_NUMBER_ID))).count();
                    int before = (int) Math.max(0, skip - total);
                    total += Math.max(0, depth.messages() - taken);
                    if (messages.size() < limit && before < depth.messages()) {
                        component(exchange).stored(queue, depth.value(), before, limit - messages.size())
                                .forEach(message -> messages.add(view(message, rest, exchange)));
                    }
                }
            }
        }
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("total", total);
        out.put("messages", messages);
        return out;
    }

    private static Map<String, Object> view(HeldMessage held, RestingNumbers.Rest rest, Exchange exchange) {
        Map<String, Object> headers = held.message().queueHeaders();
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("id", held.queue() + ':' + held.id());
        view.put("state", rest == null ? "held" : rest.state());
        view.put("queue", held.queue());
        view.put("type", headers.getOrDefault(OutboundHeaders.TYPE, headers.get(UpdateHeaders.TYPE)));
        NumberSettings numbers = NumberSettings.in(exchange.getContext());
        Object number = headers.get(UpdateHeaders.PHONE_NUMBER_ID);
        view.put("number", number == null ? null : numbers.registry().nameOf(number.toString()));
        view.put("user", Masking.user((String) headers.get(UpdateHeaders.USER)));
        view.put("stored_at", held.storedAt().truncatedTo(ChronoUnit.SECONDS).toString());
        Instant again = rest == null ? held.again() : rest.triesAgain();
        view.put("tries_again", again == null ? null : again.truncatedTo(ChronoUnit.SECONDS).toString());
        view.put("reason", rest == null ? held.reason() : rest.reason());
        view.put("error", rest == null ? held.error() : rest.error());
        if (rest != null && component(exchange).orders().isGivenUp(held.queue(), held.id())) {
            view.put("given_up", true);
        }
        view.values().removeIf(Objects::isNull);
        return view;
    }

    /** In: {@code ids}, or {@code number} (a NAME: what it sends), or {@code all}: true. They are tried at once. */
    public Map<String, Object> release(Exchange exchange) throws ActiveMQException {
        Map<String, Object> request = ManagementRequest.body(exchange);
        return order(QueueOrders.Kind.RELEASE, "release", request, null, exchange);
    }

    /** The same, and {@code reason}. They become dead letters; of a number, all that it has in its queues now. */
    public Map<String, Object> giveUp(Exchange exchange) throws ActiveMQException {
        Map<String, Object> request = ManagementRequest.body(exchange);
        String reason = ManagementRequest.reason(request, "the audit log keeps it.");
        if (request.get("all") != null) {
            throw new ManagementException(400, "Say which: ids (a list), or number (its NAME).");
        }
        return order(QueueOrders.Kind.GIVE_UP, "give up", request, reason, exchange);
    }

    private Map<String, Object> order(QueueOrders.Kind kind, String action, Map<String, Object> request, String reason, Exchange exchange)
            throws ActiveMQException {
        Object ids = request.get("ids");
        Object number = request.get("number");
        boolean all = Boolean.TRUE.equals(request.get("all"));
        if ((ids != null ? 1 : 0) + (number != null ? 1 : 0) + (all ? 1 : 0) != 1) {
            throw new ManagementException(400, "Say which: ids (a list), or number (its NAME), or all: true.");
        }
        List<Meant> meant = new ArrayList<>();
        if (ids != null) {
            ManagementRequest.ids(ids).forEach(id -> meant.add(meant(id)));
        } else {
            String value = number == null ? null : ManagementRequest.idOf(number.toString(), exchange);
            (number == null ? queues : sending).forEach(queue -> meant.add(new Meant(queue, value, null)));
        }
        audit.write(action, request);
        for (Meant one : meant) {
            component(exchange).orders().give(kind, one.queue(), one.value(), one.message(), reason);
        }
        return Map.of("ordered", meant.size());
    }

    private record Meant(String queue, String value, Long message) {
    }

    private Meant meant(String id) {
        int colon = id.lastIndexOf(':');
        try {
            if (colon > 0 && queues.contains(id.substring(0, colon))) {
                return new Meant(id.substring(0, colon), null, Long.valueOf(id.substring(colon + 1)));
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new ManagementException(400, "An id is a queue, a colon and a number, as the list shows it.");
    }

    private static QueueComponent component(Exchange exchange) {
        return exchange.getContext().getComponent("whatsapp-queue", QueueComponent.class);
    }
}
