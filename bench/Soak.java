import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.sun.net.httpserver.HttpServer;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Users talk to the gateway for a long time while Graph fails now and then, and what the gateway's process uses is looked at every ten
 * seconds: does any of it grow? The gateway, the simulator in the place of Meta, and this program, which is the understanding hop too, are
 * three processes, so that the simulator's memory is not taken for the gateway's. Run it through {@code bench/soak.sh}.
 */
public final class Soak {

    private static final String HELP = """
            bench/soak.sh [options]
              --minutes N        how long the rate is held (60)
              --rate N           messages a second of all users together (30)
              --users N          (500, at most 1000)
              --voice-share N    the share of voice messages (0.05)
              --every N          seconds between two looks (10)
              --collect-every N  seconds between two full collections of the heap (30)
              --no-faults        Graph always answers
              --out DIR          where soak.csv and soak.svg go (target/soak)
            Environment: APP_JAVA_OPTS, the options of the gateway's JVM (-Xmx256m)
            """;
    private static final String NUMBER = "106540352242922";
    private static final int RAMP = 30;
    /** Above this share of its mean in an hour a quantity that grows for certain is told as growing. */
    private static final double LITTLE = 0.02;
    private static final Pattern SAID = Pattern.compile("\"content\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");

    /** Always on: rare troubles of single calls. */
    private static final List<String> RARE = List.of(
            "{\"fault\":\"graph-error\",\"code\":131000,\"status\":500,\"probability\":0.004,\"seed\":1}",
            "{\"fault\":\"graph-error\",\"code\":131016,\"status\":503,\"probability\":0.004,\"seed\":2}",
            "{\"fault\":\"cut\",\"probability\":0.002,\"seed\":3}",
            "{\"fault\":\"answer-lost\",\"probability\":0.002,\"seed\":4}",
            "{\"fault\":\"slow\",\"delay_ms\":1500,\"probability\":0.005,\"seed\":5}",
            "{\"fault\":\"duplicate-webhook\",\"probability\":0.01,\"seed\":6}",
            "{\"fault\":\"reordered-webhooks\",\"probability\":0.01,\"seed\":7}");
    /** In turn, every two minutes for ten seconds: nothing works. */
    private static final List<String> OUTAGES = List.of(
            "{\"fault\":\"graph-error\",\"code\":130429,\"status\":429,\"probability\":1}",
            "{\"fault\":\"graph-error\",\"code\":131000,\"status\":500,\"probability\":1}",
            "{\"fault\":\"cut\",\"probability\":1}",
            "{\"fault\":\"slow\",\"delay_ms\":3000,\"probability\":1}",
            "{\"fault\":\"html-502\",\"status\":503,\"probability\":1}",
            "{\"fault\":\"no-answer\",\"delay_ms\":4000,\"probability\":1}");
    private static final int OUTAGE_EVERY = 120;
    private static final int OUTAGE_SECONDS = 10;

    private int minutes = 60;
    private double rate = 30;
    private int users = 500;
    private double voice = 0.05;
    private int every = 10;
    private int collectEvery = 30;
    private boolean faults = true;
    private Path out;
    private Path room;

    private final Map<String, List<Double>> columns = new java.util.LinkedHashMap<>();
    private final List<double[]> outages = new ArrayList<>();

    private Soak() {
    }

    public static void main(String[] args) throws Exception {
        if (List.of(args).contains("--help")) {
            System.out.print(HELP);
            return;
        }
        Soak soak = new Soak();
        int code;
        try {
            Path target = soak.read(args);
            code = soak.run(target) ? 0 : 1;
        } catch (IOException | IllegalArgumentException e) {
            System.err.println(e.getMessage());
            code = 2;
        }
        System.exit(code);
    }

