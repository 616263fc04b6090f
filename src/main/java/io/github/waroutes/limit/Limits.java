package io.github.waroutes.limit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Policy.VarExpiration;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConsumptionProbe;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.RetryClass;
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
 */
public class Limits {

    public static final String NUMBER = "number";
    public static final String ACCOUNT = "account";
    public static final String APP = "app";

    static final String TIER_KEYS = "tier:";
    static final String THROUGHPUT_KEYS = "throughput:";
    static final String ACCOUNT_KEYS = "account:";

    private static final Logger LOG = LoggerFactory.getLogger(Limits.class);
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final Duration KEPT = Duration.ofDays(365);
    private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    private final LimitState state;
    private final Map<String, NumberLimit> numbers = new ConcurrentHashMap<>();
    private final Map<String, Long> tiers = new HashMap<>();
    private final Map<String, String> accounts = new ConcurrentHashMap<>();
    private final Cache<String, Boolean> asked = Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofSeconds(10)).build();
    /** The account that webhooks about limits name, null if none did, empty if they name several. */
    private volatile String only;
    private final Cache<String, Boolean> waitingPairs;
    private final VarExpiration<String, Boolean> waitingPairLifetimes;
    private final Cache<String, Boolean> refusedPairs;
    private volatile double appUsage;
    private LimitMetrics metrics;
    private int messagesPerSecond = 80;
    private int upgradedMessagesPerSecond = 1000;
    private double burstSeconds = 0.1;
    private boolean adaptive = true;
    private Duration pairInterval = Duration.ofSeconds(6);
    private int pairBurst = 45;
    private BucketConfiguration pair;
    private long tier = 250;
    private double callBudgetPercent = 95;
    private Duration longestReservation = Duration.ofMinutes(10);
    private double replyShare = 0.2;

    /** @param state from {@link LimitStates} */
    public Limits(LimitState state) {
        this.state = state;
        waitingPairs = pairCache();
        waitingPairLifetimes = waitingPairs.policy().expireVariably().orElseThrow();
        refusedPairs = pairCache();
        pair = pairConfiguration();
    }

    private Cache<String, Boolean> pairCache() {
        return Caffeine.newBuilder().ticker(state.time()::currentTimeNanos).executor(Runnable::run)
                .expireAfter(Expiry.<String, Boolean>creating((key, value) -> Duration.ofHours(2))).build();
    }

    /** Shows what is left; without it nothing is shown. */
    public void setMetrics(LimitMetrics metrics) {
        this.metrics = metrics;
    }

    /** Messages per second of a number: 80, or 20 for one that is also used in the WhatsApp Business app. */
    public void setMessagesPerSecond(int value) {
        messagesPerSecond = (int) atLeast(1, value, "The messages per second of a number");
    }

    /** Messages per second of a number after Meta's {@code THROUGHPUT_UPGRADE}: 1000. */
    public void setUpgradedMessagesPerSecond(int value) {
        upgradedMessagesPerSecond = (int) atLeast(1, value, "The messages per second of an upgraded number");
    }

    /** How many seconds' worth of a number's messages may leave at once after a pause: 0.1. */
    public void setBurstSeconds(double value) {
        burstSeconds = atLeast(0, value, "The burst of a number in seconds");
    }

    /** Whether a number's rate is halved when Meta refuses a send for its pace: true. */
    public void setAdaptive(boolean value) {
        adaptive = value;
    }

    /** Between two messages to one user, in the long run: 6 s. */
    public void setPairInterval(Duration value) {
        pairInterval = positive(value, "The interval of a pair");
        pair = pairConfiguration();
    }

    /** How many messages one user may get at once: 45. */
    public void setPairBurst(int value) {
        pairBurst = (int) atLeast(1, value, "The burst of a pair");
        pair = pairConfiguration();
    }

    /** The messaging limit of an account that Meta's webhooks have said nothing about: 250, 2000 (or TIER_2K), …, unlimited. */
    public void setTier(String value) {
        tier = tier(value);
    }

    /** Messaging limits of single accounts: {@code 1029384756=10000,5647382910=unlimited}. */
    public void setTiers(String value) {
        tiers.clear();
        for (String one : value == null || value.isBlank() ? new String[0] : value.split(",")) {
            String[] parts = one.split("=");
            if (parts.length != 2 || parts[0].isBlank()) {
                throw new IllegalArgumentException("The messaging limits of accounts are to be written as id=limit,id=limit");
            }
            tiers.put(parts[0].trim(), tier(parts[1]));
        }
    }

    /** From which percentage of a call budget on sends wait: 95. */
    public void setCallBudgetPercent(double value) {
        callBudgetPercent = atLeast(1, value, "The percentage of a call budget");
    }

    /** How far ahead a place can be taken: 10 min. */
    public void setLongestReservation(Duration value) {
        longestReservation = positive(value, "The longest reservation");
    }

    /** The share of a number's bucket that bulk leaves to replies: 0.2. */
    public void setReplyShare(double value) {
        if (value >= 1) {
            throw new IllegalArgumentException("The share of replies must be below 1, or bulk is never sent");
        }
        replyShare = atLeast(0, value, "The share of replies");
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
        String pairKey = pairKey(request.phoneNumberId(), request.user());
        NumberLimit number = number(request.phoneNumberId());
        return number.run(() -> reserve(request, pairKey, number));
    }

    private Reservation reserve(SendRequest request, String pairKey, NumberLimit number) {
        long now = state.time().currentTimeNanos();
        Map<String, String> known = state.read(keys(request, pairKey, number));

        long held = held(request, pairKey, known, now / NANOS_PER_MILLI);
        if (held > 0) {
            return Reservation.later(held * NANOS_PER_MILLI);
        }
        int rate = rate(request.phoneNumberId(), number, known, now / NANOS_PER_MILLI);
        Bucket bucket = number.bucket(rate, now);
        long replies = request.bulk() ? repliesTokens(number.capacity(rate)) : 0;
        long wait = bucket.estimateAbilityToConsume(1 + replies).getNanosToWaitForRefill();
        if (request.bulk() && wait > 0) {
            // each comes to ask at a time of its own: thousands that all asked again after the same wait would do nothing else
            return Reservation.later(number.turnToAsk(now + wait, rate) - now);
        }
        if (wait > longestReservation.toNanos()) {
            return Reservation.later(wait - longestReservation.toNanos());
        }
        if (request.startsConversation()) {
            countUser(request, known);
        }
        if (request.bulk() && !take(bucket, replies)) {
            return Reservation.later(number.turnToAsk(now + Duration.ofSeconds(1).toNanos() / rate, rate) - now);
        }
        if (!request.reachesUser()) {
            return Reservation.taken(request.bulk() ? 0 : bucket.consumeIgnoringRateLimits(1));
        }
        // looked at as of the moment when the message leaves: those of one pair that wait for the number do not leave together
        ConsumptionProbe probe = state.takePair(pairKey, pair, now + wait);
        if (!probe.isConsumed()) {
            if (request.bulk()) {
                bucket.addTokens(1);
            }
            limited(pairKey, probe.getNanosToWaitForRefill());
            return Reservation.later(probe.getNanosToWaitForRefill());
        }
        // what was estimated may be a little less: others took places meanwhile
        return Reservation.taken(request.bulk() ? 0 : bucket.consumeIgnoringRateLimits(1));
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

    private List<String> keys(SendRequest request, String pairKey, NumberLimit number) {
        List<String> keys = new ArrayList<>(7);
        if (request.reachesUser()) {
            keys.add(blockKey(pairKey));
        }
        keys.add(pauseKey(null));
        keys.add(pauseKey(request.accountId()));
        keys.addAll(rateKeys(request.phoneNumberId(), number));
        if (request.startsConversation()) {
            keys.add(tierKey(request.accountId()));
        }
        return keys;
    }

    // milliseconds until nothing but the number's own flow is in the way
    private long held(SendRequest request, String pairKey, Map<String, String> known, long now) {
        long until = Math.max(number(known, pauseKey(null)), number(known, pauseKey(request.accountId())));
        PairBlock block = PairBlock.parse(known.get(blockKey(pairKey)));
        if (block != null) {
            refusedPairs.put(pairKey, true);
            limited(pairKey, (block.untilMillis() - now) * NANOS_PER_MILLI);
            until = Math.max(until, block.untilMillis());
        }
        return until - now;
    }

    private void countUser(SendRequest request, Map<String, String> known) {
        long limit = tier(request.accountId(), known);
        if (limit == Tier.UNLIMITED) {
            return;
        }
        long full = state.takeUser(request.accountId(), UserHash.of(request.accountId(), request.user()), limit);
        if (full > 0) {
            Duration wait = Duration.ofMillis(full);
            throw new WhatsAppRateLimitException(ErrorDetails.builder("The account has written to " + limit
                            + " users outside their 24-hour window within 24 hours, its messaging limit. If Meta allows it more, set that limit.")
                    .retryClass(RetryClass.WAIT_LONG).scope(ErrorScope.ACCOUNT).minimumWait(wait)
                    .context("limit", limit).build(), wait);
        }
    }

    private long tier(String accountId, Map<String, String> known) {
        OptionalLong told = Tier.parse(known.get(tierKey(accountId)));
        return told.isPresent() ? told.getAsLong() : tiers.getOrDefault(accountId, tier);
    }

    private long repliesTokens(long capacity) {
        return Math.min(capacity - 1, (long) Math.ceil(replyShare * capacity));
    }

    private List<String> rateKeys(String phoneNumberId, NumberLimit number) {
        List<String> keys = new ArrayList<>(3);
        keys.add(cutKey(phoneNumberId));
        keys.add(throughputKey(phoneNumberId));
        if (number.displayHash() != null) {
            keys.add(throughputKey(number.displayHash()));
        }
        return keys;
    }

    private int rate(String phoneNumberId, NumberLimit number, Map<String, String> known, long now) {
        int full = full(phoneNumberId, number, known);
        return adaptive ? NumberCut.rate(NumberCut.parse(known.get(cutKey(phoneNumberId))), full, now) : full;
    }

    private int full(String phoneNumberId, NumberLimit number, Map<String, String> known) {
        boolean upgraded = known.containsKey(throughputKey(phoneNumberId))
                || number.displayHash() != null && known.containsKey(throughputKey(number.displayHash()));
        return upgraded ? upgradedMessagesPerSecond : messagesPerSecond;
    }

    /**
     * A message came in: Meta counts it against the number's throughput too (Meta: throughput). Takes a place without waiting, but
     * never more than a second's worth ahead: a backlog that is worked off now came to Meta's notice earlier.
     */
    public void received(String phoneNumberId) {
        NumberLimit number = number(phoneNumberId);
        noted(() -> number.run(() -> {
            long now = state.time().currentTimeNanos();
            int rate = rateNow(phoneNumberId, number);
            Bucket bucket = number.bucket(rate, now);
            return bucket.getAvailableTokens() > -rate ? bucket.consumeIgnoringRateLimits(1) : 0;
        }));
    }

    /** Meta refused a send for the number's pace (130429): halves its rate, which then grows back by a tenth every 10 s. */
    public void throttled(String phoneNumberId) {
        if (!adaptive) {
            return;
        }
        NumberLimit number = number(phoneNumberId);
        noted(() -> number.run(() -> cut(phoneNumberId, number)));
    }

    private NumberCut cut(String phoneNumberId, NumberLimit number) {
        Map<String, String> known = state.read(rateKeys(phoneNumberId, number));
        int full = full(phoneNumberId, number, known);
        NumberCut cut = NumberCut.parse(known.get(cutKey(phoneNumberId)));
        NumberCut next = NumberCut.next(cut, full, nowMillis());
        if (!next.equals(cut)) {
            state.write(cutKey(phoneNumberId), next.toString(), next.lifetime(full));
            if (cut == null || cut.rate() != next.rate()) {
                LOG.warn("Number {} was throttled by Meta: its limit is {} messages per second now", phoneNumberId, next.rate());
            }
        }
        return next;
    }

    /** Meta refused a send for the pair's pace (131056): the pair rests 1, 4, 16, … seconds. */
    public void pairThrottled(String phoneNumberId, String user) {
        String pairKey = pairKey(phoneNumberId, user);
        noted(() -> {
            long now = nowMillis();
            String key = blockKey(pairKey);
            PairBlock next = PairBlock.next(PairBlock.parse(state.read(List.of(key)).get(key)), now);
            state.write(key, next.toString(), next.lifetime(now));
            refusedPairs.put(pairKey, true);
            limited(pairKey, (next.untilMillis() - now) * NANOS_PER_MILLI);
        });
    }

    /** Meta took a message: the pair's next refusal is a first one again. */
    public void sent(String phoneNumberId, String user) {
        String pairKey = pairKey(phoneNumberId, user);
        if (refusedPairs.asMap().remove(pairKey) != null) {
            waitingPairs.invalidate(pairKey);
            noted(() -> state.delete(blockKey(pairKey)));
        }
    }

    /**
     * Reads the call budgets in the headers of any answer of the Graph API ({@code X-App-Usage},
     * {@code X-Business-Use-Case-Usage}); what it cannot read it leaves out.
     */
    public void observe(Map<String, ?> headers) {
        for (CallUsage usage : CallUsage.read(headers)) {
            if (usage.accountId() == null) {
                appUsage = usage.percent();
            }
            Duration pause = pause(usage);
            if (!pause.isZero()) {
                noted(() -> pause(usage.accountId(), pause));
            }
        }
    }

    private Duration pause(CallUsage usage) {
        if (!usage.regain().isZero()) {
            return usage.regain();
        }
        if (usage.percent() < callBudgetPercent) {
            return Duration.ZERO;
        }
        double over = callBudgetPercent >= 100 ? 1 : Math.min(1, (usage.percent() - callBudgetPercent) / (100 - callBudgetPercent));
        return SHORTEST_PAUSE.plusMillis((long) (over * LONGEST_PAUSE.minus(SHORTEST_PAUSE).toMillis()));
    }

    private void pause(String accountId, Duration pause) {
        String key = pauseKey(accountId);
        long until = nowMillis() + pause.toMillis();
        if (until > number(state.read(List.of(key)), key)) {
            state.write(key, String.valueOf(until), pause);
            LOG.warn("The call budget of {} is nearly used up: sends wait {} s", accountId == null ? "the app" : "account " + accountId,
                    pause.toSeconds());
        }
    }

    /**
     * Tells which number a display number is, as each inbound webhook does in its {@code metadata}: Meta's news about a number's
     * throughput names only the display number.
     */
    public void learn(String phoneNumberId, String displayNumber) {
        String hash = displayHash(displayNumber);
        if (hash != null && !phoneNumberId.isBlank()) {
            number(phoneNumberId).displayHash(hash);
        }
    }

    /** Tells which account a number belongs to, as each update does: Meta's news about messaging limits and budgets name the account. */
    public void learnAccount(String phoneNumberId, String accountId) {
        if (!accountId.isBlank() && !accountId.equals(accounts.put(phoneNumberId, accountId))) {
            noted(() -> state.write(accountKey(phoneNumberId), accountId, KEPT));
        }
    }

    /** The account of a number: as an update told, now or before a restart; else the only one there is; else one that stands for it. */
    public String accountOf(String phoneNumberId) {
        String known = accounts.get(phoneNumberId);
        if (known != null) {
            return known;
        }
        if (asked.getIfPresent(phoneNumberId) == null) {
            String key = accountKey(phoneNumberId);
            String told = state.read(List.of(key)).get(key);
            if (told != null) {
                accounts.put(phoneNumberId, told);
                return told;
            }
            asked.put(phoneNumberId, true);
        }
        return only == null || only.isEmpty() ? SendRequest.ONE_ACCOUNT : only;
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
            only = only == null || only.equals(one.accountId()) ? one.accountId() : "";
            one.tier().ifPresent(limit -> {
                state.write(tierKey(one.accountId()), limit == Tier.UNLIMITED ? "unlimited" : String.valueOf(limit), KEPT);
                LOG.info("Account {} may write to {} users within 24 hours", one.accountId(),
                        limit == Tier.UNLIMITED ? "any number of" : limit);
            });
            String number = one.phoneNumberId() != null ? one.phoneNumberId() : displayHash(one.displayNumber());
            if (number != null && one.throughput() == LimitChange.Throughput.UPGRADED) {
                state.write(throughputKey(number), "upgraded", KEPT);
                LOG.info("A number of account {} has the higher throughput", one.accountId());
            } else if (number != null && one.throughput() == LimitChange.Throughput.STANDARD) {
                state.delete(throughputKey(number));
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
            case NUMBER -> remainingOf(key);
            case ACCOUNT -> {
                long limit = tier(key, state.read(List.of(tierKey(key))));
                yield limit == Tier.UNLIMITED ? Double.POSITIVE_INFINITY : Math.max(0, limit - state.users(key));
            }
            case APP -> Math.max(0, 100 - appUsage);
            default -> throw new IllegalArgumentException("There is no limit of a " + kind + ": number, account or app");
        };
    }

    private double remainingOf(String phoneNumberId) {
        NumberLimit number = number(phoneNumberId);
        return number.run(() -> {
            long now = state.time().currentTimeNanos();
            return Math.max(0, number.bucket(rateNow(phoneNumberId, number), now).getAvailableTokens());
        });
    }

    /** How many pairs have to wait, as far as this process was asked. */
    public long limitedPairs() {
        waitingPairs.cleanUp();
        return waitingPairs.estimatedSize();
    }

    private int rateNow(String phoneNumberId, NumberLimit number) {
        return rate(phoneNumberId, number, state.read(rateKeys(phoneNumberId, number)), nowMillis());
    }

    private NumberLimit number(String phoneNumberId) {
        return numbers.computeIfAbsent(phoneNumberId, id -> new NumberLimit(id, state, burstSeconds));
    }

    private void limited(String pairKey, long nanos) {
        if (nanos > 0) {
            waitingPairLifetimes.put(pairKey, true, Duration.ofNanos(nanos));
        }
    }

    // what is only noted must not fail a message that was already sent: it would be sent twice
    private static void noted(Runnable note) {
        try {
            note.run();
        } catch (StateUnavailableException e) {
            LOG.warn("Redis did not take a note about the limits: {}", e.getClass().getSimpleName());
        }
    }

    private long nowMillis() {
        return state.time().currentTimeNanos() / NANOS_PER_MILLI;
    }

    private BucketConfiguration pairConfiguration() {
        return BucketConfiguration.builder()
                .addLimit(Bandwidth.builder().capacity(pairBurst).refillGreedy(1, pairInterval).build()).build();
    }

    private static String pairKey(String phoneNumberId, String user) {
        return phoneNumberId + ':' + Long.toHexString(UserHash.of(phoneNumberId, user));
    }

    private static String displayHash(String displayNumber) {
        String digits = displayNumber == null ? "" : displayNumber.replaceAll("[^0-9]", "");
        return digits.isEmpty() ? null : "display:" + Long.toHexString(UserHash.of("display", digits));
    }

    private static String blockKey(String pairKey) {
        return "block:" + pairKey;
    }

    private static String pauseKey(String accountId) {
        return accountId == null ? "pause:app" : "pause:account:" + accountId;
    }

    private static String cutKey(String phoneNumberId) {
        return "cut:" + phoneNumberId;
    }

    private static String throughputKey(String number) {
        return THROUGHPUT_KEYS + number;
    }

    private static String accountKey(String phoneNumberId) {
        return ACCOUNT_KEYS + phoneNumberId;
    }

    private static String tierKey(String accountId) {
        return TIER_KEYS + accountId;
    }

    private static long number(Map<String, String> known, String key) {
        String text = known.get(key);
        return text == null ? 0 : Long.parseLong(text);
    }

    private static long tier(String text) {
        return Tier.parse(text).orElseThrow(() -> new IllegalArgumentException(
                "A messaging limit is 250, 2000, 10000, 100000 or unlimited (or Meta's TIER_2K), and not " + text));
    }

    private static double atLeast(double least, double value, String what) {
        if (!(value >= least)) {
            throw new IllegalArgumentException(what + " must be at least " + least + " and not " + value);
        }
        return value;
    }

    private static Duration positive(Duration value, String what) {
        if (value == null || value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(what + " must be longer than nothing, as in 6s");
        }
        return value;
    }
}
