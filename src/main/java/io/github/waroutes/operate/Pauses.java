package io.github.waroutes.operate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.queue.QueueComponent;
import io.github.waroutes.queue.QueueOrders;
import io.github.waroutes.setting.CommaSeparated;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.camel.Exchange;

/**
 * Pauses and resumes: the handling of what users write, or the sending, of all numbers or of one. Webhooks and messages to send are stored
 * meanwhile. It holds for all nodes on the broker, and over a restart.
 */
public class Pauses {

    private AuditLog audit;
    private List<String> handling = List.of();
    private List<String> sending = List.of();

    public void setAudit(AuditLog audit) {
        this.audit = audit;
    }

    /** @param handling the queues of updates, with commas between */
    public void setHandling(String handling) {
        this.handling = CommaSeparated.values(handling);
    }

    /** @param sending the queues of messages to send, each split by number, with commas between */
    public void setSending(String sending) {
        this.sending = CommaSeparated.values(sending);
    }

    /** In: {@code what} (handling, sending, all), {@code number} (a NAME: its sending), {@code reason}. Out: what is paused. */
    public List<Map<String, Object>> pause(Exchange exchange) throws ActiveMQException {
        Map<String, Object> request = ManagementRequest.body(exchange);
        String reason = ManagementRequest.reason(request, "whoever finds it paused will want to know.");
        List<String> queues = queues(request);
        String number = number(request, exchange);
        audit.write("pause", request);
        for (String queue : queues) {
            orders(exchange).give(QueueOrders.Kind.PAUSE, queue, number, null, reason);
        }
        return list(exchange);
    }

    /** In: as for a pause, without a reason. Out: what is still paused. */
    public List<Map<String, Object>> resume(Exchange exchange) throws ActiveMQException {
        Map<String, Object> request = ManagementRequest.body(exchange);
        List<String> queues = queues(request);
        String number = number(request, exchange);
        if (number != null && orders(exchange).pauses().stream().anyMatch(pause -> pause.value() == null && queues.contains(pause.queue()))) {
            throw new ManagementException(409, "The sending of all numbers is paused: resume sending.");
        }
        audit.write("resume", request);
        for (String queue : queues) {
            orders(exchange).resume(queue, number);
        }
        return list(exchange);
    }

    /** What is paused: {@code what}, {@code number}, {@code since}, {@code reason}. */
    public List<Map<String, Object>> list(Exchange exchange) {
        Map<String, Map<String, Object>> pauses = new LinkedHashMap<>();
        for (QueueOrders.Order order : orders(exchange).pauses()) {
            String what = handling.contains(order.queue()) ? "handling" : "sending";
            Map<String, Object> pause = new LinkedHashMap<>();
            pause.put("what", what);
            if (order.value() != null) {
                String name = NumberSettings.in(exchange.getContext()).registry().nameOf(order.value());
                pause.put("number", name == null ? NumberSettings.OTHER : name);
            }
            pause.put("since", order.at().toString());
            pause.put("reason", order.reason());
            pauses.putIfAbsent(what + ' ' + order.value(), pause);
        }
        return new ArrayList<>(pauses.values());
    }

    private List<String> queues(Map<String, Object> request) {
        return switch (String.valueOf(request.getOrDefault("what", request.get("number") == null ? "all" : "sending"))) {
            case "sending" -> sending;
            case "handling" -> requireNoNumber(request, handling);
            case "all" -> requireNoNumber(request, Stream.concat(handling.stream(), sending.stream()).toList());
            default -> throw new ManagementException(400, "what must be handling, sending or all.");
        };
    }

    private static List<String> requireNoNumber(Map<String, Object> request, List<String> queues) {
        if (request.get("number") != null) {
            throw new ManagementException(400, "Of one number only the sending can be paused: updates of all numbers share their queues.");
        }
        return queues;
    }

    private static String number(Map<String, Object> request, Exchange exchange) {
        Object name = request.get("number");
        return name == null ? null : ManagementRequest.idOf(name.toString(), exchange);
    }

    private static QueueOrders orders(Exchange exchange) {
        return exchange.getContext().getComponent("whatsapp-queue", QueueComponent.class).orders();
    }
}