    private Path read(String[] args) {
        Path target = Path.of("target").toAbsolutePath();
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--no-faults")) {
                faults = false;
                continue;
            }
            if (i + 1 == args.length) {
                throw new IllegalArgumentException(args[i] + " needs a value. --help shows the options.");
            }
            String value = args[++i];
            switch (args[i - 1]) {
                case "--target" -> target = Path.of(value).toAbsolutePath();
                case "--room" -> room = Path.of(value);
                case "--minutes" -> minutes = Integer.parseInt(value);
                case "--rate" -> rate = Double.parseDouble(value);
                case "--users" -> users = Integer.parseInt(value);
                case "--voice-share" -> voice = Double.parseDouble(value);
                case "--every" -> every = Integer.parseInt(value);
                case "--collect-every" -> collectEvery = Integer.parseInt(value);
                case "--out" -> out = Path.of(value).toAbsolutePath();
                default -> throw new IllegalArgumentException(args[i - 1] + " is not an option. --help shows the options.");
            }
        }
        out = out == null ? target.resolve("soak") : out;
        return target;
    }

    private boolean run(Path target) throws Exception {
        int webhook = Watched.port();
        int management = Watched.port();
        int graph = Watched.port();
        HttpServer hop = hop();
        String simulator = "http://127.0.0.1:" + graph + "/simulator/";
        try (Watched meta = Watched.start(List.of(Watched.java(), "-Xmx512m", "-XX:+UseSerialGC", "-Dwhatsapp.simulator.max-messages=100",
                     "-jar", target.resolve("simulator/whatsapp-simulator.jar").toString(), "--port", String.valueOf(graph),
                     "--webhook-url", "http://127.0.0.1:" + webhook + "/webhook"), room, Map.of(), "Ctrl-C");
                Watched gateway = gateway(target, webhook, management, graph, hop.getAddress().getPort())) {
            Files.createDirectories(out);
            for (String fault : faults ? RARE : List.<String>of()) {
                Watched.call("POST", simulator + "faults", fault);
            }
            int seconds = minutes * 60;
            Watched.call("POST", simulator + "load", String.format(Locale.ROOT, "{\"users\":%d,\"per_second\":%s,\"seconds\":%d,\"ramp_seconds\":%d,"
                    + "\"voice_share\":%s,\"answer\":\"echo\",\"drain_seconds\":120,\"settle_seconds\":10}", users, rate, seconds, RAMP, voice));
            System.out.printf(Locale.ROOT, "%d users, %s messages a second for %d minutes, %s faults%n", users, rate, minutes, faults ? "with" : "without");
            Map<String, Long> half = watch(gateway, simulator, management, RAMP + seconds);
            Map<String, Long> end = gateway.histogram();
            if (faults) {
                Watched.call("DELETE", simulator + "faults", null);
            }
            return verdict(gateway, settled(simulator), half, end);
        } finally {
            hop.stop(0);
        }
    }

    private Watched gateway(Path target, int webhook, int management, int graph, int hop) throws IOException, InterruptedException {
        Map<String, String> environment = new TreeMap<>();
        for (String[] variable : new String[][] {
            {"CAMEL_SERVER_HOST", "127.0.0.1"}, {"CAMEL_SERVER_PORT", String.valueOf(webhook)},
            {"CAMEL_MANAGEMENT_HOST", "127.0.0.1"}, {"CAMEL_MANAGEMENT_PORT", String.valueOf(management)},
            {"WHATSAPP_PHONE_NUMBER_ID", NUMBER}, {"WHATSAPP_ACCESS_TOKEN", "simulated-access-token"},
            {"WHATSAPP_APP_SECRET", "simulated-app-secret"}, {"WHATSAPP_VERIFY_TOKEN", "simulated-verify-token"},
            {"WHATSAPP_GRAPH_URL", "http://127.0.0.1:" + graph + "/graph"}, {"WHATSAPP_MEDIA_ALLOWED_HOSTS", "127.0.0.1"},
            {"WHATSAPP_TRANSCRIPTION_URL", "http://127.0.0.1:" + graph + "/simulator/v1/audio/transcriptions"},
            {"WHATSAPP_UNDERSTANDING", "openai"}, {"WHATSAPP_UNDERSTANDING_OPENAI_URL", "http://127.0.0.1:" + hop + "/v1"},
            {"WHATSAPP_BROKER_DIRECTORY", room.resolve("broker").toString()}, {"WHATSAPP_OUTCOME_DIRECTORY", room.resolve("outcomes").toString()},
            // Meta's limits are no part of this
            {"WHATSAPP_LIMIT_MESSAGES_PER_SECOND", "1000000"}, {"WHATSAPP_LIMIT_PAIR_BURST", "1000000"}, {"WHATSAPP_LIMIT_TIER", "unlimited"},
            // a call that was cut waits for its status; here one comes within a second
            {"WHATSAPP_OUTCOME_SILENCE_SECONDS", "20"},
            // an update whose hop fails is given up after two tries, with an apology; more last longer than an outage does
            {"WHATSAPP_RETRY_TRANSIENT_ATTEMPTS", "6"},
            // what is bounded is to be at its bound early
            {"WHATSAPP_HANDLED_SIZE", "5000"}, {"WHATSAPP_DELIVERY_SIZE", "5000"}, {"WHATSAPP_OUTCOME_SIZE", "5000"},
            {"WHATSAPP_DELIVERY_REPORT_SIZE", "5000"}}) {
            environment.put(variable[0], System.getenv().getOrDefault(variable[0], variable[1]));
        }
        return Watched.start(Watched.command(target), room, environment, "\"whatsapp.client.initialized\"");
    }

    /** The understanding hop repeats what the user said last, with the mark by which the load knows the answer. */
    private static HttpServer hop() throws IOException {
        HttpServer server = HttpServer.create(Watched.loopback(0), 256);
        server.setExecutor(Executors.newCachedThreadPool(work -> {
            Thread thread = new Thread(work, "hop");
            thread.setDaemon(true);
            return thread;
        }));
        server.createContext("/", exchange -> {
            String said = "";
            for (Matcher matcher = SAID.matcher(new String(exchange.getRequestBody().readAllBytes(), UTF_8)); matcher.find();) {
                said = matcher.group(1);
            }
            byte[] answer = ("{\"id\":\"soak\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\""
                    + said + "\"},\"finish_reason\":\"stop\"}]}").getBytes(UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        return server;
    }

    /** Looks until the time is over; the histogram of classes at half time. */
    private Map<String, Long> watch(Watched gateway, String simulator, int management, int seconds) throws Exception {
        Map<String, Long> half = null;
        long begin = System.nanoTime();
        double nextCollection = 0;
        double nextOutage = RAMP + 30;
        double outageEnd = Double.POSITIVE_INFINITY;
        int outage = 0;
        double nextLook = 0;
        double cpuBefore = gateway.cpu();
        int answeredBefore = 0;
        try (PrintWriter csv = new PrintWriter(Files.newBufferedWriter(out.resolve("soak.csv")))) {
            while (true) {
                double now = (System.nanoTime() - begin) / 1e9;
                if (now > seconds) {
                    return half == null ? Map.of() : half;
                }
                if (faults && now >= nextOutage && now < seconds - 30) {
                    for (String endpoint : List.of("messages", "read_mark", "media")) {
                        String fault = OUTAGES.get(outage % OUTAGES.size());
                        Watched.call("POST", simulator + "faults", fault.substring(0, fault.length() - 1) + ",\"endpoint\":\"" + endpoint + "\"}");
                    }
                    outage++;
                    outages.add(new double[] {now / 60, (now + OUTAGE_SECONDS) / 60});
                    outageEnd = now + OUTAGE_SECONDS;
                    nextOutage += OUTAGE_EVERY;
                }
                if (now >= outageEnd) {
                    outageEnd = Double.POSITIVE_INFINITY;
                    Watched.call("DELETE", simulator + "faults", null);
                    for (String fault : RARE) {
                        Watched.call("POST", simulator + "faults", fault);
                    }
                }
                if (now >= nextLook) {
                    nextLook += every;
                    boolean collect = now >= nextCollection;
                    nextCollection += collect ? collectEvery : 0;
                    String load = Watched.call("GET", simulator + "load", null);
                    int answered = (int) number(load, "answered");
                    double cpu = gateway.cpu();
                    look("minute", now / 60);
                    look("heap_after_collection_mb", collect ? gateway.heap(true) : Double.NaN);
                    look("resident_mb", gateway.resident());
                    look("direct_buffers_mb", gateway.buffers());
                    look("threads", gateway.threads());
                    look("open_files", gateway.files());
                    look("journal_mb", Watched.size(room.resolve("broker"), room.resolve("outcomes")));
                    look("cpu_ms_a_message", answered > answeredBefore && now > 2 * every ? 1000 * (cpu - cpuBefore) / (answered - answeredBefore) : Double.NaN);
                    look("waiting", waiting(management));
                    look("answered", answered);
                    cpuBefore = cpu;
                    answeredBefore = answered;
                    csv(csv);
                    if (collect) {
                        System.out.println(line(load));
                    }
                    if (half == null && now > seconds / 2.0) {
                        half = gateway.histogram();
                    }
                }
                Thread.sleep(100);
            }
        }
    }

    private void look(String name, double value) {
        columns.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
    }

    private void csv(PrintWriter csv) {
        int row = columns.get("minute").size() - 1;
        if (row == 0) {
            csv.println(String.join(",", columns.keySet()));
        }
        csv.println(String.join(",", columns.values().stream()
                .map(values -> Double.isNaN(values.get(row)) ? "" : String.format(Locale.ROOT, "%.3f", values.get(row))).toList()));
        csv.flush();
    }

    private String line(String load) {
        StringBuilder line = new StringBuilder();
        columns.forEach((name, values) -> line.append(String.format(Locale.ROOT, "%s %.1f  ", name, values.get(values.size() - 1))));
        return line + "lost " + (int) number(load, "lost") + " doubled " + (int) number(load, "doubled");
    }

    private static double waiting(int management) throws IOException, InterruptedException {
        double sum = 0;
        for (String line : Watched.call("GET", URI.create("http://127.0.0.1:" + management + "/observe/metrics").toString(), null).split("\n")) {
            if (line.startsWith("whatsapp_queue_messages{")) {
                sum += Double.parseDouble(line.substring(line.lastIndexOf(' ')));
            }
        }
        return sum;
    }

    private static double number(String json, String key) {
        Matcher matcher = Pattern.compile("\"" + key + "\":(-?[0-9.]+)").matcher(json);
        return matcher.find() ? Double.parseDouble(matcher.group(1)) : 0;
    }

    /** The load's report when all is answered. */
    private static String settled(String simulator) throws IOException, InterruptedException {
        while (true) {
            String load = Watched.call("GET", simulator + "load", null);
            if (load.contains("\"clean\":")) {
                return load;
            }
            Thread.sleep(1_000);
        }
    }

    private boolean verdict(Watched gateway, String load, Map<String, Long> half, Map<String, Long> end) throws IOException {
        boolean flat = true;
        System.out.println();
        System.out.println("| of the gateway's process | first half, mean | second half, mean | highest | change in an hour, second half | |");
        System.out.println("|---|---|---|---|---|---|");
        for (String name : List.of("heap_after_collection_mb", "resident_mb", "direct_buffers_mb", "threads", "open_files", "journal_mb",
                "cpu_ms_a_message", "waiting")) {
            Trend trend = Trend.of(columns.get("minute"), columns.get(name));
            System.out.printf(Locale.ROOT, "| %s | %.2f | %.2f | %.2f | %+.2f ± %.2f | %s |%n", title(name), trend.before, trend.after, trend.highest,
                    trend.slope, 2 * trend.error, trend.word());
            flat &= !trend.grows();
        }
        System.out.println();
        System.out.printf(Locale.ROOT, "messages %d, acknowledged %d, answered %d, lost %d, doubled %d, out of order %d, failed %d; outages %d%n",
                (int) number(load, "sent"), (int) number(load, "acknowledged"), (int) number(load, "answered"), (int) number(load, "lost"),
                (int) number(load, "doubled"), (int) number(load, "out_of_order"), (int) number(load, "failed"), outages.size());
        System.out.println("answer, ms " + group(load, "answer_ms") + "   acknowledgement, ms " + group(load, "acknowledgement_ms"));
        System.out.println("log: " + gateway.complaints);
        boolean clean = load.contains("\"clean\":true");
        System.out.println(clean ? "The load's verdict: clean." : "The load's verdict: NOT clean: " + load);
        Map<String, Long> grown = new TreeMap<>();
        end.forEach((name, bytes) -> grown.put(name, bytes - half.getOrDefault(name, 0L)));
        System.out.println("Classes with most growth from half time to the end, KB: " + grown.entrySet().stream()
                .sorted((a, b) -> Long.compare(b.getValue(), a.getValue())).limit(8)
                .map(entry -> entry.getKey() + " " + entry.getValue() / 1024).toList());
        plot();
        System.out.println("Written: " + out.resolve("soak.csv") + ", " + out.resolve("soak.svg"));
        System.out.println(flat && clean ? "PASS: nothing grows" : "FAIL");
        return flat && clean;
    }

    private static String group(String json, String key) {
        Matcher matcher = Pattern.compile("\"" + key + "\":\\{([^}]*)}").matcher(json);
        return matcher.find() ? matcher.group(1).replace("\"", "") : "-";
    }

    private static String title(String column) {
        return switch (column) {
            case "heap_after_collection_mb" -> "heap after a collection, MB";
            case "resident_mb" -> "resident memory, MB";
            case "direct_buffers_mb" -> "direct buffers, MB";
            case "open_files" -> "open files";
            case "journal_mb" -> "journals on disk, MB";
            case "cpu_ms_a_message" -> "processor time a message, ms";
            case "waiting" -> "messages in queues";
            default -> column;
        };
    }

    private void plot() throws IOException {
        List<Plot.Panel> panels = new ArrayList<>();
        double[] minutes = columns.get("minute").stream().mapToDouble(Double::doubleValue).toArray();
        columns.forEach((name, values) -> {
            if (!name.equals("minute") && !name.equals("answered")) {
                panels.add(new Plot.Panel(title(name), "minutes", false, false, true, List.of(new Plot.Series(name, minutes,
                        values.stream().mapToDouble(Double::doubleValue).toArray())), outages));
            }
        });
        Files.writeString(out.resolve("soak.svg"), Plot.svg(String.format(Locale.ROOT, "Soak: %.0f messages a second for %d minutes, %s", rate,
                this.minutes, faults ? "with outages of Graph (shaded)" : "no faults"), panels, 3));
    }

    /**
     * How a quantity changes in the second half of the time.
     *
     * @param slope a straight line's, an hour
     * @param error its standard error, an hour, with what successive values have in common reckoned in
     */
    private record Trend(double before, double after, double highest, double slope, double error) {

        static Trend of(List<Double> minutes, List<Double> values) {
            double half = minutes.get(minutes.size() - 1) / 2;
            double[] first = values(minutes, values, minutes.get(0), half)[1];
            double[][] last = values(minutes, values, half, Double.POSITIVE_INFINITY);
            double[] x = last[0];
            double[] y = last[1];
            int n = x.length;
            double meanX = Arrays.stream(x).average().orElse(Double.NaN);
            double meanY = Arrays.stream(y).average().orElse(Double.NaN);
            double xx = 0;
            double xy = 0;
            for (int i = 0; i < n; i++) {
                xx += (x[i] - meanX) * (x[i] - meanX);
                xy += (x[i] - meanX) * (y[i] - meanY);
            }
            double slope = xy / xx;
            double squares = 0;
            double neighbours = 0;
            double before = 0;
            for (int i = 0; i < n; i++) {
                double rest = y[i] - meanY - slope * (x[i] - meanX);
                squares += rest * rest;
                neighbours += rest * before;
                before = rest;
            }
            double alike = squares == 0 ? 0 : Math.max(0, Math.min(0.95, neighbours / squares));
            double error = n < 4 ? Double.NaN : Math.sqrt(squares / (n - 2) / xx * (1 + alike) / (1 - alike));
            return new Trend(Arrays.stream(first).average().orElse(Double.NaN), meanY,
                    values.stream().filter(value -> !Double.isNaN(value)).mapToDouble(Double::doubleValue).max().orElse(Double.NaN), 60 * slope, 60 * error);
        }

        private static double[][] values(List<Double> minutes, List<Double> values, double from, double to) {
            List<double[]> found = new ArrayList<>();
            for (int i = 0; i < values.size(); i++) {
                if (minutes.get(i) >= from && minutes.get(i) < to && !Double.isNaN(values.get(i))) {
                    found.add(new double[] {minutes.get(i), values.get(i)});
                }
            }
            return new double[][] {found.stream().mapToDouble(pair -> pair[0]).toArray(), found.stream().mapToDouble(pair -> pair[1]).toArray()};
        }

        boolean grows() {
            return slope - 2 * error > LITTLE * after;
        }

        String word() {
            if (grows()) {
                return "**grows**";
            }
            return !(2 * error <= Math.max(1, 0.2 * after)) ? "no growth seen, but it varies too much to say" : "flat";
        }
    }
}
