package io.github.waroutes.delivery;

import java.util.LinkedHashMap;
import java.util.Map;

import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.Body;
import org.apache.camel.Exchange;

/**
 * Makes one report of a message out of the events about it (see {@link DeliveryChange#event()}). An event is a JSON object with
 * {@code outbound_id}, {@code state}, and {@code at} or {@code times}; and, if known, {@code before}, {@code wamid}, {@code price} or
 * {@code category}, and {@code error}.
 * <p>
 * Only the text is kept of an exchange: its headers, properties and variables name people, and Redis would keep them too.
 */
public class DeliveryReportStrategy implements AggregationStrategy {

    /**
     * Whether an event is for the collection: it has our id, and the message was not reported as read or played before. One that failed
     * moves on only if we had given it up and somebody replayed it; that begins a new report.
     */
    public boolean belongs(@Body String event) {
        if (event == null || event.isBlank()) {
            return false;
        }
        Map<String, Object> map = Delivery.map(event);
        DeliveryState before = DeliveryState.of(map.get("before"));
        return Delivery.text(map.get("outbound_id")) != null && (before == null || before == DeliveryState.FAILED || !before.isFinal());
    }

    /** What the events of one message have in common. */
    public String key(@Body String event) {
        return Keys.hash(String.valueOf(Delivery.map(event).get("outbound_id")));
    }

    /** Whether the report is complete: the message was read, played, or failed. */
    public boolean isComplete(@Body String collected) {
        return Delivery.fromJson(collected).state().isFinal();
    }

    @Override
    public Exchange aggregate(Exchange collected, Exchange event) {
        Delivery news = read(event.getMessage().getBody(String.class));
        Exchange kept = collected == null ? emptied(event) : collected;
        Delivery all = collected == null ? news : Delivery.fromJson(collected.getMessage().getBody(String.class)).and(news);
        kept.getMessage().setBody(all.toJson());
        return kept;
    }

    /**
     * The report: {@link Delivery#toMap()} and {@code complete}, false if only time has ended the collection. The header
     * {@code WhatsAppMessageType} has the state, {@code WhatsAppMessageId} the wamid.
     */
    @Override
    public void onCompletion(Exchange collected) {
        Delivery all = Delivery.fromJson(collected.getMessage().getBody(String.class));
        Map<String, Object> report = new LinkedHashMap<>(all.toMap());
        report.put("complete", all.state().isFinal());
        collected.getMessage().setBody(Delivery.json(report));
        collected.getMessage().setHeader(UpdateHeaders.KIND, "delivery");
        collected.getMessage().setHeader(UpdateHeaders.TYPE, all.state().label());
        if (all.wamid() != null) {
            collected.getMessage().setHeader(UpdateHeaders.MESSAGE_ID, all.wamid());
        }
    }

    private static Delivery read(String event) {
        Map<String, Object> map = new LinkedHashMap<>(Delivery.map(event));
        if (map.get("at") != null && map.get("state") != null) {
            Map<String, Object> times = new LinkedHashMap<>(Delivery.child(map, "times"));
            times.putIfAbsent(map.get("state").toString(), map.get("at"));
            map.put("times", times);
        }
        if (map.get("category") != null && map.get("price") == null) {
            map.put("price", Map.of("category", map.get("category")));
        }
        return Delivery.fromMap(map);
    }

    private static Exchange emptied(Exchange event) {
        event.getMessage().removeHeaders("*");
        event.removeProperties("*");
        event.removeVariable("*");
        return event;
    }
}
