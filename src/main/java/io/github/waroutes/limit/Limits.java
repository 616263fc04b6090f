package io.github.waroutes.limit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.waroutes.error.WhatsAppRateLimitException;
import io.github.waroutes.state.StateUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asked before each send, so that Meta never has to refuse one for its pace (Meta: throughput, messaging-limits,
 * about-the-platform): messages per second of a number, messages to one user, users an account may write to within 24 hours,
 * and the call budgets of the app and the account.
 *
 * <p>A place in a number's flow is given at once, in the order of asking, and is kept while the caller waits. Whoever
 * has to wait for anything else (a pair, a budget, room for bulk) takes nothing meanwhile and asks again, so its wait is nobody
 * else's. Messages of one pair keep their order if the caller sends them one after another.
 *
 * <p>Each limit has a class of its own, which this one asks: {@link NumberRates}, {@link Pairs}, {@link MessagingLimits} and
 * {@link CallBudgets}. What one send must know of all of them is read at once.
 */
public class Limits {

    public static final String NUMBER = "number";
    public static final String ACCOUNT = "account";
    public static final String APP = "app";
    private static final String PAIR = "pair";

    private static final Logger LOG = LoggerFactory.getLogger(Limits.class);
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final LimitState state;
    private final LimitSettings settings;
    private final NumberRates rates;
    private final Pairs pairs;
    private final MessagingLimits messagingLimits;
    private final CallBudgets budgets;
    private final NumberAccounts accounts;
    private LimitMetrics metrics;

    /** With the default settings. */
    public Limits(LimitState state) {
        this(state, new LimitSettings());
    }

    /** @param state from {@link LimitStates} */
    public Limits(LimitState state, LimitSettings settings) {
        this.state = state;
        this.settings = settings;
        accounts = new NumberAccounts(state);
        rates = new NumberRates(state, settings, accounts);
        pairs = new Pairs(state);
        messagingLimits = new MessagingLimits(state, settings);
        budgets = new CallBudgets(state, settings);
    }

    LimitSettings settings() {
        return settings;
    }

    /** Shows what is left; without it nothing is shown. */
    public void setMetrics(LimitMetrics metrics) {
        this.metrics = metrics;
    }

    /**
     * Whether this may be sent now. Never blocks for longer than a look into the state takes.
     *
     * @throws WhatsAppRateLimitException if the account has written to as many users as it may ({@code WAIT_LONG},
     *                                    {@code ACCOUNT}; {@code minimumWait} until the first of them is 24 hours old)
     * @throws StateUnavailableException if the state is in Redis and Redis fails: nothing is known, hold the message
     */
    public Reservation reserve(SendRequest request) {
        if (metrics != null) {
            metrics.used(this, request);
        }
        String pair = LimitKeys.pair(request.phoneNumberId(), request.user());
        NumberLimit number = rates.number(request.phoneNumberId());
        return number.run(() -> reserve(request, pair, number));
    }

    private Reservation reserve(SendRequest request, String pair, NumberLimit number) {
        NumberLimits set = settings.of(request.phoneNumberId());
        long now = state.time().currentTimeNanos();
        long nowMillis = now / NANOS_PER_MILLI;
        Map<String, String> known = state.read(keys(request, pair, number));

        long pausedFor = budgets.pausedUntil(request, known) - nowMillis;
        long held = Math.max(pausedFor, pairs.restsUntil(pair, known, nowMillis) - nowMillis);
        if (held > 0) {
            return later(held == pausedFor ? APP : PAIR, held * NANOS_PER_MILLI);
        }
        int rate = rates.rate(number, known, nowMillis);
        Bucket bucket = number.bucket(rate, now);
        long replies = request.bulk() ? set.replyTokens(number.capacity(rate)) : 0;
        long wait = bucket.estimateAbilityToConsume(1 + replies).getNanosToWaitForRefill();
        if (request.bulk() && wait > 0) {
            // each comes to ask at a time of its own: thousands that all asked again after the same wait would do nothing else
            return later(NUMBER, number.turnToAsk(now + wait, rate) - now);
        }
        if (wait > set.longestReservation().toNanos()) {
            return later(NUMBER, wait - set.longestReservation().toNanos());
        }
        if (request.startsConversation()) {
            messagingLimits.count(request, known);
        }
        if (request.bulk() && !take(bucket, replies)) {
            return later(NUMBER, number.turnToAsk(now + Duration.ofSeconds(1).toNanos() / rate, rate) - now);
        }
        if (!request.reachesUser()) {
            return taken(request.bulk() ? 0 : bucket.consumeIgnoringRateLimits(1));
        }
        // looked at as of the moment when the message leaves: those of one pair that wait for the number do not leave together
        ConsumptionProbe probe = pairs.take(pair, set.pair(), now + wait);
        if (!probe.isConsumed()) {
            if (request.bulk()) {
                bucket.addTokens(1);
            }
            return later(PAIR, probe.getNanosToWaitForRefill());
        }
        // what was estimated may be a little less: others took places meanwhile
        return taken(request.bulk() ? 0 : bucket.consumeIgnoringRateLimits(1));
    }

    private Reservation later(String limit, long nanos) {
        waits(limit);
        return Reservation.later(nanos);
    }

    private Reservation taken(long nanos) {
        if (nanos > 0) {
            waits(NUMBER);
        }
        return Reservation.taken(nanos);
    }

