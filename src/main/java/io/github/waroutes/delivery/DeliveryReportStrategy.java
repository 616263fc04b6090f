package io.github.waroutes.delivery;

import java.util.LinkedHashMap;
import java.util.Map;

import io.github.waroutes.number.NumberLookup;
import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;
import org.apache.camel.Predicate;

/**
 * Makes one report of a message out of the events about it (see {@link DeliveryChange#event()}). An event is a {@link DeliveryChange}, or a JSON object with
 * {@code outbound_id}, {@code state}, and {@code at} or {@code times}; and, if known, {@code before}, {@code wamid}, {@code phone_number_id}, {@code price} or
 * {@code category}, {@code error}, and what else {@link Delivery#toMap()} has.
 * <p>
 * Only a {@link Delivery} is kept of an exchange: its headers, properties and variables say more, and Redis would keep that too.
 */
public class DeliveryReportStrategy implements AggregationStrategy, Predicate {

    private final NumberLookup numbers = new NumberLookup();

    /** Whether the report is complete: the message was read, played, or failed. */
    @Override
    public boolean matches(Exchange collected) {
        return collected(collected).state().isFinal();
    }

    @Override
    public Exchange aggregate(Exchange collected, Exchange event) {
        Delivery news = read(event);
        Exchange kept = collected == null ? emptied(event) : collected;
        kept.getMessage().setBody(collected == null ? news : collected(collected).and(news));
        return kept;
    }

    /**
     * The report: {@link Delivery#toMap(NumberSettings)} and {@code complete}, false if only time has ended the collection. The header
     * {@code WhatsAppMessageType} has the state, {@code WhatsAppMessageId} the wamid, {@code WhatsAppPhoneNumberId} the number,
     * {@code WhatsAppTraceId} the id of its log events.
     */
    @Override
    public void onCompletion(Exchange collected) {
        Delivery all = collected(collected);
        Map<String, Object> report = new LinkedHashMap<>(all.toMap(numbers.in(collected.getContext())));
        report.put("complete", all.state().isFinal());
        collected.getMessage().setBody(Delivery.json(report));
        collected.getMessage().setHeader(UpdateHeaders.KIND, "delivery");
        collected.getMessage().setHeader(UpdateHeaders.TYPE, all.state().label());
        if (all.number() != null) {
            collected.getMessage().setHeader(UpdateHeaders.PHONE_NUMBER_ID, all.number());
        }
        if (all.traceId() != null) {
            collected.getMessage().setHeader(UpdateHeaders.TRACE_ID, all.traceId());
        }
        if (all.wamid() != null) {
            collected.getMessage().setHeader(UpdateHeaders.MESSAGE_ID, all.wamid());
        }
    }

    // text if it was in a repository
    static Delivery collected(Exchange collected) {
        return collected.getMessage().getBody() instanceof Delivery known
                ? known
                : Delivery.fromJson(collected.getMessage().getBody(String.class));
    }

    private static Delivery read(Exchange event) {
        if (event.getMessage().getBody() instanceof DeliveryChange change) {
            return change.delivery();
        }
        Map<String, Object> map = new LinkedHashMap<>(Delivery.map(event.getMessage().getBody(String.class)));
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
