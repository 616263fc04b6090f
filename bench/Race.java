import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/**
 * Measures what the gateway is to be fast at, beside a bare limit and beside peers, on one machine over loopback, and writes a table. Run it through
 * {@code bench/race}; README.md says what each row is. The load and the stub of the Graph API are those of {@link WebhookLoad}, in this process.
 */
public final class Race {

    private static final String HELP = """
            bench/race [options] [row ...]      all rows if none is named
              --short        about a minute: fewer and shorter rounds, less warm; leaves out the rows that --list marks
              --rounds N     alternating rounds of each side, of which the median counts (3; short: 1)
              --no-peers     without the peers; else they are fetched with npm and Maven where they are missing (short: only if they are there)
              --table FILE   where the table is written, in Markdown (target/race/table.md)
              --list         the rows
            Exit code: 0 all aims are met, 1 one is not, 2 one could not be measured.
            """;
    private static final String SECRET = "bench-secret";
    private static final String NUMBER = "106540352242922";
    private static final String TOKEN = "bench-token";
    private static final int USERS = 8_000_000;
    private static final int MEDIA_BYTES = 100_000_000;

    private final Path root;
    private final Path app;
    private final Path directory;
    private final boolean shortForm;
    private final boolean peers;
    private final int rounds;
    private final Set<Side> running = ConcurrentHashMap.newKeySet();
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Ports ports = new Ports();
    private final int stubPort = ports.free();
    private final WebhookLoad.Stub stub = new WebhookLoad.Stub(stubPort, USERS);
    private int nextUser;
    /** The gateway as it is, for the rows that measure it warm. */
    private Gateway common;
    /** What sends in row e, and the bare calls of row c. */
    private volatile Process sending;

    /** @param met null: there is no aim to meet, or it could not be measured */
    private record Result(String bare, String peer, String ours, String ratio, Boolean met) { }

    private interface Measure {
        Result run() throws Exception;
    }

    private record Row(String name, String what, String aim, boolean inShort, Measure measure) { }

    private Race(Path root, Path app, Path directory, boolean shortForm, boolean peers, int rounds) throws IOException {
        this.root = root;
        this.app = app;
        this.directory = directory;
        this.shortForm = shortForm;
        this.peers = peers;
        this.rounds = rounds;
    }

    private List<Row> rows() {
        return List.of(
                new Row("a", "verify, parse, split, 200; not stored, 32 connections", "≥ 0.65 of bare, ≥ 1.5 × the peer", true, this::accept),
                new Row("b", "the same, synced to disk before the 200, handled beside it, 64 connections", "≥ 10 k/s, p99 ≤ 50 ms", true, this::store),
                new Row("c", "processor time of a text, from webhook to reply", "≤ 0.35 ms", true, this::text),
                new Row("d", "a backlog of texts worked off", "≥ 6 k/s", true, this::backlog),
                new Row("e", "sends, 64 in flight", "≥ 20 k/s, ≤ 45 µs", false, this::sends),
                new Row("f", "a status stored and applied; 3,000/s beside 1,000 sends/s", "≤ 0.15 ms; both rates held", false, this::statuses),
                new Row("g", "start to first accepted webhook", "≤ 1.8 s", true, this::start),
                new Row("h", "cold at 1,000/s: p99 of each second", "< 100 ms from the first", false, this::cold),
                new Row("i", "3,300/s with -Xmx256m", "held, p99 ≤ 1 s", false, this::memory),
                new Row("j", "a 100 MB file down (both hops) and up, -Xmx64m", "≥ 0.8 of curl", true, this::media));
    }

