package io.github.waroutes.operate;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.camel.CamelContext;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The gateway's commands for an operator. Each but {@code doctor} asks a running gateway over its management port. Exit code: 0 done, 1 refused or not done, 2 a
 * wrong command line, 3 no gateway answers.
 */
@Command(name = "whatsapp-cloud-routes", description = "Commands for a running gateway.",
        subcommands = {Commands.DeadLettersCommand.class, Commands.UnhandledCommand.class, Commands.NumbersCommand.class, Commands.QueuesCommand.class,
                Commands.WaitingCommand.class, Commands.PauseCommand.class, Commands.ResumeCommand.class, Commands.ConfigCommand.class, Commands.DoctorCommand.class})
public final class Commands {

    private static final int REFUSED = 1;
    private static final int UNREACHABLE = 3;
    private static final int BATCH = 100;
    private static final ObjectMapper JSON = new ObjectMapper();

    private Commands() {
    }

    /** Whether the command line is one of these commands, and not a start of the gateway. */
    public static boolean isOne(String... args) {
        return args.length > 0 && line(() -> null).getSubcommands().containsKey(args[0]);
    }

    /**
     * Runs one; gives the exit code.
     *
     * @param configured a context that is not started, whose properties are what a start in this folder would have
     */
    public static int run(PrintWriter out, PrintWriter err, Supplier<CamelContext> configured, String... args) {
        CommandLine line = line(configured).setOut(out).setErr(err);
        line.setExecutionExceptionHandler((failure, command, result) -> {
            err.println(failure instanceof Refused ? failure.getMessage() : "No gateway answers: " + failure.getMessage());
            err.flush();
            return failure instanceof Refused ? REFUSED : UNREACHABLE;
        });
        return line.execute(args);
    }

    static CommandLine line(Supplier<CamelContext> configured) {
        return new CommandLine(new Commands(), new CommandLine.IFactory() {
            @Override
            public <K> K create(Class<K> type) throws Exception {
                Object made = type == Gateway.class ? new Gateway(configured) : type == DoctorCommand.class ? new DoctorCommand(configured)
                        : CommandLine.defaultFactory().create(type);
                return type.cast(made);
            }
        });
    }

