package io.github.waroutes.operate;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.waroutes.number.BusinessNumber;
import io.github.waroutes.number.NumberRegistry;
import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.queue.QueueDepth;
import io.github.waroutes.queue.QueueOrders;
import io.github.waroutes.send.NumberGate;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.camel.Exchange;

/** The numbers and the queues as they are at this moment, for an operator. */
public class Overview {

    /** One object a number: {@code name}, {@code account}, {@code app}, {@code state} (ok, throttled, stopped, paused), why and until when, {@code waiting}. */
    public List<Map<String, Object>> numbers(Exchange exchange) throws ActiveMQException {
        NumberRegistry registry = NumberSettings.in(exchange.getContext()).registry();
        NumberGate gate = exchange.getContext().getRegistry().lookupByNameAndType("whatsappNumbers", NumberGate.class);
        Map<String, Long> waiting = new LinkedHashMap<>();
        QueueDepths depths = depths(exchange);
        for (String queue : depths.outbound()) {
            depths.of(queue).forEach(one -> waiting.merge(one.value(), one.messages(), Long::sum));
        }
        List<QueueOrders.Order> pauses = depths.component().orders().pauses().stream().filter(pause -> depths.outbound().contains(pause.queue())).toList();
        List<NumberGate.Rest> rests = gate == null ? List.of() : gate.rests();
        List<Map<String, Object>> numbers = new ArrayList<>();
        for (BusinessNumber number : registry.all()) {
            Map<String, Object> view = number(number.name(), number.accountId(), number.app(), number.phoneNumberId(), rests, waiting);
            pauses.stream().filter(pause -> pause.value() == null || pause.value().equals(number.phoneNumberId())).findFirst().ifPresent(pause -> {
                view.put("state", "paused");
                view.put("reason", pause.reason());
                view.put("since", pause.at().truncatedTo(ChronoUnit.SECONDS).toString());
            });
            numbers.add(view);
        }
        rests.stream().map(NumberGate.Rest::phoneNumberId).distinct().filter(id -> registry.byId(id) == null && registry.nameOf(id) != null)
                .forEach(id -> numbers.add(number(registry.nameOf(id), null, null, id, rests, waiting)));
        return numbers;
    }

    private static Map<String, Object> number(String name, String account, String app, String id, List<NumberGate.Rest> rests,
            Map<String, Long> waiting) {
        Map<String, Object> number = new LinkedHashMap<>();
        number.put("name", name);
        number.put("account", account == null ? "" : account);
        number.put("app", app == null ? "" : app);
        number.put("state", "ok");
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        rests.stream().filter(rest -> rest.phoneNumberId().equals(id)).forEach(rest -> {
            number.put("state", rest.stopped() ? "stopped" : "throttled");
            number.put("scope", rest.scope());
            number.put("error", rest.error());
            number.put("since", now.minusSeconds(rest.since().toSeconds()).toString());
            number.put("tries_again", now.plusSeconds(Math.max(0, rest.left().toSeconds())).toString());
        });
        number.put("waiting", waiting.getOrDefault(id, 0L));
        return number;
    }

    /** One object a queue: {@code name}, {@code messages}, and {@code oldest_seconds}, how long the oldest has been in it. */
    public List<Map<String, Object>> queues(Exchange exchange) throws ActiveMQException {
        QueueDepths depths = depths(exchange);
        List<Map<String, Object>> all = new ArrayList<>();
        for (String queue : depths.queues()) {
            QueueDepth depth = depths.of(queue).stream().reduce(new QueueDepth(null, 0, null), QueueDepth::plus);
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", queue);
            one.put("messages", depth.messages());
            if (depth.oldest() != null) {
                one.put("oldest_seconds", Math.max(0, Duration.between(depth.oldest(), Instant.now()).toSeconds()));
            }
            if (depths.component().orders().pauses().stream().anyMatch(pause -> pause.queue().equals(queue) && pause.value() == null)) {
                one.put("paused", true);
            }
            all.add(one);
        }
        return all;
    }

    private static QueueDepths depths(Exchange exchange) {
        return exchange.getContext().getRegistry().lookupByNameAndType("whatsappQueueDepths", QueueDepths.class);
    }
}
