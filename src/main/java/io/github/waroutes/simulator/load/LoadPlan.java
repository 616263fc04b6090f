package io.github.waroutes.simulator.load;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How many users write, at which rate and for how long.
 *
 * @param users         how many users write
 * @param perSecond     messages a second of all of them together
 * @param seconds       how long the rate is held
 * @param rampSeconds   how long it rises evenly from 0 before that; not in the latencies
 * @param seed          decides who writes when and what; also the seed of a fault without one
 * @param voiceShare    the share of voice messages, 0 to 1
 * @param exact         true: an answer quotes its message or repeats its mark; false: the k-th answer is the k-th message's
 * @param drainSeconds  after this long without any progress, what is not answered is lost
 * @param settleSeconds how long to look for more answers once everything is answered
 * @param faults        as {@code POST /simulator/faults} takes them, for the time of the load
 */
public record LoadPlan(int users, double perSecond, int seconds, int rampSeconds, long seed, double voiceShare, boolean exact,
        int drainSeconds, int settleSeconds, List<JsonNode> faults) {

    /** The ledger keeps 18 bytes of each message. */
    static final int MAX_MESSAGES = 5_000_000;
    private static final int MAX_USERS = 100_000;
    private static final int MAX_RATE = 10_000;
    private static final int MAX_SECONDS = 604_800;
    private static final int MAX_WAIT = 3_600;
    private static final Set<String> FIELDS = Set.of("users", "per_second", "seconds", "ramp_seconds", "seed", "voice_share",
            "answer", "drain_seconds", "settle_seconds", "faults");

    /**
     * Reads the body of {@code POST /simulator/load}.
     *
     * @throws IllegalArgumentException that names what is wrong
     */
    public static LoadPlan read(JsonNode request) {
        request.fieldNames().forEachRemaining(field -> {
            if (!FIELDS.contains(field)) {
                throw new IllegalArgumentException("A load takes " + FIELDS.stream().sorted().collect(Collectors.joining(", "))
                        + "; nothing else");
            }
        });
        LoadPlan plan = new LoadPlan(whole(request, "users", 1, MAX_USERS, null), rate(request),
                whole(request, "seconds", 1, MAX_SECONDS, null), whole(request, "ramp_seconds", 0, MAX_SECONDS, 0), seed(request),
                share(request), exact(request), whole(request, "drain_seconds", 1, MAX_WAIT, 30),
                whole(request, "settle_seconds", 0, MAX_WAIT, 3), faults(request));
        double planned = plan.perSecond * (plan.seconds + plan.rampSeconds / 2.0);
        if (planned < 1 || planned > MAX_MESSAGES) {
            throw new IllegalArgumentException("per_second and seconds must make 1 to " + MAX_MESSAGES + " messages");
        }
        return plan;
    }

    private static int whole(JsonNode request, String field, int least, int most, Integer missing) {
        if (!request.has(field) && missing != null) {
            return missing;
        }
        JsonNode value = request.path(field);
        if (!value.isInt() || value.intValue() < least || value.intValue() > most) {
            throw new IllegalArgumentException(field + " must be a whole number from " + least + " to " + most);
        }
        return value.intValue();
    }

    private static double rate(JsonNode request) {
        double rate = request.path("per_second").isNumber() ? request.path("per_second").doubleValue() : 0;
        if (!(rate > 0 && rate <= MAX_RATE)) {
            throw new IllegalArgumentException("per_second must be a number above 0 and up to " + MAX_RATE);
        }
        return rate;
    }

    private static double share(JsonNode request) {
        if (!request.has("voice_share")) {
            return 0;
        }
        double share = request.path("voice_share").isNumber() ? request.path("voice_share").doubleValue() : -1;
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("voice_share must be a number from 0 to 1");
        }
        return share;
    }

    private static long seed(JsonNode request) {
        if (request.has("seed") && !(request.path("seed").isIntegralNumber() && request.path("seed").canConvertToLong())) {
            throw new IllegalArgumentException("seed must be a whole number");
        }
        return request.path("seed").asLong();
    }

    private static boolean exact(JsonNode request) {
        String answer = request.has("answer") ? request.path("answer").asText() : "echo";
        if (!answer.equals("echo") && !answer.equals("any")) {
            throw new IllegalArgumentException("answer must be \"echo\" (answers quote their message or repeat its mark) or \"any\"");
        }
        return answer.equals("echo");
    }

    private static List<JsonNode> faults(JsonNode request) {
        JsonNode list = request.path("faults");
        List<JsonNode> faults = new ArrayList<>();
        list.forEach(faults::add);
        if (request.has("faults") && !list.isArray() || !faults.stream().allMatch(JsonNode::isObject)) {
            throw new IllegalArgumentException("faults must be a list of faults, each as POST /simulator/faults takes it");
        }
        return List.copyOf(faults);
    }
}