    private static final class Refused extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private Refused(String message) {
            super(message);
        }
    }

    /** Tells the options. */
    static final class Help {

        @Option(names = {"-h", "--help"}, usageHelp = true, description = "This text.")
        private boolean help;
    }

    /** Which gateway, and how its answers are shown. */
    static final class Gateway {

        private static final Duration LIMIT = Duration.ofSeconds(60);

        @Option(names = "--url", paramLabel = "URL", description = "Where its management port is. Default: http://127.0.0.1 and CAMEL_MANAGEMENT_PORT,"
                + " or camel.management.port of ./application.properties, or 9876.")
        private String url;
        @Option(names = "--token", paramLabel = "TOKEN", description = "Default: WHATSAPP_MANAGEMENT_TOKEN, or whatsapp.management.token of"
                + " ./application.properties. Needed to change something.")
        private String token;
        @Option(names = "--json", description = "Print the answers as they are.")
        private boolean json;
        @Mixin
        private Help help;
        private final Supplier<CamelContext> configured;

        private Gateway(Supplier<CamelContext> configured) {
            this.configured = configured;
        }

        JsonNode get(String path) throws Exception {
            return send(request(path).GET());
        }

        JsonNode post(String path, JsonNode body) throws Exception {
            return send(request(path).header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body.toString())));
        }

        private HttpRequest.Builder request(String path) throws Exception {
            try (CamelContext context = url != null && token != null ? null : configured.get()) {
                String base = url != null ? url : "http://127.0.0.1:" + setting(context, "camel.management.port");
                HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base.replaceFirst("/$", "") + path)).timeout(LIMIT);
                String known = token != null ? token : setting(context, "whatsapp.management.token");
                return known.isBlank() ? request : request.header("Authorization", "Bearer " + known.strip());
            }
        }

        private static String setting(CamelContext context, String key) {
            String value = context.resolvePropertyPlaceholders("{{?" + key + "}}");
            return value == null ? "" : value;
        }

        private static JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
            HttpRequest asked = request.build();
            HttpResponse<String> response;
            try {
                response = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build().send(asked, HttpResponse.BodyHandlers.ofString());
            } catch (IOException e) {
                // its own message is often none
                throw new IOException(asked.uri().getAuthority() + ". Start it, or give its management port (--url).", e);
            }
            JsonNode body;
            try {
                body = JSON.readTree(response.body());
            } catch (IOException e) {
                throw new Refused("What answers there (HTTP " + response.statusCode() + ") is no gateway's management port.");
            }
            if (response.statusCode() != 200) {
                throw new Refused(body.path("detail").asText("HTTP " + response.statusCode()));
            }
            return body;
        }
    }

    /** Which messages a change is about. */
    static final class Which {

        @Parameters(paramLabel = "ID", arity = "0..*", description = "As the list shows them.")
        private List<String> ids;
        @Option(names = "--all", description = "All there are.")
        private boolean all;
        @Option(names = "--filter", paramLabel = "NAME=VALUE", description = "error, exception, route, source, kind, type, number, since, until;"
                + " several with commas, or the option again.", split = ",")
        private Map<String, String> filter;

        private ObjectNode request(CommandSpec spec) {
            int given = (ids == null || ids.isEmpty() ? 0 : 1) + (all ? 1 : 0) + (filter == null ? 0 : 1);
            if (given != 1) {
                throw new ParameterException(spec.commandLine(), "Say which: IDs, or --all, or --filter NAME=VALUE.");
            }
            ObjectNode request = JSON.createObjectNode();
            if (all) {
                request.put("all", true);
            } else if (filter != null) {
                request.set("filter", JSON.valueToTree(filter));
            } else {
                request.set("ids", JSON.valueToTree(ids));
            }
            return request.put("limit", BATCH);
        }
    }

    /** The commands of one shelf. */
    abstract static class Shelf {

        @Mixin
        private Help help;
        @Spec
        private CommandSpec spec;

        abstract String shelf();

        private String path() {
            return "/manage/messages/" + shelf();
        }

        @Command(name = "list", description = "Lists them, oldest first; who they are about is masked.")
        int list(@Mixin Gateway of, @Option(names = "--filter", paramLabel = "NAME=VALUE", split = ",",
                description = "error, exception, route, source, kind, type, number, since, until") Map<String, String> filter,
                @Option(names = "--limit", defaultValue = "50", description = "How many at the most (${DEFAULT-VALUE}).") int limit,
                @Option(names = "--skip", defaultValue = "0", description = "How many to leave out at the beginning.") int skip) throws Exception {
            Map<String, String> query = new LinkedHashMap<>(filter == null ? Map.of() : filter);
            query.put("limit", Integer.toString(limit));
            query.put("skip", Integer.toString(skip));
            JsonNode found = of.get(path() + '?' + query.entrySet().stream().map(entry -> encoded(entry.getKey()) + '=' + encoded(entry.getValue()))
                    .collect(Collectors.joining("&")));
            PrintWriter out = spec.commandLine().getOut();
            if (of.json) {
                out.println(found);
                return 0;
            }
            out.printf("%d of %d%n", found.path("matching").asLong(), found.path("total").asLong());
            for (JsonNode message : found.path("messages")) {
                JsonNode error = message.path("error");
                out.printf("%-28s %-24s %-10s %-12s %-10s %-7s %s%n", message.path("id").asText(), message.path("at").asText("").replaceFirst("\\..*Z", "Z"),
                        message.path("kind").asText(), message.path("type").asText(), message.path("number").asText(), message.path("user").asText(),
                        error.isMissingNode() ? "" : error.path("error_code").asText(error.path("type").asText()) + ' ' + error.path("message").asText(""));
            }
            return 0;
        }

        @Command(name = "show", description = "Shows one: why it is here, and what to do.")
        int show(@Mixin Gateway of, @Parameters(paramLabel = "ID") String id,
                @Option(names = "--unmask", description = "With people's data and the body; needs the token.") boolean unmask) throws Exception {
            JsonNode message = of.get(path() + '/' + encoded(id) + (unmask ? "?unmask=true" : ""));
            spec.commandLine().getOut().println(of.json ? message.toString() : message.toPrettyString());
            return 0;
        }

        @Command(name = "replay", description = "Sends them back to the queue they came from, in order.")
        int replay(@Mixin Gateway of, @Mixin Which which, @Option(names = "--rate", paramLabel = "N",
                description = "So many a second at the most; 0: as fast as it goes.", defaultValue = "0") double rate) throws Exception {
            return change(of, "replay", "replayed", which.request(spec), rate);
        }

        @Command(name = "drop", description = "Removes them for good; the audit log keeps why.")
        int drop(@Mixin Gateway of, @Mixin Which which, @Option(names = "--reason", required = true, paramLabel = "TEXT") String reason) throws Exception {
            return change(of, "drop", "dropped", which.request(spec).put("reason", reason), 0);
        }

        private int change(Gateway of, String action, String done, ObjectNode request, double rate) throws Exception {
            if (rate > 0) {
                request.put("limit", Math.max(1, Math.min(BATCH, (int) rate)));
            }
            // what fails again meanwhile comes to the end of the list, and is not for this run
            long todo = Long.MAX_VALUE;
            long total = 0;
            JsonNode answer;
            do {
                answer = of.post(path() + '/' + action, request);
                int count = answer.path(done).asInt();
                total += count;
                todo = (todo == Long.MAX_VALUE ? count + answer.path("left").asLong() : todo) - count;
                request.put("limit", Math.max(1, Math.min(request.path("limit").asLong(), todo)));
                if (count == 0) {
                    break;
                }
                if (rate > 0 && todo > 0) {
                    LockSupport.parkNanos((long) (count / rate * 1e9));
                }
            } while (todo > 0);
            PrintWriter out = spec.commandLine().getOut();
            if (of.json) {
                out.println(JSON.createObjectNode().put(done, total).put("left", answer.path("left").asLong()));
            } else {
                out.printf("%d %s, %d left%n", total, done, answer.path("left").asLong());
            }
            return total == 0 ? REFUSED : 0;
        }

        private static String encoded(String text) {
            return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
        }
    }

    @Command(name = "dead-letters", description = "What was given up.")
    static final class DeadLettersCommand extends Shelf {

        @Override
        String shelf() {
            return "dead-letters";
        }
    }

    @Command(name = "unhandled", description = "Updates that nothing handled.")
    static final class UnhandledCommand extends Shelf {

        @Override
        String shelf() {
            return "unhandled";
        }
    }

    /** A command that shows a list as the gateway answers it. */
    abstract static class Overview implements Callable<Integer> {

        @Mixin
        private Gateway gateway;
        @Spec
        private CommandSpec spec;

        abstract String path();

        abstract String line(JsonNode one);

        @Override
        public Integer call() throws Exception {
            JsonNode all = gateway.get(path());
            PrintWriter out = spec.commandLine().getOut();
            if (gateway.json) {
                out.println(all);
            } else {
                all.forEach(one -> out.println(line(one)));
            }
            return 0;
        }
    }

    @Command(name = "numbers", description = "The numbers: state, why, until when, and what waits.")
    static final class NumbersCommand extends Overview {

        @Override
        String path() {
            return "/manage/numbers";
        }

        @Override
        String line(JsonNode number) {
            return "%-16s %-10s waiting %-8d %s".formatted(number.path("name").asText(), number.path("state").asText(),
                    number.path("waiting").asLong(), number.has("reason") ? "since " + number.path("since").asText() + ": " + number.path("reason").asText()
                    : number.has("error") ? number.path("scope").asText() + ", error " + number.path("error").asText()
                            + ", since " + number.path("since").asText() + ", tries again " + number.path("tries_again").asText() : "");
        }
    }

    @Command(name = "queues", description = "The queues, how much each holds, and for how long.")
    static final class QueuesCommand extends Overview {

        @Override
        String path() {
            return "/manage/queues";
        }

        @Override
        String line(JsonNode queue) {
            return "%-28s %-8d %s%s".formatted(queue.path("name").asText(), queue.path("messages").asLong(),
                    queue.has("oldest_seconds") ? "oldest " + queue.path("oldest_seconds").asLong() + " s" : "", queue.path("paused").asBoolean() ? "  paused" : "").stripTrailing();
        }
    }

    @Command(name = "config", description = "The settings in force, without secrets.")
    static final class ConfigCommand extends Overview {

        @Override
        String path() {
            return "/manage/config";
        }

        @Override
        String line(JsonNode setting) {
            return "%s = %s%s".formatted(setting.path("name").asText(), setting.path("value").asText(), setting.path("default").asBoolean() ? "  (default)" : "");
        }
    }

    /** What pauses and resumes are about. */
    static final class What {

        @Parameters(paramLabel = "WHAT", arity = "0..1", description = "handling (what users write), sending, or all. Default: all, or with --number its sending.")
        private String what;
        @Option(names = "--number", paramLabel = "NAME", description = "Only what this number sends.")
        private String number;

        private int order(Gateway gateway, String path, String reason, PrintWriter out) throws Exception {
            ObjectNode request = JSON.createObjectNode();
            if (what != null) {
                request.put("what", what);
            }
            if (number != null) {
                request.put("number", number);
            }
            if (reason != null) {
                request.put("reason", reason);
            }
            JsonNode paused = gateway.post(path, request);
            if (gateway.json) {
                out.println(paused);
            } else if (paused.isEmpty()) {
                out.println("Nothing is paused.");
            } else {
                paused.forEach(one -> out.printf("paused: %-9s %-16s since %s: %s%n", one.path("what").asText(), one.path("number").asText("all numbers"),
                        one.path("since").asText(), one.path("reason").asText()));
            }
            return 0;
        }
    }

    @Command(name = "pause", description = "Handles, or sends, nothing more until it is resumed; webhooks and messages to send are stored. Holds for all nodes, and over a restart.")
    static final class PauseCommand implements Callable<Integer> {

        @Mixin
        private Gateway gateway;
        @Mixin
        private What what;
        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "For whoever finds it paused.")
        private String reason;
        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() throws Exception {
            return what.order(gateway, "/manage/pause", reason, spec.commandLine().getOut());
        }
    }

    @Command(name = "resume", description = "Ends a pause.")
    static final class ResumeCommand implements Callable<Integer> {

        @Mixin
        private Gateway gateway;
        @Mixin
        private What what;
        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() throws Exception {
            return what.order(gateway, "/manage/resume", null, spec.commandLine().getOut());
        }
    }

    @Command(name = "waiting", description = "What holds its conversation until it is tried again, and what waits for a number that does not send.")
    static final class WaitingCommand {

        @Mixin
        private Help help;
        @Spec
        private CommandSpec spec;

        @Command(name = "list", description = "Lists what this node holds, longest first, then what lies in the queues of numbers that do not send; who it is about is masked.")
        int list(@Mixin Gateway of, @Option(names = "--number", paramLabel = "NAME", description = "Only of this number.") String number,
                @Option(names = "--limit", defaultValue = "50", description = "How many at the most (${DEFAULT-VALUE}).") int limit) throws Exception {
            JsonNode found = of.get("/manage/waiting?limit=" + limit + (number == null ? "" : "&number=" + Shelf.encoded(number)));
            PrintWriter out = spec.commandLine().getOut();
            if (of.json) {
                out.println(found);
                return 0;
            }
            out.printf("%d waiting%n", found.path("total").asLong());
            found.path("messages").forEach(one -> out.printf("%-28s %-9s %-10s %-10s %-7s since %s%s: %s %s%s%n", one.path("id").asText(),
                    one.path("state").asText(), one.path("type").asText(), one.path("number").asText(), one.path("user").asText(),
                    one.path("stored_at").asText(), one.path("tries_again").isMissingNode() ? "" : ", tries again " + one.path("tries_again").asText(),
                    one.path("reason").asText(), one.path("error").asText(), one.path("given_up").asBoolean() ? " (given up when its turn comes)" : ""));
            return 0;
        }

        @Command(name = "release", description = "Tries it at once.")
        int release(@Mixin Gateway of, @Parameters(paramLabel = "ID", arity = "0..*", description = "As the list shows them.") List<String> ids,
                @Option(names = "--number", paramLabel = "NAME", description = "What this number sends, also while it is stopped.") String number,
                @Option(names = "--all", description = "All that waits.") boolean all) throws Exception {
            return order(of, "release", ids, number, all, null);
        }

        @Command(name = "give-up", description = "Makes dead letters of it.")
        int giveUp(@Mixin Gateway of, @Parameters(paramLabel = "ID", arity = "0..*", description = "As the list shows them.") List<String> ids,
                @Option(names = "--number", paramLabel = "NAME", description = "All that this number has to send now.") String number,
                @Option(names = "--reason", required = true, paramLabel = "TEXT") String reason) throws Exception {
            return order(of, "give-up", ids, number, false, reason);
        }

        private int order(Gateway of, String action, List<String> ids, String number, boolean all, String reason) throws Exception {
            boolean some = ids != null && !ids.isEmpty();
            if ((some ? 1 : 0) + (number == null ? 0 : 1) + (all ? 1 : 0) != 1) {
                throw new ParameterException(spec.commandLine(), "Say which: IDs, or --number NAME" + (reason == null ? ", or --all." : "."));
            }
            ObjectNode request = JSON.createObjectNode();
            if (some) {
                request.set("ids", JSON.valueToTree(ids));
            } else if (number != null) {
                request.put("number", number);
            } else {
                request.put("all", true);
            }
            if (reason != null) {
                request.put("reason", reason);
            }
            JsonNode answer = of.post("/manage/waiting/" + action, request);
            spec.commandLine().getOut().println(of.json ? answer.toString() : "Ordered; see what waits with: waiting list");
            return 0;
        }
    }

    @Command(name = "doctor", description = "Looks at everything a gateway with this configuration needs, and says what is wrong. Starts, sends and changes nothing.")
    static final class DoctorCommand implements Callable<Integer> {

        @Mixin
        private Help help;
        @Option(names = "--json", description = "Print the findings as JSON.")
        private boolean json;
        @Option(names = "--callback", paramLabel = "URL", description = "An address at which the webhook must answer Meta's handshake, besides those that Meta has.")
        private String callback;
        @Spec
        private CommandSpec spec;
        private final Supplier<CamelContext> configured;

        private DoctorCommand(Supplier<CamelContext> configured) {
            this.configured = configured;
        }

        @Override
        public Integer call() throws Exception {
            List<Doctor.Finding> findings;
            try (CamelContext context = configured.get()) {
                findings = new Doctor(context, callback).examine();
            }
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(JSON.writeValueAsString(findings));
            } else {
                findings.forEach(finding -> out.printf("%-5s %-28s %s%n", finding.state().name().toLowerCase(Locale.ROOT), finding.about(), finding.text()));
            }
            return findings.stream().anyMatch(finding -> finding.state() == Doctor.State.FAIL) ? REFUSED : 0;
        }
    }
}
