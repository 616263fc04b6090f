package io.github.waroutes.limit;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.BucketConfiguration;
import io.github.waroutes.number.BusinessNumber;
import io.github.waroutes.number.MadeOfNumbers;
import io.github.waroutes.number.NumberLookup;
import io.github.waroutes.number.NumberSettings;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;

/**
 * What is set about limits, asked for by number, account or app. A number may have a rate of its own, and its account's messaging limit; the
 * rest is the same for all.
 */
public class LimitSettings implements CamelContextAware {

    /** The app of the plain properties, and of whatever is not configured. */
    static final String FIRST_APP = BusinessNumber.FIRST;

    private static final String RATE = "whatsapp.limit.messages-per-second";
    private static final String UPGRADED_RATE = "whatsapp.limit.upgraded-messages-per-second";
    private static final String TIER = "whatsapp.limit.tier";

    private final Map<String, Long> tiers = new HashMap<>();
    private CamelContext camelContext;
    private final NumberLookup numbers = new NumberLookup();
    private final MadeOfNumbers<Map<String, Long>> tiersOfAccounts = new MadeOfNumbers<>(LimitSettings::tiersOf);
    private int messagesPerSecond = 80;
    private int upgradedMessagesPerSecond = 1000;
    private double burstSeconds = 0.1;
    private boolean adaptive = true;
    private Duration pairInterval = Duration.ofSeconds(6);
    private int pairBurst = 45;
    private BucketConfiguration pair = pairConfiguration();
    private long tier = 250;
    private double callBudgetPercent = 95;
    private Duration longestReservation = Duration.ofMinutes(10);
    private double replyShare = 0.2;

    @Override
    public void setCamelContext(CamelContext context) {
        camelContext = context;
    }

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    /** The settings of a number. */
    NumberLimits of(String phoneNumberId) {
        BusinessNumber number = number(phoneNumberId);
        Map<String, String> own = number == null ? Map.of() : number.settings();
        int rate = own.isEmpty() ? messagesPerSecond : own(own, RATE, messagesPerSecond);
        int upgraded = own.isEmpty() ? upgradedMessagesPerSecond : own(own, UPGRADED_RATE, upgradedMessagesPerSecond);
        return new NumberLimits(rate, upgraded, burstSeconds, adaptive, pair, longestReservation, replyShare);
    }

    private static int own(Map<String, String> own, String key, int common) {
        String value = own.get(key);
        return value == null ? common : Integer.parseInt(value);
    }

    private BusinessNumber number(String phoneNumberId) {
        NumberSettings known = numbers.in(camelContext);
        return known == null ? null : known.of(phoneNumberId);
    }

    /** The name of a number's app, whose call budget its calls use. */
    String appOf(String phoneNumberId) {
        BusinessNumber number = number(phoneNumberId);
        return number == null ? FIRST_APP : number.app();
    }

    /** The account that a number is configured with; empty: not known. */
    String accountOf(String phoneNumberId) {
        BusinessNumber number = number(phoneNumberId);
        return number == null ? "" : number.accountId();
    }

    /** The messaging limit of an account that Meta's webhooks have said nothing about: that of one of its numbers, or what is set for all. */
    long tierOf(String accountId) {
        NumberSettings known = numbers.in(camelContext);
        Long own = known == null ? null : tiersOfAccounts.of(known.registry()).get(accountId);
        return own != null ? own : tiers.getOrDefault(accountId, tier);
    }

    private static Map<String, Long> tiersOf(Collection<BusinessNumber> numbers) {
        Map<String, Long> own = new HashMap<>();
        numbers.stream().filter(number -> number.settings().containsKey(TIER) && !number.accountId().isEmpty())
                .forEach(number -> own.putIfAbsent(number.accountId(), tier(number.settings().get(TIER))));
        return own;
    }

    /** From which percentage of a call budget on sends wait. */
    double callBudgetPercent() {
        return callBudgetPercent;
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

    private BucketConfiguration pairConfiguration() {
        return BucketConfiguration.builder()
                .addLimit(Bandwidth.builder().capacity(pairBurst).refillGreedy(1, pairInterval).build()).build();
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
