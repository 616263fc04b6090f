package io.github.waroutes.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.waroutes.error.WhatsAppRateLimitException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * What holds whatever arrives when: random arrivals over several numbers and users, on a clock that jumps from one question to the
 * next, held against token buckets counted in whole numbers. Every run tells its seed.
 */
abstract class LimitsProperties {

    private static final long SECOND = 1_000_000_000L;
    // Bucket4j and the model round one division each
    private static final long ROUNDING_NANOS = 2;
    private static final int MOST_QUESTIONS = 100_000;

    private static Level level;

    // thousands of cuts would bury what the other tests say
    @BeforeAll
    static void silence() {
        level = logger().getLevel();
        logger().setLevel(Level.ERROR);
    }

    @AfterAll
    static void unsilence() {
        logger().setLevel(level);
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger(Limits.class.getPackageName());
    }

    /** An empty state on that clock. */
    abstract LimitState state(ManualTime time);

    /** How many random runs. */
    abstract int runs();

    private record Settings(int rate, double burstSeconds, double replyShare, int pairBurst, Duration pairInterval,
            Duration longestReservation, boolean oneAfterAnother) {

        static Settings random(Random random) {
            return new Settings(pick(random, 1, 2, 5, 7, 20, 80, 1000), pick(random, 0.0, 0.1, 1.0), pick(random, 0.0, 0.2, 0.5),
                    pick(random, 1, 2, 5, 45), Duration.ofMillis(pick(random, 500, 1000, 6000)), Duration.ofMinutes(10), random.nextBoolean());
        }

        long capacity() {
            return Math.max(2, Math.round(rate * burstSeconds));
        }

        long kept() {
            return Math.min(capacity() - 1, (long) Math.ceil(replyShare * capacity()));
        }

        void apply(Limits limits) {
            limits.settings().setMessagesPerSecond(rate);
            limits.settings().setBurstSeconds(burstSeconds);
            limits.settings().setReplyShare(replyShare);
            limits.settings().setPairBurst(pairBurst);
            limits.settings().setPairInterval(pairInterval);
            limits.settings().setLongestReservation(longestReservation);
        }
    }

    private record Arrival(long at, int index, SendRequest request, String pair) {

        Arrival(long at, int index, SendRequest request) {
            this(at, index, request, request.phoneNumberId() + ' ' + request.user());
        }
    }

    private record Question(long at, long order, Arrival arrival) {
    }

    private record Departure(Arrival arrival, long asked, long leaves) {
    }

    @SafeVarargs
    private static <T> T pick(Random random, T... values) {
        return values[random.nextInt(values.length)];
    }

    private static List<Arrival> arrivals(Random random, long start) {
        int count = 20 + random.nextInt(80);
        int numbers = 1 + random.nextInt(3);
        int users = 1 + random.nextInt(12);
        double bulk = pick(random, 0.0, 0.3, 0.7);
        long gap = pick(random, 0L, SECOND / 1000, SECOND / 80, SECOND / 5, SECOND);
        List<Arrival> arrivals = new ArrayList<>();
        long at = start;
        for (int i = 0; i < count; i++) {
            at += random.nextInt(4) == 0 ? 0 : (long) (-gap * Math.log(1 - random.nextDouble()));
            arrivals.add(new Arrival(at, i, new SendRequest("number-" + random.nextInt(numbers), "user-" + random.nextInt(users), "account",
                    false, true, random.nextDouble() < bulk)));
        }
        return arrivals;
    }

    /** One run: who leaves when. Whoever is not let through asks again after the time it was told. */
    private final class Run {

        private final ManualTime time = new ManualTime();
        private final Settings settings;
        private final Limits limits = new Limits(state(time));
        private final Random refusals;
        private final List<Departure> departures = new ArrayList<>();
        private final Map<String, List<Departure>> departuresOfPair = new HashMap<>();
        private final PriorityQueue<Question> questions = new PriorityQueue<>(Comparator.comparingLong(Question::at).thenComparingLong(Question::order));
        private final Map<String, Queue<Arrival>> behind = new HashMap<>();
        private final Map<String, ModelBucket> models = new HashMap<>();
        private long order;

