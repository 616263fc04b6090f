package io.github.waroutes.simulator.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.common.Json;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * The options of {@link Load}'s command line.
 *
 * @param request the body of {@code POST /simulator/load}
 * @param url     the simulator to drive, without a slash at its end; null to start one
 * @param limits  whether the gateway that is started keeps Meta's limits
 * @param maxP99  the most milliseconds that the 99th percentile of the answers may take, or null
 */
record LoadOptions(ObjectNode request, String url, boolean limits, Long maxP99) {

    static final String HELP = """
            java -cp whatsapp-cloud-routes.jar io.github.waroutes.simulator.load.Load [options]
              --users N          how many users talk (100)
              --rate N           messages a second of all of them together (50)
              --seconds N        how long the rate is held (60)
              --ramp N           seconds in which it rises from 0 first, not in the latencies (0)
              --seed N           decides who says what when (0)
              --voice-share X    the share of voice messages, 0 to 1 (0)
              --answer WAY       echo: answers quote their message or repeat its mark; any: the k-th answer is the k-th message's (echo)
              --fault JSON       a fault for the time of the load, as POST /simulator/faults takes it; may be repeated
              --drain N          after N seconds without progress, what is not answered is lost (30)
              --settle N         seconds to look for more answers after the last (3)
              --max-p99 MS       fail when the 99th percentile of the answers takes longer
              --limits           keep the limits of the gateway that is started; without this they are out of the way
              --url URL          drive the simulator that runs there, as in http://127.0.0.1:8080, and start nothing
            Exit code: 0 nothing was lost, doubled or out of order, and every message was sent and taken (and fast enough); 1 otherwise;
            2 it could not be measured.
            """;

    private static final Map<String, String> NUMBERS = Map.of("--users", "users", "--rate", "per_second", "--seconds", "seconds",
            "--ramp", "ramp_seconds", "--seed", "seed", "--voice-share", "voice_share", "--drain", "drain_seconds",
            "--settle", "settle_seconds");

    /** @throws IllegalArgumentException that says which option is wrong */
    static LoadOptions read(List<String> arguments) {
        ObjectNode request = JsonNodeFactory.instance.objectNode().put("users", 100).put("per_second", 50).put("seconds", 60);
        ArrayNode faults = JsonNodeFactory.instance.arrayNode();
        String url = null;
        boolean limits = false;
        Long maxP99 = null;
        Deque<String> words = new ArrayDeque<>(arguments);
        while (!words.isEmpty()) {
            String option = words.pop();
            if (NUMBERS.containsKey(option)) {
                number(request, NUMBERS.get(option), option, value(option, words));
                continue;
            }
            switch (option) {
                case "--answer" -> request.put("answer", value(option, words));
                case "--fault" -> faults.add(Json.object(value(option, words).getBytes(StandardCharsets.UTF_8)).orElseThrow(
                        () -> new IllegalArgumentException("--fault must be a JSON object, such as"
                                + " {\"fault\":\"duplicate-webhook\",\"probability\":0.01}")));
                case "--limits" -> limits = true;
                case "--url" -> url = url(value(option, words));
                case "--max-p99" -> maxP99 = millis(value(option, words));
                default -> throw new IllegalArgumentException("There is no option " + option + ": --help lists them");
            }
        }
        if (url != null && limits) {
            throw new IllegalArgumentException("--limits is about the gateway that is started: leave it out with --url");
        }
        if (!faults.isEmpty()) {
            request.set("faults", faults);
        }
        LoadPlan.read(request);
        return new LoadOptions(request, url, limits, maxP99);
    }

    private static String value(String option, Deque<String> words) {
        if (words.isEmpty()) {
            throw new IllegalArgumentException(option + " needs a value");
        }
        return words.pop();
    }

    private static void number(ObjectNode request, String field, String option, String value) {
        try {
            BigDecimal number = new BigDecimal(value);
            JsonNode node = JsonNodeFactory.instance.numberNode(number);
            if (number.stripTrailingZeros().scale() <= 0) {
                long whole = number.longValueExact();
                node = whole == (int) whole ? JsonNodeFactory.instance.numberNode((int) whole)
                        : JsonNodeFactory.instance.numberNode(whole);
            }
            request.set(field, node);
        } catch (ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException(option + " must be a number");
        }
    }

    private static String url(String value) {
        try {
            URI uri = URI.create(value);
            if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null) {
                return value.replaceAll("/+$", "");
            }
        } catch (IllegalArgumentException e) {
            // reported below
        }
        throw new IllegalArgumentException("--url must be an http address, such as http://127.0.0.1:8080");
    }

    private static long millis(String value) {
        if (!value.matches("[0-9]{1,9}")) {
            throw new IllegalArgumentException("--max-p99 must be a whole number of milliseconds");
        }
        return Long.parseLong(value);
    }

    /** How many users there are. */
    int users() {
        return request.path("users").asInt();
    }
}
