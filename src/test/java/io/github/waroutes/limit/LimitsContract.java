package io.github.waroutes.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.IntStream;

import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppRateLimitException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the limits do, wherever they are kept. */
abstract class LimitsContract {

    static final String NUMBER = "106540352242922";
    static final String ACCOUNT = "102290129340398";
    static final Duration NONE = Duration.ZERO;

    final ManualTime time = new ManualTime();
    Limits limits;

    /** An empty state. */
    abstract LimitState state();

    /** The limits of another process that shares the state, if it can be shared. */
    Limits another() {
        return limits;
    }

    @BeforeEach
    void make() {
        limits = new Limits(state());
    }

    static SendRequest reply(String user) {
        return reply(NUMBER, user);
    }

    static SendRequest reply(String number, String user) {
        return new SendRequest(number, user, ACCOUNT, false, true, false);
    }

    static SendRequest template(String user) {
        return new SendRequest(NUMBER, user, ACCOUNT, true, false, false);
    }

    static SendRequest bulk(String user) {
        return new SendRequest(NUMBER, user, ACCOUNT, false, true, true);
    }

    private static Reservation taken(long millis) {
        return new Reservation(Duration.ofMillis(millis), true);
    }

    private static Reservation later(Duration delay) {
        return new Reservation(delay, false);
    }