        Run(Settings settings, Random refusals) {
            this.settings = settings;
            this.refusals = refusals;
            settings.apply(limits);
        }

        List<Departure> of(List<Arrival> arrivals) {
            Set<String> busy = new HashSet<>();
            arrivals.forEach(arrival -> {
                if (settings.oneAfterAnother && !busy.add(arrival.pair())) {
                    behind.computeIfAbsent(arrival.pair(), pair -> new ArrayDeque<>()).add(arrival);
                } else {
                    ask(arrival.at, arrival);
                }
            });
            for (int asked = 0; !questions.isEmpty(); asked++) {
                assertThat(asked).as("questions").isLessThan(MOST_QUESTIONS);
                answer(questions.poll());
            }
            assertThat(departures).as("everybody leaves").hasSameSizeAs(arrivals);
            return departures;
        }

        private void ask(long at, Arrival arrival) {
            questions.add(new Question(at, order++, arrival));
        }

        private void answer(Question question) {
            time.set(question.at);
            Arrival arrival = question.arrival;
            if (refusals != null && refusals.nextInt(20) == 0) {
                limits.throttled(arrival.request.phoneNumberId());
            }
            Reservation answer = limits.reserve(arrival.request);
            if (refusals == null) {
                asTheModelSays(arrival, answer);
            }
            if (!answer.reserved()) {
                assertThat(answer.delay()).isPositive();
                ask(question.at + answer.delay().toNanos(), arrival);
                return;
            }
            long leaves = question.at + answer.delay().toNanos();
            Departure departure = new Departure(arrival, question.at, leaves);
            departures.add(departure);
            departuresOfPair.computeIfAbsent(arrival.pair(), pair -> new ArrayList<>()).add(departure);
            Queue<Arrival> next = behind.get(arrival.pair());
            if (next != null && !next.isEmpty()) {
                ask(Math.max(leaves, next.peek().at), next.poll());
            }
        }

        // whatever others wait for, a number's bucket holds exactly what was granted from it
        private void asTheModelSays(Arrival arrival, Reservation answer) {
            ModelBucket number = models.computeIfAbsent(arrival.request.phoneNumberId(),
                    id -> new ModelBucket(settings.capacity(), settings.rate, SECOND, time.currentTimeNanos()));
            long now = time.currentTimeNanos();
            if (answer.reserved()) {
                long needed = arrival.request.bulk() ? 1 + settings.kept() : 1;
                long expected = number.wait(needed, now);
                if (arrival.request.bulk()) {
                    assertThat(expected).as("bulk leaves the replies their share").isLessThanOrEqualTo(ROUNDING_NANOS);
                    assertThat(answer.delay()).isZero();
                } else {
                    assertThat(answer.delay().toNanos()).as("a reply's place").isBetween(expected - ROUNDING_NANOS, expected + ROUNDING_NANOS);
                }
                number.take();
            } else if (arrival.request.bulk() && number.wait(1 + settings.kept(), now) == 0) {
                assertThat(pairIsFull(arrival, now)).as("bulk goes when there is room").isTrue();
            } else if (!arrival.request.bulk()) {
                assertThat(pairIsFull(arrival, now + number.wait(1, now))).as("a reply waits unreserved for its pair only").isTrue();
            }
        }

        private boolean pairIsFull(Arrival arrival, long at) {
            ModelBucket pair = null;
            for (Departure departure : departuresOfPair.getOrDefault(arrival.pair(), List.of())) {
                pair = pair == null ? pairModel(departure.leaves) : pair;
                pair.tooEarly(departure.leaves);
            }
            return pair != null && pair.wait(1, at) > 0;
        }

        private ModelBucket pairModel(long at) {
            return new ModelBucket(settings.pairBurst, 1, settings.pairInterval.toNanos(), at);
        }

