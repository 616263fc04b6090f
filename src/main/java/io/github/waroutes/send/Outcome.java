package io.github.waroutes.send;

import io.github.waroutes.delivery.Delivery;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The journal's entry for one message: its last attempt, and the outcome of it.
 *
 * @param since     when the last attempt began, by the wall clock; it identifies the attempt, and gives its age
 * @param verdict   {@link Verdict#WAITING}, {@link Verdict#GIVEN_UP} or a settled one
 * @param resends   how often it was sent again because no status came
 * @param number    the phone number id that sends it; null: an earlier version wrote it, without
 * @param givenUpAs the queue and message id under which it was given up; else null
 */
public record Outcome(Instant since, Verdict verdict, int resends, String number, String givenUpAs) {

    public Outcome(Instant since, Verdict verdict) {
        this(since, verdict, 0, null, null);
    }

    Outcome with(Verdict now) {
        return new Outcome(since, now, resends, number, null);
    }

    Outcome givenUp(String as) {
        return new Outcome(since, Verdict.GIVEN_UP, resends, number, as);
    }

    String toJson() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("since", since.toString());
        map.put("verdict", verdict.name());
        if (resends > 0) {
            map.put("resends", resends);
        }
        if (number != null) {
            map.put("number", number);
        }
        if (givenUpAs != null) {
            map.put("given_up_as", givenUpAs);
        }
        return Delivery.json(map);
    }

    /** @throws IllegalArgumentException if it is not what {@link #toJson()} writes */
    static Outcome fromJson(String text) {
        Map<String, Object> map = Delivery.map(text);
        return new Outcome(Delivery.instant(map.get("since")), Verdict.valueOf(String.valueOf(map.get("verdict"))),
                map.get("resends") instanceof Number resends ? resends.intValue() : 0, Delivery.text(map.get("number")),
                Delivery.text(map.get("given_up_as")));
    }
}
