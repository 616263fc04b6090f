package io.github.waroutes.simulator.fault;

import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.fault.FaultPlan.Due;
import io.github.waroutes.simulator.fault.FaultPlan.Kind;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * A made-up phone number that stands for a fault: {@code 1999555} and a Graph error code in six digits is refused with it,
 * {@code 1999556} and the code is accepted and fails later, {@code 1999557} and a number of {@link #NUMBERED} gets that
 * fault. A shorter code has zeros in front: {@code 1999555000190}.
 *
 * @param code the Graph error code, in the catalogue or not; null where the fault has none
 */
public record MagicRecipient(Kind kind, Integer code, String key) {

    private static final String REFUSED = "1999555";
    private static final String FAILS = "1999556";
    private static final String STRUCK = "1999557";
    private static final int SLOW = 5_000;
    private static final int NONE = 30_000;
    private static final Map<Integer, Kind> NUMBERED = Map.ofEntries(Map.entry(1, Kind.HTML_502), Map.entry(2, Kind.SLOW),
            Map.entry(3, Kind.NO_ANSWER), Map.entry(4, Kind.CUT), Map.entry(5, Kind.ANSWER_LOST),
            Map.entry(6, Kind.DUPLICATE_WEBHOOK), Map.entry(7, Kind.REORDERED_WEBHOOKS), Map.entry(8, Kind.WRONG_SIGNATURE),
            Map.entry(9, Kind.DELIVERED_SKIPPED), Map.entry(10, Kind.STAYS_SENT), Map.entry(11, Kind.WRONG_HASH),
            Map.entry(12, Kind.EXPIRED_URL), Map.entry(13, Kind.REDIRECT));

    public static Optional<MagicRecipient> of(Recipient recipient) {
        return recipient.isPhone() ? of(recipient.key()) : Optional.empty();
    }

    /** @param key {@link Recipient#key}, or null */
    public static Optional<MagicRecipient> of(String key) {
        if (key == null || !key.matches("199955[567][0-9]{6}")) {
            return Optional.empty();
        }
        int code = Integer.parseInt(key.substring(REFUSED.length()));
        if (key.startsWith(STRUCK)) {
            return Optional.ofNullable(NUMBERED.get(code)).map(kind -> new MagicRecipient(kind, null, key));
        }
        return Optional.of(new MagicRecipient(key.startsWith(FAILS) ? Kind.FAILED_STATUS : Kind.GRAPH_ERROR, code, key));
    }

    public Due due() {
        return new Due(kind, code, null, null, kind == Kind.NO_ANSWER ? NONE : SLOW, null, new SplittableRandom(key.hashCode()));
    }
}