        void neverMoreThanTheLimits() {
            Map<String, List<Long>> numbers = new TreeMap<>();
            Map<String, List<Long>> pairs = new TreeMap<>();
            departures.stream().sorted(Comparator.comparingLong(Departure::leaves)).forEach(departure -> {
                numbers.computeIfAbsent(departure.arrival.request.phoneNumberId(), id -> new ArrayList<>()).add(departure.leaves);
                pairs.computeIfAbsent(departure.arrival.pair(), id -> new ArrayList<>()).add(departure.leaves);
            });
            numbers.values().forEach(leaving -> within(leaving, new ModelBucket(settings.capacity(), settings.rate, SECOND, leaving.get(0))));
            pairs.values().forEach(leaving -> within(leaving, pairModel(leaving.get(0))));
        }

        private void within(List<Long> leaving, ModelBucket bucket) {
            for (long leaves : leaving) {
                assertThat(bucket.tooEarly(leaves)).as("nanoseconds too early").isLessThanOrEqualTo(ROUNDING_NANOS);
            }
        }

        void inTheOrderOfAsking() {
            Map<String, Long> last = new HashMap<>();
            for (Departure departure : departures) {
                if (!departure.arrival.request.bulk()) {
                    Long before = last.put(departure.arrival.request.phoneNumberId(), departure.leaves);
                    assertThat(departure.leaves).as("leaves after those who asked before").isGreaterThanOrEqualTo(before == null ? 0 : before - ROUNDING_NANOS);
                }
            }
        }

        // nobody waits longer than it takes to let everybody of the number and the pair through
        void withinTheTimeThatAllNeed() {
            Map<String, Long> ofNumbers = departures.stream().collect(Collectors.groupingBy(one -> one.arrival.request.phoneNumberId(), Collectors.counting()));
            long lastArrival = departures.stream().mapToLong(one -> one.arrival.at).max().orElseThrow();
            for (Departure departure : departures) {
                long ofNumber = ofNumbers.get(departure.arrival.request.phoneNumberId());
                long ofPair = departuresOfPair.get(departure.arrival.pair()).size();
                long perMessage = SECOND / settings.rate + 1;
                long bound = lastArrival
                        + (ofNumber + 1) * perMessage * (1 + ofPair) + ofPair * settings.pairInterval.toNanos() + settings.capacity() * perMessage;
                assertThat(departure.leaves).isLessThanOrEqualTo(bound);
            }
        }
    }

    private interface Property {

        void holds(Random random, long seed);
    }