    public static void main(String[] args) throws Exception {
        Path root = Path.of("");
        Path directory = null;
        Path app = null;
        Path table = null;
        boolean shortForm = false;
        boolean peers = true;
        boolean list = false;
        int rounds = 0;
        List<String> named = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--help" -> {
                    System.out.print(HELP);
                    return;
                }
                case "--root" -> root = Path.of(args[++i]);
                case "--directory" -> directory = Path.of(args[++i]);
                case "--app" -> app = Path.of(args[++i]);
                case "--table" -> table = Path.of(value(args, ++i));
                case "--rounds" -> rounds = rounds(value(args, ++i));
                case "--short" -> shortForm = true;
                case "--no-peers" -> peers = false;
                case "--list" -> list = true;
                default -> named.add(args[i]);
            }
        }
        Race race = new Race(root, app, directory, shortForm, peers, rounds > 0 ? rounds : shortForm ? 1 : 3);
        List<Row> rows = race.rows();
        if (list) {
            rows.forEach(row -> System.out.printf("%s  %-75s %s%s%n", row.name, row.what, row.aim, row.inShort ? "" : "   (not in --short)"));
            System.exit(0);
        }
        for (String name : named) {
            if (rows.stream().noneMatch(row -> row.name.equals(name))) {
                usage(name + " is neither an option nor a row. --help and --list show them.");
            }
        }
        Runtime.getRuntime().addShutdownHook(new Thread(race::end));
        List<Row> chosen = rows.stream().filter(row -> named.isEmpty() ? row.inShort || !race.shortForm : named.contains(row.name)).toList();
        System.exit(race.run(chosen, rows, table == null ? root.resolve("target/race/table.md") : table));
    }

    private static String value(String[] args, int at) {
        if (at >= args.length) {
            usage(args[at - 1] + " needs a value. --help shows the options.");
        }
        return args[at];
    }

    private static int rounds(String value) {
        if (!value.matches("[1-9]\\d?")) {
            usage("--rounds must be a number from 1 to 99, and is " + value);
        }
        return Integer.parseInt(value);
    }

    private static void usage(String message) {
        System.err.println(message);
        System.exit(2);
    }

    private int run(List<Row> chosen, List<Row> all, Path table) throws Exception {
        String machine = machine();
        System.err.println(machine);
        WebhookLoad.thread("stub", stub);
        StringBuilder lines = new StringBuilder(machine + "\n\n| | work | aim | bare limit | peer | ours | ratio | aim met | others |\n|---|---|---|---|---|---|---|---|---|\n");
        int code = 0;
        long begin = System.nanoTime();
        for (Row row : chosen) {
            say("%s  %s", row.name, row.what);
            Result result;
            double others = others();
            long since = System.nanoTime();
            try {
                result = row.measure.run();
                code = Math.max(code, Boolean.FALSE.equals(result.met) ? 1 : 0);
            } catch (WebhookLoad.Unmeasured e) {
                result = new Result("", "", "not measured: " + e.getMessage(), "", null);
                code = 2;
            }
            String line = String.format(Locale.ROOT, "| %s | %s | %s | %s | %s | %s | %s | %s | %.0f %% |%n", row.name, row.what, row.aim, result.bare, result.peer, result.ours,
                    result.ratio, result.met == null ? "–" : result.met ? "yes" : "no",
                    100 * Math.max(0, others() - others) / ((System.nanoTime() - since) / 1e9 * Runtime.getRuntime().availableProcessors()));
            say("%s", line.strip());
            lines.append(line);
            // what is measured is there also after Ctrl-C
            Files.createDirectories(table.toAbsolutePath().getParent());
            Files.writeString(table, lines);
        }
        List<String> left = all.stream().filter(row -> !chosen.contains(row)).map(Row::name).toList();
        lines.append(String.format("%n%sRounds: %d, medians%s; %.0f s in all.%n", left.isEmpty() ? "" : "Left out: " + String.join(", ", left) + ". ", rounds,
                shortForm ? ", short form, not warm" : "", (System.nanoTime() - begin) / 1e9));
        System.out.print(lines);
        Files.writeString(table, lines);
        return code;
    }

    private static void say(String format, Object... values) {
        System.err.printf(Locale.ROOT, format + "%n", values);
    }

    // ---- the rows

    /** Rates of some servers, warmed first, then in turn: requests a second that were accepted, with 32 connections that stay open. */
    private Result accept() throws Exception {
        Map<String, Side> sides = new LinkedHashMap<>();
        List<String> skipped = new ArrayList<>();
        try {
            sides.put("bare", bare("bare", "webhook", null));
            nodePeer(sides, skipped);
            camelPeer(sides, skipped);
            sides.put("ours", gateway("not-stored", List.of(), withoutStore()));
            Map<String, List<Run>> runs = inTurn(sides, 32, shortForm ? 3 : 5, shortForm ? 6 : 12);
            double bare = rate(runs, "bare");
            double ours = rate(runs, "ours");
            double node = rate(runs, "whatsapp-api-js");
            double camel = rate(runs, "camel-whatsapp");
            String peer = (node > 0 ? "whatsapp-api-js 6.3.0, 2 workers, " + thousands(node) : "") + (camel > 0 ? "; camel-whatsapp 4.18.0 with HMAC and parse "
                    + thousands(camel) : "") + (skipped.isEmpty() ? "" : "; skipped: " + String.join("; ", skipped));
            return new Result(thousands(bare), peer, thousands(ours), String.format(Locale.ROOT, "%.2f of bare", ours / bare)
                    + (node > 0 ? String.format(Locale.ROOT, ", %.1f × whatsapp-api-js", ours / node) : "")
                    + (camel > 0 ? String.format(Locale.ROOT, ", %.1f × camel-whatsapp", ours / camel) : ""),
                    ours >= 0.65 * bare && ours >= 1.5 * node);
        } finally {
            sides.values().forEach(Side::close);
        }
    }

    private Result store() throws Exception {
        Gateway ours = common();
        int seconds = shortForm ? 4 : 8;
        List<Run> bare = new ArrayList<>();
        List<Run> own = new ArrayList<>();
        Side limit = bare("bare-synced", "webhook", directory.resolve("journal"));
        try {
            limit.awaitAccepted();
            WebhookLoad.Requests same = texts(limit).prepared(512);
            closed(limit.port, 64, 2, same);
            for (int round = 0; round < rounds; round++) {
                bare.add(closed(limit.port, 64, seconds, same));
                own.add(closed(ours.port, 64, seconds, texts(ours)));
                double drained = drain(own.get(round));
                say("   bare %s, ours %s, p50 %.1f p99 %.1f ms, worked off %.1f s after", thousands(bare.get(round).rate), thousands(own.get(round).rate),
                        own.get(round).p50, own.get(round).p99, drained);
            }
        } finally {
            limit.close();
        }
        double rate = median(own.stream().map(Run::rate));
        double p99 = median(own.stream().map(Run::p99));
        return new Result(thousands(median(bare.stream().map(Run::rate))) + ", group commit", "none stores",
                String.format(Locale.ROOT, "%s, p50 %.0f ms, p99 %.0f ms", thousands(rate), median(own.stream().map(Run::p50)), p99),
                String.format(Locale.ROOT, "%.2f of bare", rate / median(bare.stream().map(Run::rate))), rate >= 10_000 && p99 <= 50);
    }

    private Result text() throws Exception {
        Gateway gateway = common();
        double bare = 2 * sendLoad(1, "bare")[1];
        List<Double> all = new ArrayList<>();
        double compiled = 0;
        for (int round = 0; round < rounds; round++) {
            double compiler = gateway.compiler();
            double cpu = gateway.cpu();
            Run run = open(gateway.port, 64, new WebhookLoad.Schedule(1_000, 0, shortForm ? 4 : 10), texts(gateway));
            drain(run);
            double used = gateway.cpu() - cpu;
            compiler = gateway.compiler() - compiler;
            compiled += compiler / used / rounds;
            all.add(used / run.accepted * 1e3);
            say("   %.3f ms, of it the compiler %.0f %%", all.get(round), 100 * compiler / used);
        }
        double ours = median(all.stream());
        return new Result(String.format(Locale.ROOT, "two calls %.0f µs", bare), "–", String.format(Locale.ROOT,
                "%.2f ms at 1,000/s; the compiler had %.0f %% of it, after %.0f s of load", ours, 100 * compiled, gateway.loadedFor()),
                String.format(Locale.ROOT, "%.0f × bare", ours * 1e3 / bare), ours <= 0.35);
    }

    private Result backlog() throws Exception {
        Gateway gateway = common();
        List<Double> rates = new ArrayList<>();
        double cpu = 0;
        for (int round = 0; round < rounds; round++) {
            gateway.manage("pause", "{\"what\":\"handling\",\"reason\":\"bench\"}");
            int before = stub.answered;
            Run run = closed(gateway.port, 64, shortForm ? 2 : 5, texts(gateway));
            int early = stub.answered - before;
            double used = gateway.cpu();
            gateway.manage("resume", "{\"what\":\"handling\"}");
            await("the backlog is worked off", 30, () -> stub.answered - before > early);
            long begin = System.nanoTime();
            drain(run);
            rates.add((run.accepted - early) / ((System.nanoTime() - begin) / 1e9));
            cpu += (gateway.cpu() - used) / (run.accepted - early) * 1e3 / rounds;
            say("   %d stored, worked off at %s", run.accepted, thousands(rates.get(round)));
        }
        double rate = median(rates.stream());
        return new Result("–", "–", String.format(Locale.ROOT, "%s, %.2f ms each", thousands(rate), cpu), "–", rate >= 6_000);
    }

    private Result sends() throws Exception {
        double[] ours = sendLoad(3, String.valueOf(rounds));
        String peer;
        if (camelWhatsApp() == null) {
            int port = ports.free();
            WebhookLoad.thread("peer's stub", new WebhookLoad.Stub(port, USERS));
            Side camel = java("camel-sends", root.resolve("target/race/camel-whatsapp") + "/*", Map.of(), List.of(),
                    root.resolve("bench/peers/CamelWhatsApp.java").toString(), "send", String.valueOf(port), "4");
            try {
                // as many rounds for the compiler first
                await("camel-whatsapp sends", 60 + 10 * rounds, () -> camel.log().size() >= 3 + rounds);
                List<String> lines = camel.log().subList(3, 3 + rounds);
                peer = String.format(Locale.ROOT, "camel-whatsapp 4.18.0 %s, %.0f µs", thousands(median(lines.stream().map(line -> Double.valueOf(line.split(" ")[0])))),
                        median(lines.stream().map(line -> Double.valueOf(line.split(" ")[1]))));
            } finally {
                camel.close();
            }
        } else {
            peer = "skipped: " + camelWhatsApp();
        }
        return new Result(String.format(Locale.ROOT, "%s, %.1f µs", thousands(ours[2]), ours[3]), peer + "; Bindambc is not in Maven Central",
                String.format(Locale.ROOT, "%s, %.1f µs", thousands(ours[0]), ours[1]),
                String.format(Locale.ROOT, "%.2f of bare, %.2f by processor time", ours[0] / ours[2], ours[3] / ours[1]), ours[0] >= 20_000 && ours[1] <= 45);
    }

    private Result statuses() throws Exception {
        Gateway gateway = common();
        int seconds = 10;
        int sent = nextUser;
        drain(open(gateway.port, 24, new WebhookLoad.Schedule(1_000, 0, seconds), api(gateway.port)));
        double before = gateway.applied();
        awaitApplied(gateway, before + open(gateway.port, 64, new WebhookLoad.Schedule(3_000, 0, seconds), statuses(gateway.port, sent)).accepted);

        // the same again, warm now, then both at once: each message's three statuses follow its send by a second
        List<Double> each = new ArrayList<>();
        List<Double> perSend = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            sent = nextUser;
            double cpu = gateway.cpu();
            Run messages = open(gateway.port, 24, new WebhookLoad.Schedule(1_000, 0, seconds), api(gateway.port));
            drain(messages);
            perSend.add((gateway.cpu() - cpu) / messages.accepted * 1e3);
            before = gateway.applied();
            cpu = gateway.cpu();
            Run alone = open(gateway.port, 64, new WebhookLoad.Schedule(3_000, 0, seconds), statuses(gateway.port, sent));
            awaitApplied(gateway, before + alone.accepted);
            each.add((gateway.cpu() - cpu) / alone.accepted * 1e3);
            say("   a status %.3f ms, a send through the API %.2f ms", each.get(round), perSend.get(round));
        }
        sent = nextUser;
        before = gateway.applied();
        WebhookLoad.Requests sending = api(gateway.port);
        Run[] beside = new Run[1];
        Thread other = new Thread(() -> beside[0] = open(gateway.port, 24, new WebhookLoad.Schedule(1_000, 0, seconds), sending));
        other.start();
        Thread.sleep(1_000);
        Run both = open(gateway.port, 64, new WebhookLoad.Schedule(3_000, 0, seconds), statuses(gateway.port, sent));
        other.join();
        long begin = System.nanoTime();
        drain(beside[0]);
        awaitApplied(gateway, before + both.accepted);
        double late = (System.nanoTime() - begin) / 1e9;
        boolean held = both.rate >= 2_970 && beside[0].rate >= 990 && late < 2;
        double ours = median(each.stream());
        return new Result("–", "–", String.format(Locale.ROOT, "%.2f ms (a send through the API: %.2f ms); %.0f/s beside %.0f sends/s, p99 %.0f and %.0f ms, all applied %.1f s after", ours, median(perSend.stream()), both.rate,
                beside[0].rate, both.p99, beside[0].p99, late), "–", ours <= 0.15 && held);
    }

    private Result start() throws Exception {
        List<Double> bare = new ArrayList<>();
        List<Double> ours = new ArrayList<>();
        for (int i = 0; i < (shortForm ? 1 : 5); i++) {
            bare.add(accepting(() -> bare("hello" + System.nanoTime(), "hello", null)));
            ours.add(accepting(() -> gateway("start" + System.nanoTime(), List.of(), Map.of())));
            say("   bare %.2f s, ours %.2f s", bare.get(i), ours.get(i));
        }
        double median = median(ours.stream());
        return new Result(String.format(Locale.ROOT, "camel-main hello %.2f s", median(bare.stream())), "–", String.format(Locale.ROOT, "%.2f s (%.2f to %.2f)", median,
                ours.stream().min(Double::compare).orElseThrow(), ours.stream().max(Double::compare).orElseThrow()),
                String.format(Locale.ROOT, "%.1f × bare", median / median(bare.stream())), median <= 1.8);
    }

    private interface Starting {
        Side start() throws Exception;
    }

    private double accepting(Starting starting) throws Exception {
        long begin = System.nanoTime();
        try (Side side = starting.start()) {
            side.awaitAccepted();
            return (System.nanoTime() - begin) / 1e9;
        }
    }

    private Result cold() throws Exception {
        int seconds = shortForm ? 8 : 20;
        try (Gateway gateway = gateway("cold", List.of(), Map.of())) {
            gateway.awaitAccepted();
            Run run = open(gateway.port, 64, new WebhookLoad.Schedule(1_000, 0, seconds), texts(gateway));
            List<Double> bySecond = new ArrayList<>();
            for (int second = 0; second < seconds; second++) {
                int[] some = Arrays.copyOfRange(run.latencies, second * 1_000, second * 1_000 + 1_000);
                Arrays.sort(some);
                bySecond.add(some[989] / 1e3);
            }
            drain(run);
            int good = seconds;
            while (good > 0 && bySecond.get(good - 1) < 100) {
                good--;
            }
            String first = String.join(", ", bySecond.stream().limit(5).map(p99 -> String.format(Locale.ROOT, "%.0f", p99)).toList());
            return new Result("–", "–", String.format(Locale.ROOT, "%s ms in the first five; below 100 ms %s", first,
                    good == seconds ? "never in " + seconds + " s" : "from second " + (good + 1)), "–", good == 0);
        }
    }

    private Result memory() throws Exception {
        String held;
        boolean met;
        try (Gateway gateway = gateway("memory", List.of("-Xmx256m"), Map.of())) {
            gateway.awaitAccepted();
            Run run = open(gateway.port, 64, new WebhookLoad.Schedule(3_300, 10, 15), texts(gateway));
            double after = drain(run);
            // Meta wants fewer than 1 % of its webhooks answered after more than a second
            met = run.rate >= 0.99 * 3_300 && run.refused == 0 && run.p99 <= 1_000;
            held = String.format(Locale.ROOT, "%.0f/s accepted, p99 %.0f ms, %d refused, worked off %.0f s after, %.0f MB resident at most", run.rate, run.p99, run.refused,
                    after, gateway.peakMegabytes());
        }
        say("   %s", held);
        // what the rows before have worked, if they ran
        Gateway plain = common != null ? common : gateway("plain", List.of(), Map.of());
        if (common == null) {
            plain.awaitAccepted();
            drain(open(plain.port, 64, new WebhookLoad.Schedule(3_300, 0, 10), texts(plain)));
        }
        return new Result("–", "–", held + String.format(Locale.ROOT, "; without flags %.0f MB after %.0f s of load", plain.peakMegabytes(), plain.loadedFor()), "–", met);
    }

    private Result media() throws Exception {
        MediaServer server = new MediaServer();
        try {
            Files.createDirectories(directory.resolve("media-routes"));
            Files.writeString(directory.resolve("media-routes/media.camel.yaml"), """
                    - route:
                        id: bench-media
                        from:
                          uri: direct:bench-media
                          steps:
                            - to:
                                uri: direct:whatsapp-download-media
                            - to:
                                uri: direct:whatsapp-upload-media
                    """);
            List<Double> curl = new ArrayList<>();
            List<Double> ours = new ArrayList<>();
            double peak;
            try (Gateway gateway = gateway("media", List.of("-Xmx64m"), Map.of(
                    "CAMEL_MAIN_ROUTESINCLUDEPATTERN", "classpath:routes/whatsapp/*.camel.yaml,file:" + directory + "/media-routes/*.camel.yaml",
                    "WHATSAPP_ON_DOCUMENT", "direct:bench-media", "WHATSAPP_MEDIA_ALLOWED_HOSTS", "127.0.0.1",
                    "WHATSAPP_GRAPH_URL", server.url()))) {
                gateway.awaitAccepted();
                for (int round = 0; round < rounds + 1; round++) {
                    double by = server.time(this::curl);
                    double through = server.time((media, id) -> sendDocument(gateway, id));
                    say("   curl %.2f s, ours %.2f s%s", by, through, round == 0 ? " (not counted)" : "");
                    if (round > 0) {
                        curl.add(by);
                        ours.add(through);
                    }
                }
                peak = gateway.peakMegabytes();
            }
            double ratio = median(curl.stream()) / median(ours.stream());
            return new Result(String.format(Locale.ROOT, "curl %.2f s", median(curl.stream())), "–", String.format(Locale.ROOT, "%.2f s, %.0f MB resident at most",
                    median(ours.stream()), peak), String.format(Locale.ROOT, "%.2f of curl", ratio), ratio >= 0.8);
        } finally {
            server.close();
        }
    }

    private void curl(MediaServer server, int id) throws Exception {
        String authorization = "Authorization: Bearer " + TOKEN;
        Path file = directory.resolve("curl.bin");
        execute("curl", "-sfS", "-H", authorization, server.url() + "/v26.0/" + id);
        execute("curl", "-sfS", "-H", authorization, "-o", file.toString(), server.url() + "/bytes/" + id);
        execute("curl", "-sfS", "-H", authorization, "-F", "messaging_product=whatsapp", "-F", "type=application/pdf",
                "-F", "file=@" + file + ";type=application/pdf", server.url() + "/v26.0/" + NUMBER + "/media");
    }

    private void sendDocument(Gateway gateway, int id) throws Exception {
        String document = "{\"filename\":\"bench.pdf\",\"mime_type\":\"application/pdf\",\"sha256\":\"\",\"id\":\"" + id + "\"}";
        ByteBuffer request = ByteBuffer.allocate(4096);
        WebhookLoad.Requests requests = new WebhookLoad.Requests(gateway.port, "/webhook", SECRET, "", 200, List.of(webhook("\"messages\":[{\"from\":\"1555#######\","
                + "\"id\":\"wamid.BENCHDOCUMENT#######\",\"timestamp\":\"" + System.currentTimeMillis() / 1000 + "\",\"type\":\"document\",\"document\":" + document
                + "}]")));
        requests.firstUser = nextUser++;
        requests.write(0, request);
        if (WebhookLoad.exchange(gateway.port, request) != 200) {
            throw new WebhookLoad.Unmeasured("the gateway did not accept the document");
        }
    }

    // ---- load

    /** @param latencies microseconds of each request, in the order of sending; of an open loop from the moment when it was due */
    private record Run(double rate, double p50, double p99, int accepted, int refused, int[] latencies, int firstUser, WebhookLoad.Load load) { }

    private Run closed(int port, int connections, int seconds, WebhookLoad.Requests requests) {
        return open(port, connections, WebhookLoad.Schedule.closed(seconds, seconds * 150_000), requests);
    }

    private Run open(int port, int connections, WebhookLoad.Schedule schedule, WebhookLoad.Requests requests) {
        WebhookLoad.Load load = new WebhookLoad.Load(port, connections, schedule, requests, System.nanoTime() + 20_000_000);
        load.run();
        if (load.failure != null) {
            throw new WebhookLoad.Unmeasured("the load broke off: " + load.failure);
        }
        int from = schedule.closed ? 0 : schedule.firstMeasured;
        int[] latencies = new int[load.sent - from];
        for (int i = from; i < load.sent; i++) {
            latencies[i - from] = schedule.closed ? load.answeredAfter[i] - load.sentAfter[i] : load.answeredAfter[i];
        }
        int[] sorted = latencies.clone();
        Arrays.sort(sorted);
        if (requests.firstUser == nextUser) {
            nextUser += load.sent;
        }
        if (nextUser > USERS - 500_000) {
            throw new WebhookLoad.Unmeasured("there are no more users; name fewer rows or rounds");
        }
        return new Run(load.acceptedInTime / (double) schedule.seconds, sorted[sorted.length / 2] / 1e3, sorted[(int) (sorted.length * 0.99)] / 1e3, load.accepted,
                load.sent - load.accepted, latencies, requests.firstUser, load);
    }

    /** Waits until each accepted message has its reply, and says how long. One that is lost or doubled spoils what was measured. */
    private double drain(Run run) throws InterruptedException {
        long begin = System.nanoTime();
        int[] at = {run.firstUser};
        int end = run.firstUser + run.load.sent;
        await("every accepted message has its reply", 180, () -> {
            while (at[0] < end && (stub.count[at[0]] > 0 || run.load.status[at[0] - run.firstUser] / 100 != 2)) {
                at[0]++;
            }
            return at[0] == end;
        });
        double took = (System.nanoTime() - begin) / 1e9;
        for (int user = run.firstUser; user < end; user++) {
            if (stub.count[user] > 1) {
                throw new WebhookLoad.Unmeasured("a message was answered " + stub.count[user] + " times");
            }
        }
        return took;
    }

    private Map<String, List<Run>> inTurn(Map<String, Side> sides, int connections, int seconds, int warm) throws Exception {
        Map<String, WebhookLoad.Requests> requests = new LinkedHashMap<>();
        Map<String, List<Run>> runs = new LinkedHashMap<>();
        for (Map.Entry<String, Side> side : sides.entrySet()) {
            side.getValue().awaitAccepted();
            requests.put(side.getKey(), texts(side.getValue()).prepared(256));
            runs.put(side.getKey(), new ArrayList<>());
            // the bare sides are small, and soon compiled
            closed(side.getValue().port, connections, side.getValue() instanceof Gateway ? warm : Math.max(2, warm / 2), requests.get(side.getKey()));
        }
        for (int round = 0; round < rounds; round++) {
            for (Map.Entry<String, Side> side : sides.entrySet()) {
                Run run = closed(side.getValue().port, connections, seconds, requests.get(side.getKey()));
                if (run.refused > 0) {
                    throw new WebhookLoad.Unmeasured(side.getKey() + " refused " + run.refused + " webhooks");
                }
                runs.get(side.getKey()).add(run);
                say("   %-16s %s, p99 %.1f ms", side.getKey(), thousands(run.rate), run.p99);
            }
        }
        return runs;
    }

    private static double rate(Map<String, List<Run>> runs, String side) {
        return runs.containsKey(side) ? median(runs.get(side).stream().map(Run::rate)) : 0;
    }

    private WebhookLoad.Requests texts(Side side) throws Exception {
        WebhookLoad.Requests requests = WebhookLoad.Requests.texts(side.port, side.path, SECRET, NUMBER);
        requests.firstUser = nextUser;
        return requests;
    }

    private WebhookLoad.Requests api(int port) throws Exception {
        WebhookLoad.Requests requests = new WebhookLoad.Requests(port, "/api/messages", null, "\r\nAuthorization: Bearer " + TOKEN, 202,
                List.of("{\"messaging_product\":\"whatsapp\",\"to\":\"+1555#######\",\"type\":\"text\",\"text\":{\"body\":\"Your order is on its way.\"}}"));
        requests.firstUser = nextUser;
        return requests;
    }

    /** Of each message to these users, with the id that the stub gave it: sent, delivered, read. */
    private WebhookLoad.Requests statuses(int port, int firstUser) throws Exception {
        WebhookLoad.Requests requests = new WebhookLoad.Requests(port, "/webhook", SECRET, "", 200, Stream.of("sent", "delivered", "read").map(status -> webhook(
                "\"statuses\":[{\"id\":\"wamid.HBgLMTU1NTU1NTAxMDEVAgARGBI5QTNDQTVCM#######A\",\"status\":\"" + status + "\",\"timestamp\":\""
                + System.currentTimeMillis() / 1000 + "\",\"recipient_id\":\"1555#######\",\"recipient_user_id\":\"US.1349120865555#######\","
                + "\"pricing\":{\"billable\":true,\"pricing_model\":\"PMP\",\"category\":\"service\",\"type\":\"regular\"}}]")).toList());
        requests.firstUser = firstUser;
        requests.each = 3;
        return requests;
    }

    private static String webhook(String items) {
        return "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"102290129340398\",\"changes\":[{\"value\":{\"messaging_product\":\"whatsapp\","
                + "\"metadata\":{\"display_phone_number\":\"15550783881\",\"phone_number_id\":\"" + NUMBER + "\"}," + items + "},\"field\":\"messages\"}]}]}";
    }

    private void awaitApplied(Gateway gateway, double wanted) throws InterruptedException {
        await("every status is applied", 120, () -> gateway.applied() >= wanted);
    }

    private static void await(String what, int seconds, BooleanSupplier reached) throws InterruptedException {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!reached.getAsBoolean()) {
            if (System.nanoTime() > limit) {
                throw new WebhookLoad.Unmeasured("not within " + seconds + " s: " + what);
            }
            Thread.sleep(20);
        }
    }

    // ---- the sides

    /** A process that is measured. It ends with this one. */
    private class Side implements AutoCloseable {

        final Process process;
        final int port;
        final Path log;
        String path = "/webhook";

        Side(String name, int port, Map<String, String> environment, List<String> command) throws IOException {
            this.port = port;
            Path place = Files.createDirectories(directory.resolve(name));
            log = place.resolve("log");
            ProcessBuilder builder = new ProcessBuilder(command).directory(place.toFile()).redirectErrorStream(true).redirectOutput(log.toFile());
            builder.environment().putAll(environment);
            process = builder.start();
            running.add(this);
        }

        /** Waits until it accepts a webhook. */
        void awaitAccepted() throws Exception {
            ByteBuffer request = ByteBuffer.allocate(4096);
            WebhookLoad.Requests requests = texts(this);
            nextUser++;
            long limit = System.nanoTime() + 60_000_000_000L;
            do {
                if (!process.isAlive() || System.nanoTime() > limit) {
                    throw new WebhookLoad.Unmeasured(log.getParent().getFileName() + " accepts no webhook: " + String.join(" / ", log().stream()
                            .skip(Math.max(0, log().size() - 5)).toList()));
                }
                requests.write(0, request);
                Thread.sleep(2);
            } while (WebhookLoad.exchange(port, request) != 200);
        }

        List<String> log() {
            try {
                return Files.readAllLines(log, ISO_8859_1);
            } catch (IOException e) {
                return List.of();
            }
        }

        @Override
        public void close() {
            process.destroy();
            try {
                if (!process.waitFor(50, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
            running.remove(this);
        }
    }

    private final class Gateway extends Side {

        private final int management;
        private final long started = System.nanoTime();

        Gateway(String name, int port, int management, Map<String, String> environment, List<String> command) throws IOException {
            super(name, port, environment, command);
            this.management = management;
        }

        double loadedFor() {
            return (System.nanoTime() - started) / 1e9;
        }

        /** Seconds of processor time. */
        double cpu() {
            return process.info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
        }

        /** Seconds of processor time of the compiler's threads (Linux; else 0). */
        double compiler() {
            try (Stream<Path> tasks = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
                return tasks.mapToDouble(Gateway::compiling).sum();
            } catch (IOException e) {
                return 0;
            }
        }

        /** proc(5): after the name in brackets utime and stime are the 12th and 13th, in hundredths of a second. */
        private static double compiling(Path task) {
            try {
                String stat = Files.readString(task.resolve("stat"));
                String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
                return stat.contains("(C1 Comp") || stat.contains("(C2 Comp") ? (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0 : 0;
            } catch (IOException e) {
                return 0;
            }
        }

        double peakMegabytes() throws IOException {
            Matcher peak = Pattern.compile("VmHWM:\\s+(\\d+) kB").matcher(Files.readString(Path.of("/proc/" + process.pid() + "/status")));
            return peak.find() ? Long.parseLong(peak.group(1)) / 1024.0 : 0;
        }

        void manage(String verb, String body) throws Exception {
            HttpResponse<String> answer = http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + management + "/manage/" + verb))
                    .header("Authorization", "Bearer " + TOKEN).header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new WebhookLoad.Unmeasured("/manage/" + verb + " was answered with " + answer.statusCode() + " " + answer.body());
            }
        }

        /** How many statuses have been applied. */
        double applied() {
            try {
                return http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + management + "/observe/metrics")).build(),
                        HttpResponse.BodyHandlers.ofLines()).body().filter(line -> line.startsWith("whatsapp_statuses_received_total"))
                        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum();
            } catch (IOException | InterruptedException e) {
                throw new WebhookLoad.Unmeasured("/observe/metrics was not answered: " + e);
            }
        }
    }

    private Gateway gateway(String name, List<String> options, Map<String, String> more) throws IOException {
        int port = ports.free();
        int management = ports.free();
        Path place = Files.createDirectories(directory.resolve(name));
        Map<String, String> environment = new TreeMap<>(Map.ofEntries(Map.entry("CAMEL_SERVER_HOST", "127.0.0.1"), Map.entry("CAMEL_SERVER_PORT", "" + port),
                Map.entry("CAMEL_MANAGEMENT_HOST", "127.0.0.1"), Map.entry("CAMEL_MANAGEMENT_PORT", "" + management),
                Map.entry("WHATSAPP_PHONE_NUMBER_ID", NUMBER), Map.entry("WHATSAPP_ACCESS_TOKEN", TOKEN), Map.entry("WHATSAPP_VERIFY_TOKEN", "bench-verify-token"),
                Map.entry("WHATSAPP_APP_SECRET", SECRET), Map.entry("WHATSAPP_API_TOKEN", TOKEN), Map.entry("WHATSAPP_MANAGEMENT_TOKEN", TOKEN),
                Map.entry("WHATSAPP_GRAPH_URL", "http://127.0.0.1:" + stubPort),
                // the limits do their work, but a number's 80 messages a second would be all that is measured
                Map.entry("WHATSAPP_LIMIT_MESSAGES_PER_SECOND", "1000000"), Map.entry("WHATSAPP_LIMIT_PAIR_BURST", "1000000"),
                Map.entry("WHATSAPP_BROKER_DIRECTORY", place.resolve("broker").toString()),
                Map.entry("WHATSAPP_OUTCOME_DIRECTORY", place.resolve("outcomes").toString())));
        environment.putAll(more);
        List<String> command = new ArrayList<>(List.of(javaCommand()));
        command.addAll(List.of(System.getenv().getOrDefault("APP_JAVA_OPTS", "").trim().split("\\s+")));
        command.remove("");
        command.addAll(options);
        command.addAll(List.of("-jar", app.resolve("whatsapp-cloud-routes.jar").toString()));
        return new Gateway(name, port, management, environment, command);
    }

    /** The gateway that the rows share which measure it warm: worked until the compiler is nearly quiet. */
    private Gateway common() throws Exception {
        if (common == null) {
            common = gateway("common", List.of(), Map.of());
            common.awaitAccepted();
            double share = 1;
            long limit = System.nanoTime() + (shortForm ? 8 : 60) * 1_000_000_000L;
            while (share > 0.1 && System.nanoTime() < limit) {
                double cpu = common.cpu();
                double compiler = common.compiler();
                drain(open(common.port, 64, new WebhookLoad.Schedule(1_500, 0, shortForm ? 4 : 8), texts(common)));
                share = (common.compiler() - compiler) / (common.cpu() - cpu);
                say("   warming up: the compiler has %.0f %%", 100 * share);
            }
        }
        return common;
    }

    /** The webhook's route file as it is in the jar, without the one step that stores. */
    private Map<String, String> withoutStore() throws Exception {
        Path routes = Files.createDirectories(directory.resolve("routes"));
        String yaml;
        try (java.net.URLClassLoader jar = new java.net.URLClassLoader(new java.net.URL[] {app.resolve("whatsapp-cloud-routes.jar").toUri().toURL()}, null);
                InputStream file = jar.getResourceAsStream("routes/whatsapp/webhook.camel.yaml")) {
            yaml = new String(file.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        }
        // from the step's dash to the next one in the same column
        String without = Pattern.compile("(?ms)^( *)- to:\\n\\1    id: webhook-store\\n.*?(?=^\\1- )").matcher(yaml).replaceFirst("");
        if (without.equals(yaml)) {
            throw new WebhookLoad.Unmeasured("routes/whatsapp/webhook.camel.yaml has no step with the id webhook-store");
        }
        Files.writeString(routes.resolve("not-stored.camel.yaml"), without);
        return Map.of("CAMEL_MAIN_ROUTESINCLUDEPATTERN", "classpath:routes/whatsapp/*.camel.yaml,file:" + routes + "/*.camel.yaml",
                "CAMEL_MAIN_ROUTESEXCLUDEPATTERN", "**/routes/whatsapp/webhook.camel.yaml");
    }

    private Side bare(String name, String what, Path journal) throws IOException {
        int port = ports.free();
        List<String> arguments = new ArrayList<>(List.of("Bare", what, "" + port, SECRET));
        if (journal != null) {
            arguments.add(journal.toString());
        }
        return side(name, port, Map.of(), javaCommand(List.of(), app.resolve("whatsapp-cloud-routes.jar") + ":" + System.getProperty("java.class.path"), arguments));
    }

    private Side side(String name, int port, Map<String, String> environment, List<String> command) throws IOException {
        return new Side(name, port, environment, command);
    }

    private Side java(String name, String classPath, Map<String, String> environment, List<String> options, String... arguments) throws IOException {
        return side(name, 0, environment, javaCommand(options, classPath, List.of(arguments)));
    }

    private static List<String> javaCommand(List<String> options, String classPath, Collection<String> arguments) {
        List<String> command = new ArrayList<>(List.of(javaCommand()));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath));
        command.addAll(arguments);
        return command;
    }

    private static String javaCommand() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private void nodePeer(Map<String, Side> sides, List<String> skipped) throws Exception {
        Path modules = root.resolve("target/race/node");
        if (peers && !shortForm && !Files.isDirectory(modules.resolve("node_modules/whatsapp-api-js")) && found("npm")) {
            Files.createDirectories(modules);
            attempt("npm", "install", "--prefix", modules.toString(), "--no-audit", "--no-fund", "whatsapp-api-js@6.3.0");
        }
        if (!peers) {
            skipped.add("--no-peers");
        } else if (!found("node") || !Files.isDirectory(modules.resolve("node_modules/whatsapp-api-js"))) {
            skipped.add("whatsapp-api-js (needs node and: npm install --prefix target/race/node whatsapp-api-js@6.3.0)");
        } else {
            int port = ports.free();
            sides.put("whatsapp-api-js", side("whatsapp-api-js", port, Map.of("PEER_PORT", "" + port, "PEER_SECRET", SECRET, "PEER_WORKERS", "2",
                    "PEER_MODULES", modules + "/node_modules/"), List.of("node", root.resolve("bench/peers/whatsapp-api-js.mjs").toString())));
        }
    }

    private void camelPeer(Map<String, Side> sides, List<String> skipped) throws Exception {
        String missing = shortForm ? "camel-whatsapp in the short form" : camelWhatsApp();
        if (missing != null) {
            skipped.add(missing);
            return;
        }
        int port = ports.free();
        Side camel = side("camel-whatsapp", port, Map.of(), javaCommand(List.of(), root.resolve("target/race/camel-whatsapp") + "/*",
                List.of(root.resolve("bench/peers/CamelWhatsApp.java").toString(), "webhook", "" + port, SECRET)));
        camel.path = "/camel-whatsapp/webhook";
        sides.put("camel-whatsapp", camel);
    }

    /** What is missing to run camel-whatsapp, or null. */
    private String camelWhatsApp() throws Exception {
        Path jars = root.resolve("target/race/camel-whatsapp");
        if (peers && !shortForm && !Files.isDirectory(jars) && found("mvn")) {
            attempt("mvn", "-q", "-B", "-f", root.resolve("bench/peers/pom.xml").toString(), "package");
        }
        return !peers ? "--no-peers" : Files.isDirectory(jars) ? null : "camel-whatsapp (needs: mvn -f bench/peers/pom.xml package)";
    }

    private static boolean found(String program) {
        return Stream.of(System.getenv("PATH").split(":")).anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private void attempt(String... command) throws Exception {
        try {
            execute(command);
        } catch (WebhookLoad.Unmeasured e) {
            say("   %s", e.getMessage());
        }
    }

    private String execute(String... command) throws Exception {
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        if (process.waitFor() != 0) {
            throw new WebhookLoad.Unmeasured(command[0] + " failed: " + Files.readString(output, ISO_8859_1).strip());
        }
        return Files.readString(output, ISO_8859_1);
    }

    /** Sends a second and microseconds each of the send routes, then of the bare loop. */
    private double[] sendLoad(int seconds, String rounds) throws Exception {
        Path output = directory.resolve("sends");
        Process process = new ProcessBuilder(javaCommand(List.of("-Djava.io.tmpdir=" + directory), app.resolve("whatsapp-cloud-routes.jar") + ":"
                + System.getProperty("java.class.path"), List.of("SendLoad", "" + seconds, rounds))).redirectError(output.toFile()).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .directory(directory.toFile()).start();
        sending = process;
        int code = process.waitFor();
        String text = Files.readString(output);
        Matcher found = Pattern.compile("median +(?:routes (\\d+)/s ([\\d.]+) us.*)?bare loop (\\d+)/s ([\\d.]+) us").matcher(text);
        if (code != 0 || !found.find()) {
            throw new WebhookLoad.Unmeasured("SendLoad failed: " + text.strip());
        }
        return Stream.of(1, 2, 3, 4).map(found::group).filter(group -> group != null).mapToDouble(Double::parseDouble).toArray();
    }

    private void end() {
        if (sending != null) {
            sending.destroy();
        }
        running.forEach(side -> side.process.destroy());
        running.forEach(Side::close);
    }

    /** Of the Graph API what media need: both hops of a download, and an upload; each file has bytes of its own. */
    private static final class MediaServer {

        private final byte[] content = new byte[MEDIA_BYTES];
        private final HttpServer server;
        private int media = 4_000_000;
        private volatile long begin;
        private volatile long end;
        private volatile String hash;

        private interface Way {
            void go(MediaServer server, int id) throws Exception;
        }

        MediaServer() throws IOException {
            new java.util.Random(1).nextBytes(content);
            server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
            server.setExecutor(Executors.newCachedThreadPool(task -> {
                Thread thread = new Thread(task);
                thread.setDaemon(true);
                return thread;
            }));
            server.createContext("/", this::handle);
            server.start();
        }

        String url() {
            return "http://127.0.0.1:" + server.getAddress().getPort();
        }

        /** Seconds from the first hop's request to the end of the upload. */
        double time(Way way) throws Exception {
            ByteBuffer.wrap(content).putInt(++media);
            hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
            begin = 0;
            end = 0;
            way.go(this, media);
            await("the file is up again", 60, () -> end != 0);
            return (end - begin) / 1e9;
        }

        private void handle(HttpExchange exchange) throws IOException {
            String path = exchange.getRequestURI().getPath();
            if (path.startsWith("/bytes/")) {
                exchange.getResponseHeaders().set("Content-Type", "application/pdf");
                exchange.sendResponseHeaders(200, MEDIA_BYTES);
                try (OutputStream out = exchange.getResponseBody()) {
                    out.write(content);
                }
            } else if (path.endsWith("/media")) {
                long bytes = 0;
                byte[] some = new byte[65_536];
                for (int count = exchange.getRequestBody().read(some); count >= 0; count = exchange.getRequestBody().read(some)) {
                    bytes += count;
                }
                answer(exchange, "{\"id\":\"" + bytes + "\"}");
                end = bytes > MEDIA_BYTES ? System.nanoTime() : 0;
            } else if (path.endsWith("/" + media)) {
                begin = System.nanoTime();
                answer(exchange, "{\"messaging_product\":\"whatsapp\",\"url\":\"" + url() + "/bytes/" + media + "\",\"mime_type\":\"application/pdf\",\"sha256\":\"" + hash
                        + "\",\"file_size\":" + MEDIA_BYTES + ",\"id\":\"" + media + "\"}");
            } else {
                exchange.getRequestBody().readAllBytes();
                answer(exchange, "{\"success\":true,\"messages\":[{\"id\":\"wamid.BENCH\"}]}");
            }
        }

        private static void answer(HttpExchange exchange, String json) throws IOException {
            byte[] body = json.getBytes(ISO_8859_1);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }

        void close() {
            server.stop(0);
        }
    }

    // ---- small things

    /** Free ports below the range from which Linux takes ports for outgoing connections. */
    private static final class Ports {

        private int next = 20_000 + (int) (System.nanoTime() / 1_000 % 10_000);

        int free() {
            while (true) {
                try (ServerSocket socket = new ServerSocket()) {
                    socket.setReuseAddress(true);
                    socket.bind(WebhookLoad.loopback(++next));
                    return next;
                } catch (IOException e) {
                    // taken
                }
            }
        }
    }

    /** Seconds of processor time of all programs but this one and what it has started (Linux; else 0). In hundredths of a second: proc(5). */
    private double others() {
        double own = running.stream().mapToDouble(side -> side.process.info().totalCpuDuration().orElse(java.time.Duration.ZERO).toNanos() / 1e9).sum();
        return sum("/proc/stat", "cpu +(\\d+) (\\d+) (\\d+) \\d+ \\d+ (\\d+) (\\d+) (\\d+)")
                // with those of its own that have ended
                - sum("/proc/self/stat", "\\) \\S(?: -?\\d+){10} (\\d+) (\\d+) (\\d+) (\\d+)") - own;
    }

    private static double sum(String file, String pattern) {
        try {
            Matcher found = Pattern.compile(pattern).matcher(Files.readString(Path.of(file)));
            double sum = 0;
            for (int group = found.find() ? found.groupCount() : 0; group > 0; group--) {
                sum += Long.parseLong(found.group(group));
            }
            return sum / 100;
        } catch (IOException e) {
            return 0;
        }
    }

    private static double median(Stream<Double> values) {
        double[] sorted = values.mapToDouble(Double::doubleValue).sorted().toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    private static String thousands(double rate) {
        return String.format(Locale.ROOT, rate < 10_000 ? "%.1f k/s" : "%.0f k/s", rate / 1e3);
    }

    private String machine() {
        String commit = "unknown";
        try {
            commit = execute("git", "-C", root.toAbsolutePath().toString(), "describe", "--always", "--dirty", "--exclude=*").strip();
        } catch (Exception e) {
            // not a clone, or no git
        }
        return String.format(Locale.ROOT, "%d processors (%s), %.0f GB, %s %s, OpenJDK %s, commit %s, load average before %s; load, stub and what is measured share the machine.",
                Runtime.getRuntime().availableProcessors(), line("/proc/cpuinfo", "model name\\s*:\\s*(.*)"),
                Double.parseDouble(line("/proc/meminfo", "MemTotal:\\s+(\\d+)")) / (1 << 20), System.getProperty("os.name"), System.getProperty("os.version"),
                System.getProperty("java.version"), commit, line("/proc/loadavg", "(\\S+ \\S+ \\S+)"));
    }

    private static String line(String file, String pattern) {
        try {
            Matcher found = Pattern.compile(pattern).matcher(Files.readString(Path.of(file)));
            return found.find() ? found.group(1) : "0";
        } catch (IOException e) {
            return "0";
        }
    }
}
