package io.github.waroutes.limit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.github.bucket4j.Bucket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How many messages per second each number may send: as set, as Meta upgraded it, and less for a while after Meta throttled it. */
final class NumberRates {

    private static final Logger LOG = LoggerFactory.getLogger(NumberRates.class);

    private final LimitState state;
    private final LimitSettings settings;
    private final NumberAccounts accounts;
    private final Map<String, NumberLimit> numbers = new ConcurrentHashMap<>();

    NumberRates(LimitState state, LimitSettings settings, NumberAccounts accounts) {
        this.state = state;
        this.settings = settings;
        this.accounts = accounts;
    }

    NumberLimit number(String phoneNumberId) {
        return numbers.computeIfAbsent(phoneNumberId, id -> new NumberLimit(id, state, settings.of(id).burstSeconds()));
    }

    /** What must be read to know a number's rate. */
    List<String> keys(NumberLimit number) {
        String id = number.phoneNumberId();
        // a webhook is signed for its account, and may name any number: it counts for that account's; an older version did not note the account
        String configured = settings.accountOf(id);
        String account = configured.isEmpty() ? accounts.of(id) : configured;
        List<String> keys = new ArrayList<>(List.of(LimitKeys.cut(id), LimitKeys.throughput(id), LimitKeys.throughput(id, account)));
        if (number.displayHash() != null) {
            keys.add(LimitKeys.throughput(number.displayHash()));
            keys.add(LimitKeys.throughput(number.displayHash(), account));
        }
        return keys;
    }

    int rate(NumberLimit number, Map<String, String> known, long nowMillis) {
        NumberLimits set = settings.of(number.phoneNumberId());
        int full = full(set, known);
        return set.adaptive()
                ? NumberCut.rate(NumberCut.parse(known.get(LimitKeys.cut(number.phoneNumberId()))), full, nowMillis)
                : full;
    }

    /** @param known what was read of {@link #keys}: what it tells of an upgrade is about this number */
    private static int full(NumberLimits set, Map<String, String> known) {
        return set.rate(known.keySet().stream().anyMatch(key -> key.startsWith(LimitKeys.THROUGHPUT)));
    }

    /** Takes a place without waiting, but never more than a second's worth ahead. */
    void received(String phoneNumberId) {
        NumberLimit number = number(phoneNumberId);
        number.run(() -> {
            long now = state.time().currentTimeNanos();
            int rate = rateNow(number);
            Bucket bucket = number.bucket(rate, now);
            return bucket.getAvailableTokens() > -rate ? bucket.consumeIgnoringRateLimits(1) : 0;
        });
    }

    /** Halves the rate, unless the refusal belongs to the last one. */
    void throttled(String phoneNumberId) {
        if (settings.of(phoneNumberId).adaptive()) {
            NumberLimit number = number(phoneNumberId);
            number.run(() -> cut(number));
        }
    }

    private NumberCut cut(NumberLimit number) {
        Map<String, String> known = state.read(keys(number));
        int full = full(settings.of(number.phoneNumberId()), known);
        String key = LimitKeys.cut(number.phoneNumberId());
        NumberCut cut = NumberCut.parse(known.get(key));
        NumberCut next = NumberCut.next(cut, full, state.nowMillis());
        if (!next.equals(cut)) {
            state.write(key, next.toString(), next.lifetime(full));
            if (cut == null || cut.rate() != next.rate()) {
                LOG.warn("Number {} was throttled by Meta: its limit is {} messages per second now", number.phoneNumberId(), next.rate());
            }
        }
        return next;
    }

    /** Messages that may leave at once. */
    double remaining(String phoneNumberId) {
        NumberLimit number = number(phoneNumberId);
        return number.run(() -> {
            long now = state.time().currentTimeNanos();
            return Math.max(0, number.bucket(rateNow(number), now).getAvailableTokens());
        });
    }

    /**
     * @param number    a phone number's id, or the hash of its display number
     * @param accountId who says so
     */
    void upgrade(String number, String accountId, boolean upgraded) {
        if (upgraded) {
            state.write(LimitKeys.throughput(number, accountId), "upgraded", LimitState.KEPT);
        } else {
            state.delete(LimitKeys.throughput(number, accountId));
            state.delete(LimitKeys.throughput(number));
        }
    }

    private int rateNow(NumberLimit number) {
        return rate(number, state.read(keys(number)), state.nowMillis());
    }
}
