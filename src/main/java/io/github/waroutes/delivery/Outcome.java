package io.github.waroutes.delivery;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is written down of one message whose outcome is unknown.
 *
 * @param since   when its send ended without an answer
 * @param verdict {@link Verdict#WAITING}, or what settled it
 */
public record Outcome(Instant since, Verdict verdict) {

    String toJson() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("since", since.toString());
        map.put("verdict", verdict.name());
        return Delivery.json(map);
    }

    /** @throws IllegalArgumentException if it is not what {@link #toJson()} writes */
    static Outcome fromJson(String text) {
        Map<String, Object> map = Delivery.map(text);
        return new Outcome(Delivery.instant(map.get("since")), Verdict.valueOf(String.valueOf(map.get("verdict"))));
    }
}