    private void waits(String limit) {
        if (metrics != null) {
            metrics.waits(limit);
        }
    }

    /** Bulk takes a token if it leaves the replies theirs; several that saw the same ones left do not all take one. */
    private static boolean take(Bucket bucket, long replies) {
        ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(1);
        if (probe.isConsumed() && probe.getRemainingTokens() < replies) {
            bucket.addTokens(1);
            return false;
        }
        return probe.isConsumed();
    }

    private List<String> keys(SendRequest request, String pair, NumberLimit number) {
        List<String> keys = new ArrayList<>(7);
        if (request.reachesUser()) {
            keys.add(LimitKeys.block(pair));
        }
        keys.addAll(budgets.keys(request));
        keys.addAll(rates.keys(number));
        if (request.startsConversation()) {
            keys.add(LimitKeys.tier(request.accountId()));
        }
        return keys;
    }

    /**
     * A message came in: Meta counts it against the number's throughput too (Meta: throughput). Takes a place without waiting, but
     * never more than a second's worth ahead: a backlog that is worked off now came to Meta's notice earlier.
     */
    public void received(String phoneNumberId) {
        noted(() -> rates.received(phoneNumberId));
    }

    /** Meta refused a send for the number's pace (130429): halves its rate, which then grows back by a tenth every 10 s. */
    public void throttled(String phoneNumberId) {
        noted(() -> rates.throttled(phoneNumberId));
    }

    /** Meta refused a send for the pair's pace (131056): the pair rests 1, 4, 16, … seconds. */
    public void pairThrottled(String phoneNumberId, String user) {
        noted(() -> pairs.throttled(LimitKeys.pair(phoneNumberId, user)));
    }

    /** Meta took a message: the pair's next refusal is a first one again. */
    public void sent(String phoneNumberId, String user) {
        noted(() -> pairs.sent(LimitKeys.pair(phoneNumberId, user)));
    }

    /**
     * Reads the call budgets in the headers of any answer of the Graph API ({@code X-App-Usage},
     * {@code X-Business-Use-Case-Usage}); what it cannot read it leaves out.
     *
     * @param phoneNumberId the number whose token the call had; null: the first's
     */
    public void observe(String phoneNumberId, Map<String, ?> headers) {
        for (CallUsage usage : CallUsage.read(headers)) {
            noted(() -> budgets.observe(usage, settings.appOf(phoneNumberId)));
        }
    }

    /**
     * Tells which number a display number is, as each inbound webhook does in its {@code metadata}: Meta's news about a number's
     * throughput names only the display number.
     */
    public void learn(String phoneNumberId, String displayNumber) {
        String hash = LimitKeys.displayHash(displayNumber);
        if (hash != null && !phoneNumberId.isBlank()) {
            rates.number(phoneNumberId).displayHash(hash);
        }
    }

    /** Tells which account a number belongs to, as each update does: Meta's news about messaging limits and budgets name the account. */
    public void learnAccount(String phoneNumberId, String accountId) {
        noted(() -> accounts.learn(phoneNumberId, accountId));
    }

    /** The account of a number: as an update told, now or before a restart; else the only one there is; else one that stands for it. */
    public String accountOf(String phoneNumberId) {
        return accounts.of(phoneNumberId);
    }

    /**
     * Takes up what a webhook says about a number's throughput or an account's messaging limit; anything else changes nothing.
     *
     * @param change a webhook of Meta, whole or one change of it: fields {@code phone_number_quality_update} and
     *               {@code business_capability_update}
     * @throws StateUnavailableException if the state is in Redis and Redis fails
     */
    public void onChange(Map<String, Object> change) {
        for (LimitChange one : LimitChange.read(change)) {
            accounts.named(one.accountId());
            one.tier().ifPresent(limit -> messagingLimits.told(one.accountId(), limit));
            String number = one.phoneNumberId() != null ? one.phoneNumberId() : LimitKeys.displayHash(one.displayNumber());
            if (number != null && one.throughput() == LimitChange.Throughput.UPGRADED) {
                rates.upgrade(number, one.accountId(), true);
                LOG.info("A number of account {} has the higher throughput", one.accountId());
            } else if (number != null && one.throughput() == LimitChange.Throughput.STANDARD) {
                rates.upgrade(number, one.accountId(), false);
            }
        }
    }

    /**
     * What a limit leaves: {@code number}: messages that may leave at once; {@code account}: users that may still be written to
     * within 24 hours, infinite without a limit; {@code app}: percent of the call budget, as the last answer told it to this process.
     *
     * @param kind number, account or app
     * @param key  the phone_number_id or the account id
     */
    public double remaining(String kind, String key) {
        return switch (kind) {
            case NUMBER -> rates.remaining(key);
            case ACCOUNT -> messagingLimits.remaining(key);
            case APP -> budgets.remaining(APP.equals(key) ? LimitSettings.FIRST_APP : key);
            default -> throw new IllegalArgumentException("There is no limit of a " + kind + ": number, account or app");
        };
    }

    /** How many pairs have to wait, as far as this process was asked. */
    public long limitedPairs() {
        return pairs.waiting();
    }

    // what is only noted must not fail a message that was already sent: it would be sent twice
    private static void noted(Runnable note) {
        try {
            note.run();
        } catch (StateUnavailableException e) {
            LOG.warn("Redis did not take a note about the limits: {}", e.getClass().getSimpleName());
        }
    }
}