    private void always(Property property) {
        for (int run = 0; run < runs(); run++) {
            long seed = 20261123L + run;
            try {
                property.holds(new Random(seed), seed);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("With seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }

    @Test
    void neverMoreThanTheLimitInOrderAndBoundedWithRepliesBeforeBulk() {
        always((random, seed) -> {
            Run run = new Run(Settings.random(random), null);
            run.of(arrivals(random, run.time.currentTimeNanos()));
            run.neverMoreThanTheLimits();
            run.inTheOrderOfAsking();
            run.withinTheTimeThatAllNeed();
        });
    }

    @Test
    void neverMoreThanTheLimitAndInOrderWhileTheRateIsCutAndGrowsBack() {
        always((random, seed) -> {
            Run run = new Run(Settings.random(random), random);
            run.of(arrivals(random, run.time.currentTimeNanos()));
            run.neverMoreThanTheLimits();
            run.inTheOrderOfAsking();
        });
    }

    @Test
    void aNumberFlowsAsIfTheOthersWereNotThere() {
        always((random, seed) -> {
            Settings settings = Settings.random(random);
            List<Arrival> all = arrivals(random, new ManualTime().currentTimeNanos());
            Map<Integer, Long> together = leaving(new Run(settings, null).of(all));
            List<Arrival> alone = all.stream().filter(arrival -> arrival.request.phoneNumberId().equals("number-0")).toList();
            leaving(new Run(settings, null).of(alone)).forEach((index, leaves) -> assertThat(together).containsEntry(index, leaves));
        });
    }

    @Test
    void aUserWhoWaitsDelaysNobodyElse() {
        always((random, seed) -> {
            Settings settings = new Settings(pick(random, 20, 80, 1000), 0.1, 0.2, 2, Duration.ofSeconds(6), Duration.ofMinutes(10), false);
            List<Arrival> others = arrivals(random, new ManualTime().currentTimeNanos()).stream().filter(arrival -> !arrival.request.bulk()).toList();
            Run run = new Run(settings, null);
            // the chatty user's first two are let through and all the others of it wait for the pair
            List<Arrival> all = new ArrayList<>(others);
            long start = run.time.currentTimeNanos();
            for (int i = 0; i < 30; i++) {
                all.add(new Arrival(start + i * (SECOND / 20), 1000 + i, new SendRequest("number-0", "chatty", "account", false, true, false)));
            }
            all.sort(Comparator.comparingLong(Arrival::at));
            List<Departure> departures = run.of(all);
            // the places of the others are those of a number from which only what left was taken
            List<Departure> granted = departures.stream().filter(departure -> departure.arrival.request.phoneNumberId().equals("number-0")).toList();
            ModelBucket model = new ModelBucket(settings.capacity(), settings.rate, SECOND, start);
            for (Departure departure : granted) {
                assertThat(departure.leaves - departure.asked).isLessThanOrEqualTo(model.wait(1, departure.asked) + ROUNDING_NANOS);
                model.take();
            }
        });
    }

    @Test
    void nothingIsLostWhenPlacesAreNotGivenFarAhead() {
        always((random, seed) -> {
            Settings any = Settings.random(random);
            Settings near = new Settings(Math.max(5, any.rate), any.burstSeconds, any.replyShare, any.pairBurst, any.pairInterval,
                    Duration.ofMillis(pick(random, 50, 500)), any.oneAfterAnother);
            Run run = new Run(near, random);
            run.of(arrivals(random, run.time.currentTimeNanos())).forEach(departure ->
                    assertThat(departure.leaves - departure.asked).isLessThanOrEqualTo(near.longestReservation.toNanos()));
            run.neverMoreThanTheLimits();
        });
    }

    @Test
    void anAccountNeverWritesToMoreUsersWithinADayThanItsTierAndLetsInWhoeverFits() {
        always((random, seed) -> {
            ManualTime time = new ManualTime();
            Limits limits = new Limits(state(time));
            int tier = 1 + random.nextInt(10);
            limits.settings().setTier(String.valueOf(tier));
            limits.settings().setMessagesPerSecond(1000);
            Map<String, Long> last = new HashMap<>();
            long day = Duration.ofDays(1).toNanos();
            for (int i = 0; i < 60; i++) {
                time.pass(Duration.ofMinutes(random.nextInt(240)));
                long now = time.currentTimeNanos();
                String user = "user-" + random.nextInt(20);
                Set<String> counted = last.entrySet().stream().filter(entry -> entry.getValue() > now - day).map(Map.Entry::getKey).collect(Collectors.toSet());
                boolean fits = counted.contains(user) || counted.size() < tier;
                try {
                    limits.reserve(new SendRequest("number-" + i, user, "account", true, false, random.nextBoolean()));
                    assertThat(fits).isTrue();
                    last.put(user, now);
                } catch (WhatsAppRateLimitException e) {
                    assertThat(fits).isFalse();
                    long first = counted.stream().mapToLong(last::get).min().orElseThrow();
                    assertThat(e.getMinimumWait().toNanos()).isEqualTo(first + day - now);
                }
            }
        });
    }

    private static Map<Integer, Long> leaving(List<Departure> departures) {
        return departures.stream().collect(Collectors.toMap(departure -> departure.arrival.index, Departure::leaves));
    }
}
