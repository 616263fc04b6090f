package io.github.waroutes.simulator.load;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.simulator.common.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;

/** Starts a load on a simulator, and prints its progress and result. */
final class LoadWatch {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final long LOOK_MILLIS = 1_000;
    private static final int LOOKS_A_LINE = 5;
    private static final String[] PERCENTILES = {"p50", "p90", "p99", "p99_9", "max"};

    private final String url;
    private final PrintStream out;
    private final boolean terminal;
    private final LoadMemory memory;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(LIMIT).build();

    /**
     * @param url      where the simulator is
     * @param terminal whether a line may be overwritten
     * @param memory   of the process that is measured, or null when it is not this process
     */
    LoadWatch(String url, PrintStream out, boolean terminal, LoadMemory memory) {
        this.url = url;
        this.out = out;
        this.terminal = terminal;
        this.memory = memory;
    }

    /** The load could not be run; the message says what to do. */
    static final class Unmeasured extends Exception {
        private static final long serialVersionUID = 1L;

        Unmeasured(String message) {
            super(message);
        }
    }

    /** @return whether the verdict is good */
    boolean run(LoadOptions options) throws Unmeasured, InterruptedException {
        if (memory != null) {
            memory.note("before the load");
        }
        JsonNode load = call("POST", options.request().toString(), 202);
        out.printf(Locale.ROOT, "%d users, %s messages a second for %d s, ramp %d s, seed %d. DELETE %s/simulator/load ends it early.%n",
                load.path("users").asInt(), number(load.path("per_second").asDouble()), load.path("seconds").asInt(),
                load.path("ramp_seconds").asInt(), load.path("seed").asLong(), url);
        String id = load.path("id").asText();
        int ramp = load.path("ramp_seconds").asInt();
        boolean ramped = ramp < LOOKS_A_LINE;
        for (int looks = 1; !load.has("clean"); looks++) {
            Thread.sleep(LOOK_MILLIS);
            load = call("GET", null, 200);
            if (!id.equals(load.path("id").asText())) {
                throw new Unmeasured("Another load was started there, so this one's verdict is gone");
            }
            if (!ramped && load.path("elapsed_seconds").asDouble() > ramp - 2) {
                // messages of the ramp are not measured, so the pause of a full collection does no harm
                ramped = true;
                if (memory != null) {
                    memory.note("at the end of the ramp");
                }
            }
            if (terminal) {
                out.print('\r' + brief(load) + "   ");
                out.flush();
            } else if (looks % LOOKS_A_LINE == 0 && !load.has("clean")) {
                out.println(progress(load));
            }
        }
        if (terminal) {
            out.println();
        }
        if (memory != null) {
            memory.note("after the load");
        }
        return verdict(load, options.maxP99());
    }

    private String progress(JsonNode load) {
        return String.format(Locale.ROOT, "%-8s %5.0f s   sent %d   acknowledged %d   answered %d   %s %d   doubled %d   out of order %s"
                + "   answer p50 %s p99 %s ms%s", load.path("state").asText(), load.path("elapsed_seconds").asDouble(),
                load.path("sent").asInt(), load.path("acknowledged").asInt(), load.path("answered").asInt(),
                load.has("open") ? "open" : "lost", load.path("open").asInt(load.path("lost").asInt()), load.path("doubled").asInt(),
                order(load), time(load.at("/answer_ms/p50")), time(load.at("/answer_ms/p99")),
                memory == null ? "" : "   " + memory.now());
    }

    /** Short enough for a line of 80 characters, as a longer one could not be overwritten. */
    private static String brief(JsonNode load) {
        return String.format(Locale.ROOT, "%s %.0f s: %d sent, %d %s, %d doubled, %s out of order, p99 %s ms",
                load.path("state").asText(), load.path("elapsed_seconds").asDouble(), load.path("sent").asInt(),
                load.path("open").asInt(load.path("lost").asInt()), load.has("open") ? "open" : "lost", load.path("doubled").asInt(),
                order(load), time(load.at("/answer_ms/p99")));
    }

    private boolean verdict(JsonNode load, Long maxP99) {
        out.println();
        row("sent", load.path("sent").asInt() + " of " + load.path("planned").asInt());
        for (String count : new String[] {"acknowledged", "unacknowledged", "answered", "lost", "doubled"}) {
            row(count, load.path(count).asText());
        }
        row("out of order", order(load));
        for (String rare : new String[] {"misdirected", "unrelated", "failed", "forged"}) {
            if (load.path(rare).asInt() > 0) {
                row(rare, load.path(rare).asText());
            }
        }
        out.println();
        out.printf("%-16s%9s%9s%9s%9s%9s%n", "latency, ms", "p50", "p90", "p99", "p99.9", "max");
        latencies("acknowledgement", load.path("acknowledgement_ms"));
        latencies("answer", load.path("answer_ms"));
        if (memory != null) {
            out.println();
            memory.lines().forEach(out::println);
        }
        out.println();
        StringBuilder problems = new StringBuilder(load.path("problems").asText());
        JsonNode p99 = load.at("/answer_ms/p99");
        if (maxP99 != null && !(p99.isNumber() && p99.asDouble() <= maxP99)) {
            problems.append(problems.isEmpty() ? "" : ", ").append("the answers' 99th percentile is ").append(time(p99))
                    .append(" ms, more than ").append(maxP99);
        }
        if (load.path("state").asText().equals("stopped") && problems.isEmpty()) {
            problems.append("stopped before the end");
        }
        out.println(problems.isEmpty() ? "The verdict: clean." : "The verdict: NOT clean: " + problems + ".");
        return problems.isEmpty();
    }

    private void row(String name, String value) {
        out.printf("%-16s%12s%n", name, value);
    }

    private void latencies(String name, JsonNode values) {
        StringBuilder row = new StringBuilder(String.format("%-16s", name));
        for (String percentile : PERCENTILES) {
            row.append(String.format("%9s", time(values.path(percentile))));
        }
        out.println(row);
    }

    private static String order(JsonNode load) {
        return load.path("out_of_order").isNull() ? "not judged" : load.path("out_of_order").asText();
    }

    private static String time(JsonNode millis) {
        if (!millis.isNumber()) {
            return "-";
        }
        return String.format(Locale.ROOT, millis.asDouble() < 100 ? "%.1f" : "%.0f", millis.asDouble());
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    private JsonNode call(String method, String body, int expected) throws Unmeasured, InterruptedException {
        HttpResponse<byte[]> answer;
        try {
            answer = http.send(HttpRequest.newBuilder(URI.create(url + "/simulator/load")).timeout(LIMIT)
                    .header("Content-Type", "application/json").method(method, body == null
                            ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body)).build(),
                    HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new Unmeasured("No simulator answers at " + url + ": start one, or look at its log");
        }
        JsonNode json = Json.object(answer.body()).orElse(null);
        if (answer.statusCode() != expected || json == null) {
            String why = json == null ? "" : ": " + json.path("error").asText();
            throw new Unmeasured(url + "/simulator/load answered " + answer.statusCode() + why);
        }
        return json;
    }
}
