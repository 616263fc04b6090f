package io.github.waroutes.operate;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.waroutes.number.BusinessNumber;
import io.github.waroutes.number.NumberRegistry;
import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.queue.QueueComponent;
import io.github.waroutes.send.NumberGate;
import io.github.waroutes.setting.CommaSeparated;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.camel.Exchange;

/** The numbers and the queues as they are at this moment, for an operator. */
public class Overview {

    private List<String> queues = List.of();
    private List<String> outbound = List.of();
    private List<String> shelves = List.of();

    /** @param queues the names of all queues, with commas between */
    public void setQueues(String queues) {
        this.queues = CommaSeparated.values(queues);
    }

    /** @param outbound those that have a queue for each number, with commas between */
    public void setOutbound(String outbound) {
        this.outbound = CommaSeparated.values(outbound);
    }

    /** @param shelves those that nobody consumes, with commas between */
    public void setShelves(String shelves) {
        this.shelves = CommaSeparated.values(shelves);
    }

    /** One object a number: {@code name}, {@code account}, {@code app}, {@code state} (ok, throttled, stopped), why and until when, {@code waiting}. */
    public List<Map<String, Object>> numbers(Exchange exchange) throws ActiveMQException {
        NumberRegistry registry = NumberSettings.in(exchange.getContext()).registry();
        NumberGate gate = exchange.getContext().getRegistry().lookupByNameAndType("whatsappNumbers", NumberGate.class);
        Map<String, Long> waiting = new LinkedHashMap<>();
        for (String queue : outbound) {
            component(exchange).depths(queue).forEach((id, count) -> waiting.merge(id, count, Long::sum));
        }
        List<NumberGate.Rest> rests = gate == null ? List.of() : gate.rests();
        List<Map<String, Object>> numbers = new ArrayList<>();
        for (BusinessNumber number : registry.all()) {
            numbers.add(number(number.name(), number.accountId(), number.app(), number.phoneNumberId(), rests, waiting));
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

    /** One object a queue: {@code name}, {@code messages}. */
    public List<Map<String, Object>> queues(Exchange exchange) throws ActiveMQException {
        List<Map<String, Object>> all = new ArrayList<>();
        for (String queue : queues) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", queue);
            one.put("messages", shelves.contains(queue) ? component(exchange).shelf().count(queue) : component(exchange).messageCount(queue));
            all.add(one);
        }
        return all;
    }

    private static QueueComponent component(Exchange exchange) {
        return exchange.getContext().getComponent("whatsapp-queue", QueueComponent.class);
    }
}