    private List<Reservation> replies(int count) {
        List<Reservation> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            answers.add(limits.reserve(reply("user-" + i)));
        }
        return answers;
    }

    // the messages a second that a new caller sees: the distance of two reservations
    private double pace() {
        limits.reserve(reply("pace-0-" + time.currentTimeNanos()));
        while (limits.reserve(reply("pace-" + Math.random())).delay().isZero()) {
            assertThat(limits.remaining(Limits.NUMBER, NUMBER)).isLessThan(1000);
        }
        Duration one = limits.reserve(reply("pace-1-" + time.currentTimeNanos())).delay();
        Duration two = limits.reserve(reply("pace-2-" + time.currentTimeNanos())).delay();
        return Math.round(1e10 / two.minus(one).toNanos()) / 10.0;
    }

    // --- number

    @Test
    void aNumberSendsItsBurstAtOnceAndThenEvenly() {
        assertThat(replies(11)).containsExactly(taken(0), taken(0), taken(0), taken(0), taken(0), taken(0), taken(0), taken(0),
                new Reservation(Duration.ofNanos(12_500_000), true), taken(25), new Reservation(Duration.ofNanos(37_500_000), true));
    }

    @Test
    void whatIsReservedIsGivenToNobodyElseAndIsFreeAgainWithTime() {
        replies(16);
        time.pass(Duration.ofMillis(100));
        assertThat(limits.reserve(reply("a")).delay()).isEqualTo(Duration.ofNanos(12_500_000));
        time.pass(Duration.ofMillis(125));
        assertThat(limits.reserve(reply("b")).delay()).isZero();
    }

    @Test
    void beyondTheLongestReservationNothingIsTaken() {
        limits.settings().setLongestReservation(Duration.ofMillis(100));
        replies(8 + 8);
        assertThat(limits.reserve(reply("a"))).isEqualTo(later(Duration.ofNanos(12_500_000)));
        assertThat(limits.reserve(reply("b"))).isEqualTo(later(Duration.ofNanos(12_500_000)));
        time.pass(Duration.ofNanos(12_500_000));
        assertThat(limits.reserve(reply("a"))).isEqualTo(taken(100));
    }

    @Test
    void oneNumbersQueueIsNotAnothers() {
        replies(500);
        assertThat(limits.reserve(reply("815550100", "user-1"))).isEqualTo(taken(0));
    }

    @Test
    void whatComesInCountsToo() {
        for (int i = 0; i < 9; i++) {
            limits.received(NUMBER);
        }
        assertThat(limits.reserve(reply("a"))).isEqualTo(taken(25));
    }

    // --- pair

    @Test
    void aPairWaitsAfterItsBurstAndTakesNothingMeanwhile() {
        limits.settings().setMessagesPerSecond(1000);
        for (int i = 0; i < 45; i++) {
            assertThat(limits.reserve(reply("chatty"))).isEqualTo(taken(0));
        }
        double left = limits.remaining(Limits.NUMBER, NUMBER);
        assertThat(limits.reserve(reply("chatty"))).isEqualTo(later(Duration.ofSeconds(6)));
        assertThat(limits.remaining(Limits.NUMBER, NUMBER)).isEqualTo(left);
        assertThat(limits.reserve(reply("somebody-else"))).isEqualTo(taken(0));
        assertThat(limits.limitedPairs()).isEqualTo(1);
        time.pass(Duration.ofSeconds(6));
        assertThat(limits.limitedPairs()).isZero();
        assertThat(limits.reserve(reply("chatty"))).isEqualTo(taken(0));
        assertThat(limits.reserve(reply("chatty"))).isEqualTo(later(Duration.ofSeconds(6)));
    }

    @Test
    void theSameUserAtAnotherNumberIsAnotherPair() {
        limits.settings().setPairBurst(1);
        assertThat(limits.reserve(reply("a")).reserved()).isTrue();
        assertThat(limits.reserve(reply("815550100", "a")).reserved()).isTrue();
        assertThat(limits.reserve(reply("a")).reserved()).isFalse();
    }

    @Test
    void aRefusedPairRestsLongerEachTimeAndOthersDoNot() {
        for (long rest : new long[] {1, 4, 16, 64, 256, 1024, 3600, 3600}) {
            limits.pairThrottled(NUMBER, "a");
            assertThat(limits.reserve(reply("a"))).isEqualTo(later(Duration.ofSeconds(rest)));
            assertThat(limits.reserve(reply("b-" + rest)).reserved()).isTrue();
            assertThat(limits.limitedPairs()).isEqualTo(1);
            time.pass(Duration.ofSeconds(rest));
        }
        assertThat(limits.reserve(reply("a")).reserved()).isTrue();
    }

    @Test
    void aRefusalWhileThePairRestsIsTheSameOne() {
        limits.pairThrottled(NUMBER, "a");
        limits.pairThrottled(NUMBER, "a");
        assertThat(limits.reserve(reply("a"))).isEqualTo(later(Duration.ofSeconds(1)));
    }

    @Test
    void aSentMessageEndsThePairsRefusals() {
        limits.pairThrottled(NUMBER, "a");
        time.pass(Duration.ofSeconds(1));
        limits.pairThrottled(NUMBER, "a");
        limits.sent(NUMBER, "a");
        assertThat(limits.limitedPairs()).isZero();
        limits.pairThrottled(NUMBER, "a");
        assertThat(limits.reserve(reply("a"))).isEqualTo(later(Duration.ofSeconds(1)));
    }

    @Test
    void aSentMessageEndsRefusalsThatOnlyTheSharedStateKnew() {
        limits.pairThrottled(NUMBER, "a");
        time.pass(Duration.ofSeconds(1));
        limits.reserve(reply("a"));
        limits.sent(NUMBER, "a");
        limits.pairThrottled(NUMBER, "a");
        assertThat(limits.reserve(reply("a"))).isEqualTo(later(Duration.ofSeconds(1)));
    }

    // --- adaptive

    @Test
    void aThrottledNumberHalvesItsRateAndGrowsBackByATenthEveryTenSeconds() {
        limits.throttled(NUMBER);
        assertThat(pace()).isEqualTo(40);
        time.pass(Duration.ofSeconds(10));
        assertThat(pace()).isEqualTo(48);
        time.pass(Duration.ofSeconds(39));
        assertThat(pace()).isEqualTo(72);
        time.pass(Duration.ofSeconds(1));
        assertThat(pace()).isEqualTo(80);
        time.pass(Duration.ofHours(1));
        assertThat(pace()).isEqualTo(80);
    }

    @Test
    void refusalsWithinASecondAreOneAndTheRateNeverFallsBelowOne() {
        for (int i = 0; i < 32; i++) {
            limits.throttled(NUMBER);
        }
        assertThat(pace()).isEqualTo(40);
        for (int i = 0; i < 12; i++) {
            time.pass(Duration.ofSeconds(1));
            limits.throttled(NUMBER);
        }
        time.pass(Duration.ofSeconds(9));
        assertThat(pace()).isEqualTo(1);
    }

    @Test
    void aThrottledNumberIsNotAnothers() {
        limits.throttled("815550100");
        assertThat(pace()).isEqualTo(80);
    }

    @Test
    void withoutAdaptionTheRateStays() {
        limits.settings().setAdaptive(false);
        limits.throttled(NUMBER);
        assertThat(pace()).isEqualTo(80);
    }

    @Test
    void aRateThatGrowsLetsNobodyOvertake() {
        limits.throttled(NUMBER);
        List<Reservation> waiting = replies(2000);
        Duration last = waiting.get(waiting.size() - 1).delay();
        time.pass(Duration.ofSeconds(20));
        assertThat(limits.reserve(reply("a")).delay()).isGreaterThan(last.minusSeconds(20));
    }

    // --- replies and bulk

    @Test
    void bulkLeavesTheRepliesTheirShare() {
        for (int i = 0; i < 6; i++) {
            assertThat(limits.reserve(bulk("bulk-" + i))).isEqualTo(taken(0));
        }
        assertThat(limits.reserve(bulk("bulk-6"))).isEqualTo(later(Duration.ofNanos(12_500_000)));
        assertThat(replies(3)).containsExactly(taken(0), taken(0), new Reservation(Duration.ofNanos(12_500_000), true));
    }

    @Test
    void bulkGoesOnWhenRepliesLeaveRoom() {
        limits.settings().setReplyShare(0.5);
        replies(8);
        assertThat(limits.reserve(bulk("a"))).isEqualTo(later(Duration.ofNanos(62_500_000)));
        time.pass(Duration.ofNanos(62_500_000));
        assertThat(limits.reserve(bulk("a"))).isEqualTo(taken(0));
    }

    // --- users of an account

    @Test
    void anAccountWritesToNoMoreNewUsersThanItsTierAllows() {
        limits.settings().setTier("3");
        limits.reserve(template("a"));
        time.pass(Duration.ofHours(1));
        limits.reserve(template("b"));
        limits.reserve(template("c"));
        assertThat(limits.remaining(Limits.ACCOUNT, ACCOUNT)).isZero();

        WhatsAppRateLimitException full = catchThrowableOfType(WhatsAppRateLimitException.class, () -> limits.reserve(template("d")));
        assertThat(full.getRetryClass()).isEqualTo(RetryClass.WAIT_LONG);
        assertThat(full.getScope()).isEqualTo(ErrorScope.ACCOUNT);
        assertThat(full.getMinimumWait()).isEqualTo(Duration.ofHours(23));
        assertThat(full.getRetryAfter()).isEqualTo(Duration.ofHours(23));
        assertThat(full.toJson()).doesNotContain("\"d\"");

        time.pass(Duration.ofHours(23).minusMillis(1));
        assertThat(catchThrowableOfType(WhatsAppRateLimitException.class, () -> limits.reserve(template("d"))).getMinimumWait())
                .isEqualTo(Duration.ofMillis(1));
        time.pass(Duration.ofMillis(1));
        assertThat(limits.remaining(Limits.ACCOUNT, ACCOUNT)).isEqualTo(1);
        assertThat(limits.reserve(template("d")).reserved()).isTrue();
    }

    @Test
    void aUserAlreadyCountedCountsOnceAndStaysForADayFromTheLastTemplate() {
        limits.settings().setTier("2");
        limits.reserve(template("a"));
        time.pass(Duration.ofHours(12));
        limits.reserve(template("b"));
        limits.reserve(template("a"));
        assertThat(limits.remaining(Limits.ACCOUNT, ACCOUNT)).isZero();
        time.pass(Duration.ofHours(24).minusMillis(1));
        assertThat(limits.remaining(Limits.ACCOUNT, ACCOUNT)).isZero();
        time.pass(Duration.ofMillis(1));
        assertThat(limits.remaining(Limits.ACCOUNT, ACCOUNT)).isEqualTo(2);
    }

    @Test
    void aFullAccountStillAnswersAndWritesToThoseItHasCounted() {
        limits.settings().setTier("1");
        limits.reserve(template("a"));
        assertThat(limits.reserve(template("a")).reserved()).isTrue();
        assertThat(limits.reserve(reply("b")).reserved()).isTrue();
        assertThat(limits.reserve(new SendRequest(NUMBER, "b", ACCOUNT, true, true, false)).reserved()).isTrue();
        assertThat(limits.reserve(new SendRequest(NUMBER, "b", "another-account", true, false, false)).reserved()).isTrue();
    }

    @Test
    void aFullAccountTakesNothingFromThePairOrTheNumber() {
        limits.settings().setTier("1");
        limits.settings().setPairBurst(1);
        limits.reserve(template("a"));
        double left = limits.remaining(Limits.NUMBER, NUMBER);
        catchThrowableOfType(WhatsAppRateLimitException.class, () -> limits.reserve(template("b")));
        assertThat(limits.remaining(Limits.NUMBER, NUMBER)).isEqualTo(left);
        assertThat(limits.reserve(reply("b")).reserved()).isTrue();
    }

    @Test
    void eachAccountHasItsTier() {
        limits.settings().setTier("TIER_2K");
        limits.settings().setTiers("a=250, b = unlimited");
        assertThat(limits.remaining(Limits.ACCOUNT, "a")).isEqualTo(250);
        assertThat(limits.remaining(Limits.ACCOUNT, "b")).isInfinite();
        assertThat(limits.remaining(Limits.ACCOUNT, "c")).isEqualTo(2000);
    }

    // --- call budgets

    private static Map<String, Object> app(int percent) {
        return Map.of("x-app-usage", "{\"call_count\":" + percent + ",\"total_time\":25,\"total_cputime\":25}");
    }

    @Test
    void anAppBelowItsThresholdIsNotHeld() {
        limits.observe(NUMBER, app(94));
        assertThat(limits.reserve(reply("a"))).isEqualTo(taken(0));
        assertThat(limits.remaining(Limits.APP, Limits.APP)).isEqualTo(6);
    }

    @Test
    void anAppPausesTheLongerTheMoreOfItsBudgetIsUsed() {
        limits.observe(NUMBER, app(95));
        assertThat(limits.reserve(reply("a"))).isEqualTo(later(Duration.ofSeconds(1)));
        limits.observe(NUMBER, app(97));
        assertThat(limits.reserve(reply("a"))).isEqualTo(later(Duration.ofMillis(24_600)));
        limits.observe(NUMBER, app(95));
        assertThat(limits.reserve(reply("a"))).isEqualTo(later(Duration.ofMillis(24_600)));
        limits.observe(NUMBER, app(140));
        assertThat(limits.reserve(reply("815550100", "a"))).isEqualTo(later(Duration.ofSeconds(60)));
        time.pass(Duration.ofSeconds(60));
        assertThat(limits.reserve(reply("a"))).isEqualTo(taken(0));
        assertThat(limits.remaining(Limits.APP, Limits.APP)).isZero();
    }

    @Test
    void anAccountWaitsForAsLongAsMetaSaysAndOthersDoNot() {
        limits.observe(NUMBER, Map.of("X-Business-Use-Case-Usage", List.of("{\"" + ACCOUNT + "\":[{\"type\":\"whatsapp\",\"call_count\":1},"
                + "{\"type\":\"whatsapp_business_management\",\"call_count\":\"100\",\"estimated_time_to_regain_access\":7}]}")));
        assertThat(limits.reserve(reply("a"))).isEqualTo(later(Duration.ofMinutes(7)));
        assertThat(limits.reserve(new SendRequest(NUMBER, "a", "another", false, true, false))).isEqualTo(taken(0));
    }

    @Test
    void headersThatCannotBeReadChangeNothing() {
        for (String value : List.of("", "no json", "[]", "7", "null", "{\"1\":5}", "{\"1\":[7,null,[]]}", "{\"call_count\":{}}")) {
            assertThatCode(() -> limits.observe(NUMBER, Map.of("X-App-Usage", value, "X-Business-Use-Case-Usage", value, "Other", 1)))
                    .as(value).doesNotThrowAnyException();
        }
        assertThat(limits.reserve(reply("a"))).isEqualTo(taken(0));
    }

    // --- changes

    private static Map<String, Object> webhook(String field, Map<String, Object> value) {
        return Map.of("object", "whatsapp_business_account", "entry", List.of(Map.of("id", ACCOUNT, "time", 1748454394,
                "changes", List.of(Map.of("field", field, "value", value)))));
    }

    private static Map<String, Object> throughput(String event) {
        return webhook("phone_number_quality_update",
                Map.of("display_phone_number", "+1 555-078-3881", "event", event, "current_limit", "TIER_UNLIMITED"));
    }

    @Test
    void aThroughputUpgradeRaisesTheNumberThatHasThisDisplayNumber() {
        limits.onChange(throughput("THROUGHPUT_UPGRADE"));
        assertThat(pace()).isEqualTo(80);
        limits.learn(NUMBER, "15550783881");
        time.pass(Duration.ofMinutes(1));
        assertThat(pace()).isEqualTo(1000);
        assertThat(limits.remaining(Limits.ACCOUNT, ACCOUNT)).isEqualTo(250);
        time.pass(Duration.ofMinutes(1));
        limits.onChange(throughput("THROUGHPUT_DOWNGRADE"));
        assertThat(pace()).isEqualTo(80);
    }

    @Test
    void anAccountThatNamesAnothersNumberChangesNothing() {
        limits.learn(NUMBER, "15550783881");
        limits.learnAccount(NUMBER, "the number's own");
        limits.onChange(throughput("THROUGHPUT_UPGRADE"));
        time.pass(Duration.ofMinutes(1));
        assertThat(pace()).isEqualTo(80);
        limits.learnAccount(NUMBER, ACCOUNT);
        time.pass(Duration.ofMinutes(1));
        assertThat(pace()).isEqualTo(1000);
        Map<String, Object> others = Map.of("entry", List.of(Map.of("id", "another", "changes", List.of(Map.of("field", "phone_number_quality_update",
                "value", Map.of("display_phone_number", "+1 555-078-3881", "event", "THROUGHPUT_UPGRADE"))))));
        limits.onChange(others);
        time.pass(Duration.ofMinutes(1));
        assertThat(pace()).as("nor takes it away").isEqualTo(1000);
    }

    @Test
    void aCapabilityUpdateChangesTheTierOfItsAccount() {
        limits.onChange(webhook("business_capability_update", Map.of("max_daily_conversations_per_business", 2000, "max_phone_numbers_per_waba", 25)));
        assertThat(limits.remaining(Limits.ACCOUNT, ACCOUNT)).isEqualTo(2000);
        assertThat(limits.remaining(Limits.ACCOUNT, "another")).isEqualTo(250);
        limits.onChange(webhook("business_capability_update", Map.of("max_daily_conversations_per_business", "TIER_10K", "max_daily_conversation_per_phone", 250)));
        assertThat(limits.remaining(Limits.ACCOUNT, ACCOUNT)).isEqualTo(10_000);
        limits.onChange(webhook("business_capability_update", Map.of("max_daily_conversation_per_phone", -1)));
        assertThat(limits.remaining(Limits.ACCOUNT, ACCOUNT)).isInfinite();
        limits.onChange(Map.of("field", "phone_number_quality_update", "value", Map.of("event", "DOWNGRADE", "current_limit", "TIER_250")));
        assertThat(limits.remaining(Limits.ACCOUNT, "default")).isEqualTo(250);
        limits.onChange(webhook("phone_number_quality_update", Map.of("event", "UPGRADE", "current_limit", "TIER_100K")));
        assertThat(limits.remaining(Limits.ACCOUNT, ACCOUNT)).isEqualTo(100_000);
    }

    @Test
    void aTierThatFallsBelowWhatIsUsedHoldsNewUsers() {
        limits.onChange(webhook("business_capability_update", Map.of("max_daily_conversations_per_business", "3")));
        limits.reserve(template("a"));
        limits.reserve(template("b"));
        limits.reserve(template("c"));
        limits.onChange(webhook("business_capability_update", Map.of("max_daily_conversations_per_business", "2")));
        assertThat(limits.remaining(Limits.ACCOUNT, ACCOUNT)).isZero();
        assertThat(catchThrowableOfType(WhatsAppRateLimitException.class, () -> limits.reserve(template("d")))).isNotNull();
    }

    @Test
    void changesThatSayNothingAboutLimitsChangeNothing() {
        for (Map<String, Object> change : List.<Map<String, Object>>of(Map.of(), Map.of("entry", "x"), Map.of("entry", List.of(7, Map.of("changes", List.of("x")))),
                Map.of("field", "security", "value", Map.of()), Map.of("field", "business_capability_update", "value", "x"),
                webhook("business_capability_update", Map.of("max_daily_conversations_per_business", "TIER_NOT_SET")),
                throughput("ONBOARDING"), webhook("phone_number_quality_update", Map.of()))) {
            assertThatCode(() -> limits.onChange(change)).doesNotThrowAnyException();
        }
        limits.learn(NUMBER, "15550783881");
        assertThat(limits.remaining(Limits.ACCOUNT, ACCOUNT)).isEqualTo(250);
        assertThat(pace()).isEqualTo(80);
    }

    // --- many at once

    private <T> List<T> atOnce(int count, Function<Integer, T> question) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<T>> questions = IntStream.range(0, count).<Callable<T>>mapToObj(i -> () -> question.apply(i)).toList();
            List<T> answers = new ArrayList<>();
            for (Future<T> answer : threads.invokeAll(questions)) {
                answers.add(answer.get());
            }
            return answers;
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void manyWhoAskAtOnceGetOnePlaceEach() throws Exception {
        Limits other = another();
        List<Duration> delays = atOnce(200, i -> (i % 2 == 0 ? limits : other).reserve(reply("user-" + i)).delay());
        assertThat(delays.stream().sorted().toList()).containsExactlyElementsOf(
                IntStream.range(0, 200).mapToObj(i -> Duration.ofNanos(Math.max(0, i - 7) * 12_500_000L)).toList());
    }

    @Test
    void manyOfOnePairWhoAskAtOnceAreNoMoreThanItsBurst() throws Exception {
        Limits other = another();
        List<Reservation> answers = atOnce(100, i -> (i % 2 == 0 ? limits : other).reserve(reply("a")));
        assertThat(answers.stream().filter(Reservation::reserved)).hasSize(45);
    }

    @Test
    void manyNewUsersAtOnceAreNoMoreThanTheTier() throws Exception {
        Limits other = another();
        limits.settings().setTier("50");
        other.settings().setTier("50");
        List<Boolean> sent = atOnce(200, i -> {
            try {
                return (i % 2 == 0 ? limits : other).reserve(template("user-" + i)).reserved();
            } catch (WhatsAppRateLimitException e) {
                return false;
            }
        });
        assertThat(sent.stream().filter(Boolean::booleanValue)).hasSize(50);
    }

    @Test
    void muchBulkAtOnceLeavesTheRepliesTheirShare() throws Exception {
        List<Reservation> answers = atOnce(100, i -> limits.reserve(bulk("user-" + i)));
        assertThat(answers.stream().filter(Reservation::reserved)).hasSize(6);
    }

    // --- bad input

    @Test
    void aLimitThatDoesNotExistIsNamed() {
        assertThatIllegalArgumentException().isThrownBy(() -> limits.remaining("moon", "1")).withMessageContaining("number, account or app");
    }

    @Test
    void settingsThatMakeNoSenseAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> limits.settings().setTier("many"))
                .withMessageContaining("unlimited").withMessageContaining("many");
        assertThatIllegalArgumentException().isThrownBy(() -> limits.settings().setTier(null));
        assertThatIllegalArgumentException().isThrownBy(() -> limits.settings().setTiers("a")).withMessageContaining("id=limit");
        assertThatIllegalArgumentException().isThrownBy(() -> limits.settings().setMessagesPerSecond(0)).withMessageContaining("at least 1");
        assertThatIllegalArgumentException().isThrownBy(() -> limits.settings().setUpgradedMessagesPerSecond(0));
        assertThatIllegalArgumentException().isThrownBy(() -> limits.settings().setBurstSeconds(Double.NaN));
        assertThatIllegalArgumentException().isThrownBy(() -> limits.settings().setPairBurst(0));
        assertThatIllegalArgumentException().isThrownBy(() -> limits.settings().setPairInterval(NONE)).withMessageContaining("6s");
        assertThatIllegalArgumentException().isThrownBy(() -> limits.settings().setLongestReservation(null));
        assertThatIllegalArgumentException().isThrownBy(() -> limits.settings().setCallBudgetPercent(0));
        assertThatIllegalArgumentException().isThrownBy(() -> limits.settings().setReplyShare(1)).withMessageContaining("bulk");
        assertThatIllegalArgumentException().isThrownBy(() -> limits.settings().setReplyShare(-0.1));
    }

    @Test
    void aSendWithoutNumberIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> reply("", "a")).withMessageContaining("phone_number_id");
    }

    @Test
    void aRequestPrintsWithoutItsUser() {
        assertThat(reply("secret-user").toString()).contains(NUMBER).doesNotContain("secret");
    }

    @Test
    void aDelayIsRoundedUpToMilliseconds() {
        assertThat(new Reservation(Duration.ofNanos(12_500_001), true).delayMillis()).isEqualTo(13);
        assertThat(new Reservation(NONE, true).delayMillis()).isZero();
    }

    // --- those who only ask

    @Test
    void bulkThatWaitsComesToAskOneByOne() {
        limits.settings().setReplyShare(0);
        for (int i = 0; i < 8; i++) {
            assertThat(limits.reserve(bulk("first-" + i)).reserved()).isTrue();
        }
        List<Duration> waits = IntStream.range(0, 1000).mapToObj(i -> limits.reserve(bulk("user-" + i)).delay()).toList();
        for (int i = 1; i < waits.size(); i++) {
            assertThat(waits.get(i).minus(waits.get(i - 1))).as("the %dth after the one before", i).isEqualTo(Duration.ofNanos(12_500_000));
        }
    }

    @Test
    void whatReachesNobodyCountsForTheNumberAlone() {
        limits.settings().setTier("1");
        limits.settings().setPairBurst(1);
        for (int i = 0; i < 5; i++) {
            assertThat(limits.reserve(new SendRequest(NUMBER, "", ACCOUNT, true, false, false))).isEqualTo(taken(0));
        }
        assertThat(limits.remaining(Limits.NUMBER, NUMBER)).isEqualTo(3);
        assertThat(limits.remaining(Limits.ACCOUNT, ACCOUNT)).isEqualTo(1);
    }

    @Test
    void aBacklogOfReceivedMessagesHoldsAReplyBackForASecondAtTheMost() {
        for (int i = 0; i < 2000; i++) {
            limits.received(NUMBER);
        }
        assertThat(limits.reserve(reply("a")).delay()).isBetween(Duration.ofMillis(900), Duration.ofMillis(1100));
    }

    @Test
    void theAccountOfANumberIsWhatAnUpdateToldAlsoForOthersWhoShareTheState() {
        limits.learnAccount(NUMBER, ACCOUNT);
        assertThat(limits.accountOf(NUMBER)).isEqualTo(ACCOUNT);
        assertThat(another().accountOf(NUMBER)).isEqualTo(ACCOUNT);
    }

    @Test
    void theOnlyAccountThatWebhooksNameIsThatOfANumberNobodyKnows() {
        assertThat(limits.accountOf("unknown")).isEqualTo("default");
        tierTold(ACCOUNT);
        assertThat(limits.accountOf("unknown")).isEqualTo(ACCOUNT);
        tierTold("another");
        assertThat(limits.accountOf("unknown")).isEqualTo("default");
    }

    private void tierTold(String account) {
        limits.onChange(Map.of("entry", List.of(Map.of("id", account, "changes", List.of(Map.of("field",
                "business_capability_update", "value", Map.of("max_daily_conversations_per_business", 2000)))))));
    }
}
