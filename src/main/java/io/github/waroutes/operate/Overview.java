package io.github.waroutes.operate;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import io.github.waroutes.number.BusinessNumber;
import io.github.waroutes.number.NumberRegistry;
import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.queue.QueueDepth;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.camel.Exchange;

/** The numbers and the queues as they are at this moment, for an operator. */
public class Overview {

    /** One object a number: {@code name}, {@code account}, {@code app}, {@code state} (ok, throttled, stopped, paused), why and until when, {@code waiting}. */
    public List<Map<String, Object>> numbers(Exchange exchange) throws ActiveMQException {
        NumberRegistry registry = NumberSettings.in(exchange.getContext()).registry();
        Map<String, Long> waiting = new LinkedHashMap<>();
        QueueDepths depths = depths(exchange);
        for (String queue : depths.outbound()) {
            depths.of(queue).forEach(one -> waiting.merge(one.value(), one.messages(), Long::sum));
        }
        RestingNumbers resting = RestingNumbers.of(exchange, depths.outbound());
        List<Map<String, Object>> numbers = new ArrayList<>();
        for (BusinessNumber number : registry.all()) {
            numbers.add(number(number.name(), number.accountId(), number.app(), resting.of(number.phoneNumberId()), waiting.get(number.phoneNumberId())));
        }
        resting.refused().stream().filter(id -> registry.byId(id) == null && registry.nameOf(id) != null)
                .forEach(id -> numbers.add(number(registry.nameOf(id), null, null, resting.of(id), waiting.get(id))));
        return numbers;
    }

    private static Map<String, Object> number(String name, String account, String app, RestingNumbers.Rest rest, Long waiting) {
        Map<String, Object> number = new LinkedHashMap<>();
        number.put("name", name);
        number.put("account", account == null ? "" : account);
        number.put("app", app == null ? "" : app);
        number.put("state", rest == null ? "ok" : rest.state());
        if (rest != null) {
            number.put("scope", rest.scope());
            number.put("error", rest.error());
            number.put("reason", rest.reason());
            number.put("since", seconds(rest.since()));
            number.put("tries_again", seconds(rest.triesAgain()));
            number.values().removeIf(Objects::isNull);
        }
        number.put("waiting", waiting == null ? 0 : waiting);
        return number;
    }

    private static String seconds(Instant instant) {
        return instant == null ? null : instant.truncatedTo(ChronoUnit.SECONDS).toString();
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
