import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Breaks what the gateway stands on while users write to it, and says what came of it: what was lost, doubled, out of order, and how long
 * a user waited who had nothing to do with it.
 * <p>
 * The gateway is a black box: a process, its HTTP ports, signals. This program is Meta (signed webhooks, sent again until they are
 * answered with 200; the Graph API, with statuses), the understanding hop (which says what the user said, so that every reply can be told
 * from every other), and the hand that pulls the plugs. Loopback only. Run it through {@code bench/chaos}.
 */
public final class Chaos {

    private static final String HELP = """
            bench/chaos [options] [scenario ...]      all scenarios if none is named
              --long     the long form: more kills, more messages, minutes in place of seconds
              --table    the verdicts once more, as a table in Markdown
              --list     the scenarios
            Exit code: 0 all verdicts are ok, 1 one FAILED, 2 one could not be had.
            """;
    private static final String SECRET = "chaos-secret";
    private static final String API_TOKEN = "chaos-api-token";
    private static final String ACCOUNT = "102290129340398";
    private static final double SECOND = 1e9;
    private static final double NOT_JUDGED = Double.POSITIVE_INFINITY;

    private Chaos() {
    }

    public static void main(String[] args) throws Exception {
        boolean longForm = false;
        boolean table = false;
        Path app = Path.of("target/app");
        Path directory = null;
        List<Scenario> chosen = new ArrayList<>();
        Map<String, Scenario> all = new LinkedHashMap<>();
        Scenarios.all().forEach(scenario -> all.put(scenario.name, scenario));
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--long" -> longForm = true;
                case "--table" -> table = true;
                case "--app" -> app = Path.of(args[++i]);
                case "--directory" -> directory = Path.of(args[++i]);
                case "--help" -> {
                    System.out.print(HELP);
                    return;
                }
                case "--list" -> {
                    all.values().forEach(scenario -> System.out.printf("%-18s %s%n", scenario.name, scenario.what));
                    return;
                }
                default -> {
                    Scenario scenario = all.get(args[i]);
                    if (scenario == null) {
                        System.err.println(args[i] + " is neither an option nor a scenario. --list shows the scenarios.");
                        System.exit(2);
                    }
                    chosen.add(scenario);
                }
            }
        }
        if (directory == null) {
            System.err.println("Run it through bench/chaos, which gives it a directory of its own and tidies up.");
            System.exit(2);
        }
        System.exit(run(chosen.isEmpty() ? List.copyOf(all.values()) : chosen, app.toAbsolutePath(), directory, longForm, table));
    }

    private static int run(List<Scenario> scenarios, Path app, Path directory, boolean longForm, boolean table) throws IOException {
        Children children = new Children(directory.resolve("pids"));
        Runtime.getRuntime().addShutdownHook(new Thread(children::close));
        List<Verdict> verdicts = new ArrayList<>();
        System.out.println(Verdict.HEAD);
        for (Scenario scenario : scenarios) {
            Verdict verdict = judge(scenario, app, directory, longForm, children);
            System.out.println(verdict.line());
            verdicts.add(verdict);
        }
        if (table) {
            System.out.println();
            System.out.println(Verdict.TABLE_HEAD);
            verdicts.forEach(verdict -> System.out.println(verdict.row()));
        }
        Set<String> words = Set.copyOf(verdicts.stream().map(Verdict::word).toList());
        return words.contains(Verdict.FAILED) ? 1 : words.contains(Verdict.UNKNOWN) ? 2 : 0;
    }

    private static Verdict judge(Scenario scenario, Path app, Path directory, boolean longForm, Children children) throws IOException {
        Path room = Files.createDirectories(directory.resolve(scenario.name));
        ExecutorService runner = Executors.newSingleThreadExecutor(daemon("scenario"));
        try (Stage stage = new Stage(scenario, app, room, longForm, children)) {
            Future<?> running = runner.submit(() -> {
                scenario.play.play(stage);
                return null;
            });
            try {
                running.get(longForm ? scenario.longLimit : scenario.limit, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                running.cancel(true);
                stage.failed("not over after " + (longForm ? scenario.longLimit : scenario.limit) + " s");
            } catch (ExecutionException e) {
                if (e.getCause() instanceof Skipped) {
                    return Verdict.without(scenario.name, Verdict.SKIPPED, e.getCause().getMessage());
                }
                if (e.getCause() instanceof Failed) {
                    stage.failed(e.getCause().getMessage());
                } else {
                    e.getCause().printStackTrace();
                    return Verdict.without(scenario.name, Verdict.UNKNOWN, String.valueOf(e.getCause()));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Verdict.without(scenario.name, Verdict.UNKNOWN, "interrupted");
            }
            return stage.verdict();
        } finally {
            runner.shutdownNow();
        }
    }

    private static java.util.concurrent.ThreadFactory daemon(String name) {
        return work -> {
            Thread thread = new Thread(work, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    private static double seconds(long nanos) {
        return nanos / SECOND;
    }

    private static void sleep(double seconds) throws InterruptedException {
        Thread.sleep((long) (seconds * 1000));
    }

    /** Whether it came true in time. */
    private static boolean within(double seconds, BooleanSupplier condition) throws InterruptedException {
        long limit = System.nanoTime() + (long) (seconds * SECOND);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > limit) {
                return false;
            }
            Thread.sleep(20);
        }
        return true;
    }

    private static InetSocketAddress loopback(int port) throws IOException {
        return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
    }

    /** The scenario cannot be played on this machine; the message says what is missing. */
    private static final class Skipped extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Skipped(String message) {
            super(message, null, false, false);
        }
    }

    /** The gateway did what makes going on with the scenario pointless. */
    private static final class Failed extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Failed(String message) {
            super(message, null, false, false);
        }
    }

    private interface Play {
        void play(Stage stage) throws Exception;
    }

    /**
     * @param limit     seconds after which the short form is broken off
     * @param waitLimit how long an uninvolved user's answer may take, in seconds; {@link #NOT_JUDGED}: it is told, not judged
     */
    private record Scenario(String name, String what, int limit, int longLimit, double waitLimit, Play play) {
    }

    /** One line of what came of it. */
    private record Verdict(String name, String word, int lost, int doubled, int disordered, double waited, double waitLimit, String note) {

        static final String OK = "ok";
        static final String FAILED = "FAILED";
        static final String SKIPPED = "skipped";
        static final String UNKNOWN = "unknown";
        static final String HEAD = String.format("%-18s %-8s %7s %8s %13s %8s  %s", "scenario", "verdict", "lost", "doubled",
                "out of order", "wait, s", "note");
        static final String TABLE_HEAD = "| scenario | verdict | lost | doubled | out of order | longest wait of an uninvolved user, s | |"
                + System.lineSeparator() + "|---|---|---|---|---|---|---|";

        static Verdict without(String name, String word, String note) {
            return new Verdict(name, word, -1, -1, -1, Double.NaN, NOT_JUDGED, note);
        }

        String line() {
            return String.format(Locale.ROOT, "%-18s %-8s %7s %8s %13s %8s  %s", name, word, number(lost), number(doubled),
                    number(disordered), time(), note);
        }

        String row() {
            return String.format(Locale.ROOT, "| %s | %s | %s | %s | %s | %s | %s |", name, word, number(lost), number(doubled),
                    number(disordered), time(), note);
        }

        private String time() {
            return Double.isNaN(waited) ? "–" : String.format(Locale.ROOT, "%s%.1f%s", waitLimit == NOT_JUDGED ? "(" : "", waited,
                    waitLimit == NOT_JUDGED ? ")" : "");
        }

        private static String number(int count) {
            return count < 0 ? "–" : String.valueOf(count);
        }
    }

    /** Every process that was started, so that none outlives this one. */
    private static final class Children implements Closeable {

        private final Path pids;
        private final Set<Process> running = ConcurrentHashMap.newKeySet();

        Children(Path pids) {
            this.pids = pids;
        }

        Process start(ProcessBuilder builder) throws IOException {
            Process process = builder.start();
            running.add(process);
            Files.writeString(pids, process.pid() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            process.onExit().thenRun(() -> running.remove(process));
            return process;
        }

        @Override
        public void close() {
            running.forEach(Process::destroyForcibly);
        }
    }

    /** Runs a command to its end; its output. */
    private static String command(String... words) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", words) + ": " + output.strip());
        }
        return output;
    }

    private static void signal(Process process, String name) throws IOException, InterruptedException {
        command("kill", "-" + name, String.valueOf(process.pid()));
    }

    /** One message that must be answered, or that must reach its user. */
    private static final class Sent {

        final String key;
        final String user;
        final int seq;
        final long due = System.nanoTime();
        /** Of an uninvolved user. */
        final boolean probe;
        volatile long accepted;
        int replies;
        volatile long first;
        long second;

        Sent(String key, String user, int seq, boolean probe) {
            this.key = key;
            this.user = user;
            this.seq = seq;
            this.probe = probe;
        }
    }

    /**
     * What was taken in, and what came out. A message is told by its text, {@code u17-42}: the 42nd of user 17. A template or a fixed
     * answer is told by its recipient, who gets no other.
     */
    private static final class Ledger {

        private static final Pattern NUMBERED = Pattern.compile("[a-z]\\d+-\\d+");

        final Map<String, Sent> sent = new ConcurrentHashMap<>();
        final Map<String, AtomicInteger> apologies = new ConcurrentHashMap<>();
        private final Map<String, Integer> highest = new HashMap<>();
        int disordered;
        int unknown;
        /** Users whose phone begins so are not asked for order; null: all are. */
        volatile String unordered;

        Sent expect(String key, String user, int seq, boolean probe) {
            Sent message = new Sent(key, user, seq, probe);
            sent.put(key, message);
            return message;
        }

        /** Meta took a message to somebody. */
        synchronized void take(String to, String text) {
            if (Gateway.APOLOGY.equals(text)) {
                apologies.computeIfAbsent(to, key -> new AtomicInteger()).incrementAndGet();
                return;
            }
            Sent message = sent.get(text != null && NUMBERED.matcher(text).matches() ? text : to);
            if (message == null) {
                unknown++;
                return;
            }
            message.replies++;
            if (message.replies == 2) {
                message.second = System.nanoTime();
            }
            if (message.replies == 1) {
                message.first = System.nanoTime();
                int before = highest.getOrDefault(message.user, -1);
                if (message.seq < before) {
                    disordered += unordered != null && message.user.startsWith(unordered) ? 0 : 1;
                } else {
                    highest.put(message.user, message.seq);
                }
            }
        }

        /** How many were accepted and have no answer; with apologies counting as answers, or not. */
        int pending(boolean apologiesCount, Function<Sent, Boolean> among) {
            Map<String, Integer> missing = new HashMap<>();
            int sum = 0;
            for (Sent message : sent.values()) {
                if (message.accepted != 0 && message.first == 0 && among.apply(message)) {
                    missing.merge(message.user, 1, Integer::sum);
                    sum++;
                }
            }
            if (apologiesCount) {
                for (Map.Entry<String, Integer> user : missing.entrySet()) {
                    AtomicInteger sorry = apologies.get(user.getKey());
                    sum -= sorry == null ? 0 : Math.min(sorry.get(), user.getValue());
                }
            }
            return sum;
        }

        int apologies() {
            return apologies.values().stream().mapToInt(AtomicInteger::get).sum();
        }

        List<Sent> doubled() {
            return sent.values().stream().filter(message -> message.replies > 1).toList();
        }
    }

    /** A small HTTP/1.1 server, a thread a connection, that can also misbehave below HTTP. */
    private static final class HttpStub implements Closeable {

        enum Mode {
            SERVE,
            /** Nobody listens. */
            REFUSE,
            /** Connections are taken and reset before anything is read. */
            RESET
        }

        record Call(String method, String path, String body, String authorization) {
        }

        /**
         * @param body        null: the connection is closed without an answer
         * @param delayMillis how long the answer takes
         */
        record Answer(int status, String type, String body, long delayMillis) {

            static Answer json(int status, String body) {
                return new Answer(status, "application/json; charset=UTF-8", body, 0);
            }
        }

        interface Handler {
            Answer answer(Call call);
        }

        final int port;
        private final Handler handler;
        private final ExecutorService threads = Executors.newCachedThreadPool(daemon("stub"));
        private final Set<Socket> open = ConcurrentHashMap.newKeySet();
        private volatile Mode mode = Mode.REFUSE;
        private volatile ServerSocket server;

        HttpStub(int port, Handler handler) throws IOException {
            this.port = port;
            this.handler = handler;
            mode(Mode.SERVE);
        }

        synchronized void mode(Mode wanted) throws IOException {
            Mode before = mode;
            mode = wanted;
            if (wanted == Mode.REFUSE && before != Mode.REFUSE) {
                server.close();
            }
            if (wanted != Mode.SERVE) {
                reset();
            }
            if (wanted != Mode.REFUSE && before == Mode.REFUSE) {
                ServerSocket listening = new ServerSocket();
                listening.setReuseAddress(true);
                listening.bind(loopback(port), 512);
                server = listening;
                threads.submit(() -> accept(listening));
            }
        }

        private void reset() {
            open.forEach(HttpStub::abort);
            open.clear();
        }

        private static void abort(Socket socket) {
            try {
                socket.setSoLinger(true, 0);
                socket.close();
            } catch (IOException e) {
                // it is closed already
            }
        }

        private void accept(ServerSocket listening) {
            while (!listening.isClosed()) {
                try {
                    Socket socket = listening.accept();
                    if (mode == Mode.SERVE) {
                        open.add(socket);
                        threads.submit(() -> serve(socket));
                    } else {
                        abort(socket);
                    }
                } catch (IOException e) {
                    // closed on purpose, or the peer is gone
                }
            }
        }

        private void serve(Socket socket) {
            try (socket) {
                socket.setTcpNoDelay(true);
                InputStream in = new java.io.BufferedInputStream(socket.getInputStream());
                OutputStream out = socket.getOutputStream();
                while (mode == Mode.SERVE) {
                    Call call = read(in);
                    if (call == null) {
                        return;
                    }
                    Answer answer = handler.answer(call);
                    if (answer.delayMillis > 0) {
                        Thread.sleep(answer.delayMillis);
                    }
                    if (answer.body == null) {
                        abort(socket);
                        return;
                    }
                    byte[] body = answer.body.getBytes(UTF_8);
                    out.write(("HTTP/1.1 " + answer.status + " X\r\nContent-Type: " + answer.type + "\r\nContent-Length: " + body.length
                            + "\r\n\r\n").getBytes(ISO_8859_1));
                    out.write(body);
                    out.flush();
                }
            } catch (IOException e) {
                // the gateway closed the connection, or was killed
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                open.remove(socket);
            }
        }

        private static Call read(InputStream in) throws IOException {
            String line = line(in);
            if (line == null || line.isEmpty()) {
                return null;
            }
            String[] words = line.split(" ");
            int length = 0;
            boolean chunked = false;
            String authorization = null;
            for (String header = line(in); header != null && !header.isEmpty(); header = line(in)) {
                String lower = header.toLowerCase(Locale.ROOT);
                if (lower.startsWith("content-length:")) {
                    length = Integer.parseInt(lower.substring(15).strip());
                } else if (lower.startsWith("transfer-encoding:") && lower.contains("chunked")) {
                    chunked = true;
                } else if (lower.startsWith("authorization:")) {
                    authorization = header.substring(14).strip();
                }
            }
            byte[] body = chunked ? chunks(in) : in.readNBytes(length);
            if (!chunked && body.length < length) {
                return null;
            }
            return new Call(words[0], words[1], new String(body, UTF_8), authorization);
        }

        private static byte[] chunks(InputStream in) throws IOException {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            for (int size = size(in); size > 0; size = size(in)) {
                body.write(in.readNBytes(size));
                line(in);
            }
            line(in);
            return body.toByteArray();
        }

        private static int size(InputStream in) throws IOException {
            String line = line(in);
            return line == null ? 0 : Integer.parseInt(line.split(";")[0].strip(), 16);
        }

        private static String line(InputStream in) throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream(128);
            for (int b = in.read(); b != '\n'; b = in.read()) {
                if (b < 0) {
                    return null;
                }
                if (b != '\r') {
                    line.write(b);
                }
            }
            return line.toString(ISO_8859_1);
        }

        @Override
        public void close() {
            try {
                mode(Mode.REFUSE);
            } catch (IOException e) {
                // it is closed already
            }
            threads.shutdownNow();
        }
    }

    /** One call of the gateway's to Graph's messages. */
    private record GraphCall(String number, boolean marketing, boolean receipt, boolean template, String to, String text, String id) {

        private static final Pattern PATH = Pattern.compile("/v[0-9.]+/(\\d+)/(messages|marketing_messages)");
        private static final Pattern TO = Pattern.compile("\"(?:to|recipient)\"\\s*:\\s*\"\\+?([^\"]+)\"");
        private static final Pattern TEXT = Pattern.compile("\"text\"\\s*:\\s*\\{[^}]*\"body\"\\s*:\\s*\"([^\"]*)\"");
        private static final Pattern ID = Pattern.compile("\"biz_opaque_callback_data\"\\s*:\\s*\"([^\"]*)\"");

        static GraphCall of(HttpStub.Call call) {
            Matcher path = PATH.matcher(call.path());
            if (!path.matches()) {
                return null;
            }
            String body = call.body();
            return new GraphCall(path.group(1), path.group(2).startsWith("marketing"), body.contains("\"status\":\"read\""),
                    body.contains("\"type\":\"template\""), first(TO, body), first(TEXT, body), first(ID, body));
        }

        private static String first(Pattern pattern, String body) {
            Matcher matcher = pattern.matcher(body);
            return matcher.find() ? matcher.group(1) : null;
        }
    }

    /**
     * How Graph misbehaves towards one call.
     *
     * @param answer null: the right one
     * @param taken  whether Meta carries the call out all the same
     */
    private record Fault(HttpStub.Answer answer, boolean taken) {

        static Fault code(int http, int code) {
            return new Fault(HttpStub.Answer.json(http, "{\"error\":{\"message\":\"(#" + code + ") chaos\",\"type\":\"OAuthException\",\"code\":"
                    + code + ",\"fbtrace_id\":\"chaos\"}}"), false);
        }

        static Fault html(int http) {
            return new Fault(new HttpStub.Answer(http, "text/html", "<html><body>Sorry, something went wrong.</body></html>", 0), false);
        }

        /** No answer at all: the connection is closed after so many milliseconds. */
        static Fault silence(long millis, boolean taken) {
            return new Fault(new HttpStub.Answer(0, "", null, millis), taken);
        }

        static Fault slow(long millis) {
            return new Fault(new HttpStub.Answer(200, "", "", millis), true);
        }
    }

    /** Stands in for the Graph API: takes messages, tells the ledger, and owes Meta's statuses. */
    private static final class Graph implements Closeable {

        private static final Function<GraphCall, Fault> NONE = call -> null;

        final HttpStub stub;
        volatile Function<GraphCall, Fault> fault = NONE;
        volatile boolean statuses = true;
        volatile long statusDelayMillis = 100;
        final AtomicInteger refused = new AtomicInteger();
        final AtomicInteger templates = new AtomicInteger();
        final AtomicInteger receipts = new AtomicInteger();
        final AtomicInteger wrongToken = new AtomicInteger();
        /** Of numbers that have a token of their own. */
        final Map<String, String> tokens = new ConcurrentHashMap<>();
        private final AtomicLong ids = new AtomicLong();
        private final Ledger ledger;
        private final Queue owed = new Queue();

        private static final class Queue extends ConcurrentLinkedQueue<Status> {
            private static final long serialVersionUID = 1L;
        }

        private record Status(String number, String json, long due) {
        }

        Graph(int port, Ledger ledger) throws IOException {
            this.ledger = ledger;
            this.stub = new HttpStub(port, this::answer);
        }

        void heal() throws IOException {
            fault = NONE;
            stub.mode(HttpStub.Mode.SERVE);
        }

        private HttpStub.Answer answer(HttpStub.Call http) {
            GraphCall call = GraphCall.of(http);
            if (call == null) {
                return Fault.code(400, 100).answer;
            }
            if (tokens.containsKey(call.number) && !("Bearer " + tokens.get(call.number)).equals(http.authorization)) {
                wrongToken.incrementAndGet();
                return Fault.code(401, 190).answer;
            }
            Fault trouble = fault.apply(call);
            if (trouble != null && !trouble.taken) {
                refused.incrementAndGet();
                return trouble.answer;
            }
            String body = call.receipt ? "{\"success\":true}" : take(call);
            if (trouble == null) {
                return HttpStub.Answer.json(200, body);
            }
            if (trouble.answer.body() == null) {
                return trouble.answer;
            }
            return new HttpStub.Answer(200, "application/json", body, trouble.answer.delayMillis());
        }

        private String take(GraphCall call) {
            String wamid = "wamid.OUT" + ids.incrementAndGet();
            if (call.template) {
                templates.incrementAndGet();
            }
            ledger.take(call.to, call.text);
            if (statuses) {
                owe(call, wamid, "sent", statusDelayMillis);
                owe(call, wamid, "delivered", statusDelayMillis * 2);
            }
            return "{\"messaging_product\":\"whatsapp\",\"contacts\":[{\"input\":\"+" + call.to + "\",\"wa_id\":\"" + call.to
                    + "\"}],\"messages\":[{\"id\":\"" + wamid + "\"}]}";
        }

        private void owe(GraphCall call, String wamid, String state, long afterMillis) {
            String json = "{\"id\":\"" + wamid + "\",\"status\":\"" + state + "\",\"timestamp\":\"" + System.currentTimeMillis() / 1000
                    + "\",\"recipient_id\":\"" + call.to + "\"" + (call.id == null ? "" : ",\"biz_opaque_callback_data\":\"" + call.id + "\"")
                    + "}";
            owed.add(new Status(call.number, json, System.nanoTime() + afterMillis * 1_000_000L));
        }

        /** The statuses whose time has come, by number. */
        Map<String, List<String>> due() {
            Map<String, List<String>> due = new TreeMap<>();
            long now = System.nanoTime();
            List<Status> later = new ArrayList<>();
            for (Status status = owed.poll(); status != null; status = owed.poll()) {
                if (status.due > now) {
                    later.add(status);
                } else {
                    due.computeIfAbsent(status.number, key -> new ArrayList<>()).add(status.json);
                }
            }
            owed.addAll(later);
            return due;
        }

        @Override
        public void close() {
            stub.close();
        }
    }

    /** Stands in for the understanding hop, which says what the user said. */
    private static final class Hop implements Closeable {

        private static final Pattern SAID = Pattern.compile("\"content\"\\s*:\\s*\"([^\"]*)\"");

        final HttpStub stub;
        volatile HttpStub.Answer fault;
        volatile long delayMillis;

        Hop(int port) throws IOException {
            stub = new HttpStub(port, this::answer);
        }

        private HttpStub.Answer answer(HttpStub.Call call) {
            if (fault != null) {
                return fault;
            }
            String said = "";
            for (Matcher matcher = SAID.matcher(call.body()); matcher.find();) {
                said = matcher.group(1);
            }
            return new HttpStub.Answer(200, "application/json", "{\"id\":\"chaos\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,"
                    + "\"message\":{\"role\":\"assistant\",\"content\":\"" + said + "\"},\"finish_reason\":\"stop\"}]}", delayMillis);
        }

        @Override
        public void close() {
            stub.close();
        }
    }

    /** Delivers webhooks as Meta does: signed, and again until they are answered with 200. */
    private static final class Meta {

        private static final int FIRST_PAUSE_MILLIS = 200;
        private static final int LONGEST_PAUSE_MILLIS = 1_000;

        /** The webhook ports of the gateways that take part. */
        final List<Integer> ports = new CopyOnWriteArrayList<>();
        final AtomicInteger outstanding = new AtomicInteger();
        final AtomicInteger refusals = new AtomicInteger();
        final AtomicLong slowest = new AtomicLong();
        volatile boolean measuring;
        private final AtomicInteger turn = new AtomicInteger();
        private final HttpClient http;
        private final ScheduledExecutorService timer;

        Meta(HttpClient http, ScheduledExecutorService timer) {
            this.http = http;
            this.timer = timer;
        }

        void send(String value, String number, Runnable accepted) {
            outstanding.incrementAndGet();
            String body = "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"" + ACCOUNT + "\",\"changes\":[{\"value\":"
                    + "{\"messaging_product\":\"whatsapp\",\"metadata\":{\"display_phone_number\":\"15550783881\",\"phone_number_id\":\""
                    + number + "\"}," + value + "},\"field\":\"messages\"}]}]}";
            attempt(body, sign(body), FIRST_PAUSE_MILLIS, accepted);
        }

        private void attempt(String body, String signature, int pause, Runnable accepted) {
            if (ports.isEmpty()) {
                again(body, signature, pause, accepted);
                return;
            }
            int port = ports.get(Math.floorMod(turn.getAndIncrement(), ports.size()));
            long start = System.nanoTime();
            http.sendAsync(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/webhook"))
                            .timeout(Duration.ofSeconds(30))
                            .header("Content-Type", "application/json")
                            .header("X-Hub-Signature-256", "sha256=" + signature)
                            .POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.discarding())
                    .whenComplete((response, failure) -> {
                        if (measuring && response != null) {
                            slowest.accumulateAndGet(System.nanoTime() - start, Math::max);
                        }
                        if (response != null && response.statusCode() == 200) {
                            outstanding.decrementAndGet();
                            accepted.run();
                        } else {
                            refusals.incrementAndGet();
                            again(body, signature, pause, accepted);
                        }
                    });
        }

        private void again(String body, String signature, int pause, Runnable accepted) {
            if (!timer.isShutdown()) {
                timer.schedule(() -> attempt(body, signature, Math.min(2 * pause, LONGEST_PAUSE_MILLIS), accepted), pause,
                        TimeUnit.MILLISECONDS);
            }
        }

        private static String sign(String body) {
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(SECRET.getBytes(UTF_8), "HmacSHA256"));
                return HexFormat.of().formatHex(mac.doFinal(body.getBytes(UTF_8)));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** One user who writes. The next text leaves only when the one before is accepted, or the order would be nobody's. */
    private static final class Writer {

        private static final int BATCH = 20;
        private static final Random RUN = new Random();

        final String phone;
        final String number;
        private final String name;
        private final Meta meta;
        private final Ledger ledger;
        private final Deque<Sent> waiting = new ArrayDeque<>();
        private final String run = Integer.toHexString(RUN.nextInt());
        private boolean busy;
        private int next;

        Writer(int index, String number, Meta meta, Ledger ledger) {
            this.name = "u" + index;
            this.phone = String.format("15556%06d", index);
            this.number = number;
            this.meta = meta;
            this.ledger = ledger;
        }

        synchronized void write() {
            waiting.add(ledger.expect(name + "-" + next, phone, next, false));
            next++;
            pump();
        }

        private synchronized void pump() {
            if (busy || waiting.isEmpty()) {
                return;
            }
            busy = true;
            List<Sent> batch = new ArrayList<>();
            StringBuilder messages = new StringBuilder();
            while (batch.size() < BATCH && !waiting.isEmpty()) {
                Sent message = waiting.poll();
                batch.add(message);
                messages.append(messages.isEmpty() ? "" : ",").append(text(phone, run + message.key, message.key));
            }
            meta.send(contacts(phone) + "\"messages\":[" + messages + "]", number, () -> {
                long now = System.nanoTime();
                batch.forEach(message -> message.accepted = now);
                done();
            });
        }

        private synchronized void done() {
            busy = false;
            pump();
        }

        synchronized int unsent() {
            return waiting.size();
        }

        static String contacts(String phone) {
            return "\"contacts\":[{\"profile\":{\"name\":\"Kim Example\"},\"wa_id\":\"" + phone + "\"}],";
        }

        static String text(String phone, String id, String text) {
            return head(phone, id) + "\"type\":\"text\",\"text\":{\"body\":\"" + text + "\"}}";
        }

        static String location(String phone, String id) {
            return head(phone, id) + "\"type\":\"location\",\"location\":{\"latitude\":1.5,\"longitude\":2.25}}";
        }

        private static String head(String phone, String id) {
            return "{\"from\":\"" + phone + "\",\"id\":\"wamid.IN." + id + "\",\"timestamp\":\"" + System.currentTimeMillis() / 1000 + "\",";
        }
    }

    /** The gateway's process. */
    private static final class Gateway {

        static final String APOLOGY = "apology";
        private static final String READY = "\"whatsapp.client.initialized\"";
        private static final double START_LIMIT = 90;

        final String name;
        final int webhook;
        final int management;
        private final Stage stage;
        private final Path directory;
        private final Map<String, String> more;
        private volatile Process process;
        private volatile boolean wanted;
        private volatile boolean ready;
        private volatile boolean supervised;
        private volatile int starts;
        volatile int ended;
        volatile double startSeconds;

        Gateway(Stage stage, String name, Map<String, String> more) throws IOException {
            this.stage = stage;
            this.name = name;
            this.more = more;
            this.webhook = stage.port();
            this.management = stage.port();
            this.directory = Files.createDirectories(stage.room.resolve(name));
        }

        /** Starts it, and waits until it takes webhooks. */
        Gateway start() throws Exception {
            long begin = System.nanoTime();
            launch();
            if (!within(START_LIMIT, () -> !process.isAlive() || ready())) {
                throw new Failed(name + " was not ready after " + (int) START_LIMIT + " s");
            }
            if (!process.isAlive()) {
                throw new Failed(name + " did not start: " + lastLine());
            }
            startSeconds = seconds(System.nanoTime() - begin);
            stage.meta.ports.add(webhook);
            return this;
        }

        private synchronized void launch() throws IOException {
            List<String> words = new ArrayList<>(List.of(Stage.java()));
            String options = System.getenv("CHAOS_JAVA_OPTS");
            words.addAll(List.of((options == null || options.isBlank() ? "-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1" : options)
                    .trim().split("\\s+")));
            words.addAll(List.of("-jar", stage.app.resolve("whatsapp-cloud-routes.jar").toString()));
            starts++;
            ready = false;
            ProcessBuilder builder = new ProcessBuilder(words).directory(directory.toFile()).redirectErrorStream(true)
                    .redirectOutput(log().toFile());
            Map<String, String> environment = builder.environment();
            environment.putAll(Map.of(
                    "CAMEL_SERVER_HOST", "127.0.0.1",
                    "CAMEL_SERVER_PORT", String.valueOf(webhook),
                    "CAMEL_MANAGEMENT_HOST", "127.0.0.1",
                    "CAMEL_MANAGEMENT_PORT", String.valueOf(management)));
            environment.putAll(Map.of(
                    "WHATSAPP_PHONE_NUMBER_ID", Stage.number(1),
                    "WHATSAPP_ACCESS_TOKEN", "chaos-token",
                    "WHATSAPP_VERIFY_TOKEN", "chaos-verify-token",
                    "WHATSAPP_APP_SECRET", SECRET,
                    "WHATSAPP_API_TOKEN", API_TOKEN,
                    "WHATSAPP_GRAPH_URL", "http://127.0.0.1:" + stage.graph.stub.port,
                    "WHATSAPP_UNDERSTANDING", "openai",
                    "WHATSAPP_UNDERSTANDING_OPENAI_URL", "http://127.0.0.1:" + stage.hop.stub.port + "/v1"));
            environment.putAll(Map.of(
                    "WHATSAPP_BROKER_DIRECTORY", directory.resolve("broker").toString(),
                    "WHATSAPP_OUTCOME_DIRECTORY", directory.resolve("outcomes").toString(),
                    "WHATSAPP_REPLY_APOLOGY", APOLOGY,
                    "WHATSAPP_REPLY_TYPE_NOT_HANDLED", "not handled",
                    // the limits of Meta do their work, but are no part of what is judged here
                    "WHATSAPP_LIMIT_MESSAGES_PER_SECOND", "1000000",
                    "WHATSAPP_LIMIT_PAIR_BURST", "1000000",
                    // what takes minutes in production takes seconds here
                    "WHATSAPP_ALARM_TRY_AGAIN_AFTER", "5000",
                    "WHATSAPP_RETRY_THROTTLE_DELAY", "300",
                    "WHATSAPP_HTTP_READ_TIMEOUT", "5000"));
            environment.put("WHATSAPP_OUTCOME_SILENCE_SECONDS", String.valueOf(stage.silence));
            environment.putAll(more);
            process = stage.children.start(builder);
            wanted = true;
            Process mine = process;
            mine.onExit().thenRun(() -> {
                if (wanted && process == mine) {
                    ended++;
                    stage.meta.ports.remove((Integer) webhook);
                }
            });
        }

        /** As systemd or Kubernetes would: starts it again whenever it ends by itself. */
        void supervise() {
            supervised = true;
            stage.timer.scheduleWithFixedDelay(() -> {
                try {
                    if (wanted && !process.isAlive()) {
                        launch();
                    } else if (wanted && ready() && !stage.meta.ports.contains(webhook)) {
                        stage.meta.ports.add(webhook);
                    }
                } catch (IOException e) {
                    stage.failed("cannot start the gateway again: " + e);
                }
            }, 1, 1, TimeUnit.SECONDS);
        }

        private Path log() {
            return directory.resolve("log-" + starts + ".txt");
        }

        private boolean ready() {
            try {
                ready = ready || Files.readString(log(), ISO_8859_1).contains(READY);
            } catch (IOException e) {
                return false;
            }
            return ready;
        }

        private String lastLine() throws IOException {
            List<String> lines = Files.readAllLines(log(), ISO_8859_1);
            return lines.isEmpty() ? "it said nothing" : lines.get(lines.size() - 1);
        }

        void kill() throws InterruptedException {
            wanted = false;
            stage.meta.ports.remove((Integer) webhook);
            process.destroyForcibly().waitFor();
        }

        /** SIGTERM; how long it took to end, in seconds. The balancer learns of it as it would: by a refused webhook. */
        double stop() throws InterruptedException {
            wanted = false;
            long begin = System.nanoTime();
            process.destroy();
            boolean over = process.waitFor(60, TimeUnit.SECONDS);
            stage.meta.ports.remove((Integer) webhook);
            if (!over) {
                process.destroyForcibly().waitFor();
                stage.failed(name + " had not stopped 60 s after SIGTERM");
            }
            return seconds(System.nanoTime() - begin);
        }

        boolean alive() {
            return process != null && process.isAlive();
        }

        long pid() {
            return process.pid();
        }

        /** Used heap after a full collection, in MB. */
        double heap() throws IOException, InterruptedException {
            String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
            command(jcmd, String.valueOf(pid()), "GC.run");
            String info = command(jcmd, String.valueOf(pid()), "GC.heap_info");
            long kilobytes = 0;
            for (String line : info.split("\n")) {
                Matcher used = Pattern.compile("total \\d+K, used (\\d+)K").matcher(line);
                if (used.find()) {
                    kilobytes += Long.parseLong(used.group(1));
                }
            }
            return kilobytes / 1024.0;
        }

        /** The status of the readiness check; 0 if there is no answer. */
        int readiness() {
            try {
                return stage.http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + management + "/observe/health/ready"))
                        .timeout(Duration.ofSeconds(5)).build(), HttpResponse.BodyHandlers.discarding()).statusCode();
            } catch (IOException e) {
                return 0;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return 0;
            }
        }
    }

    /** A TCP proxy in front of the broker, whose connections can be cut. */
    private static final class Proxy implements Closeable {

        private final ServerSocket server = new ServerSocket();
        private final ExecutorService threads = Executors.newCachedThreadPool(daemon("proxy"));
        private final Set<Socket> open = ConcurrentHashMap.newKeySet();
        private final int target;

        Proxy(int port, int target) throws IOException {
            this.target = target;
            server.bind(loopback(port), 512);
            threads.submit(this::accept);
        }

        private void accept() {
            while (!server.isClosed()) {
                try {
                    Socket from = server.accept();
                    Socket to = new Socket();
                    open.add(from);
                    open.add(to);
                    try {
                        to.connect(loopback(target), 2_000);
                    } catch (IOException e) {
                        close(from, to);
                        continue;
                    }
                    from.setTcpNoDelay(true);
                    to.setTcpNoDelay(true);
                    threads.submit(() -> copy(from, to));
                    threads.submit(() -> copy(to, from));
                } catch (IOException e) {
                    // closed on purpose
                }
            }
        }

        private void copy(Socket from, Socket to) {
            try {
                from.getInputStream().transferTo(to.getOutputStream());
            } catch (IOException e) {
                // cut
            } finally {
                close(from, to);
            }
        }

        private void close(Socket... sockets) {
            for (Socket socket : sockets) {
                HttpStub.abort(socket);
                open.remove(socket);
            }
        }

        void cut() {
            close(open.toArray(new Socket[0]));
        }

        @Override
        public void close() throws IOException {
            server.close();
            cut();
            threads.shutdownNow();
        }
    }

    /** A process of another program that the gateway stands on. */
    private static final class Helper {

        private final Stage stage;
        private final List<String> words;
        private final Path log;
        private final String ready;
        Process process;

        Helper(Stage stage, String name, String ready, String... words) {
            this.stage = stage;
            this.words = List.of(words);
            this.log = stage.room.resolve(name + ".log");
            this.ready = ready;
        }

        Helper start() throws Exception {
            Files.deleteIfExists(log);
            process = stage.children.start(new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(log.toFile()));
            if (!within(60, () -> said(ready) || !process.isAlive()) || !process.isAlive()) {
                throw new IllegalStateException(words.get(0) + " did not start, see " + log);
            }
            return this;
        }

        boolean said(String text) {
            try {
                return Files.readString(log, ISO_8859_1).contains(text);
            } catch (IOException e) {
                return false;
            }
        }

        void kill() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }
    }

    /** All that one scenario needs, and what it leads to. */
    private static final class Stage implements Closeable {

        /** Longer than anything waits here that is not given up: a number in maintenance is left alone for a minute. */
        private static final int STILL = 80;
        private static final AtomicInteger PROBES = new AtomicInteger();

        final boolean longForm;
        final Path app;
        final Path room;
        final Children children;
        final Ledger ledger = new Ledger();
        final ScheduledExecutorService timer = Executors.newScheduledThreadPool(4, daemon("timer"));
        final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(2)).build();
        final Meta meta = new Meta(http, timer);
        final Graph graph;
        final Hop hop;
        /** {@code whatsapp.outcome.silence-seconds}. */
        int silence = 10;
        /** An apology is an answer: only where the hop is broken. */
        boolean apologiesCount;
        /** Doubles that are as silence and the property say. */
        Function<Sent, Boolean> doubleAllowed = message -> false;
        /** Which messages must have arrived in the end. */
        Function<Sent, Boolean> owed = message -> true;
        private final Scenario scenario;
        private final Set<Integer> ports = ConcurrentHashMap.newKeySet();
        private final List<Gateway> gateways = new CopyOnWriteArrayList<>();
        private final List<Closeable> closeables = new CopyOnWriteArrayList<>();
        private final List<Writer> writers = new CopyOnWriteArrayList<>();
        private final List<String> failures = new CopyOnWriteArrayList<>();
        private final List<String> notes = new CopyOnWriteArrayList<>();
        private final List<Sent> probes = new CopyOnWriteArrayList<>();
        private volatile Future<?> load;
        private volatile Future<?> probing;
        private volatile long measureFrom = Long.MAX_VALUE;
        private volatile long measureTo = Long.MAX_VALUE;
        private volatile long recoveredFrom = Long.MAX_VALUE;
        private final AtomicLong stall = new AtomicLong();
        private int writersMade;

        Stage(Scenario scenario, Path app, Path room, boolean longForm, Children children) throws IOException {
            this.scenario = scenario;
            this.app = app;
            this.room = room;
            this.longForm = longForm;
            this.children = children;
            this.graph = new Graph(port(), ledger);
            this.hop = new Hop(port());
            timer.scheduleWithFixedDelay(this::deliverStatuses, 100, 100, TimeUnit.MILLISECONDS);
            daemon("stalls").newThread(this::watchStalls).start();
        }

        /** How late a thread that only sleeps is woken: what the machine does to everybody. */
        private void watchStalls() {
            long before = System.nanoTime();
            while (!timer.isShutdown()) {
                try {
                    Thread.sleep(20);
                } catch (InterruptedException e) {
                    return;
                }
                long now = System.nanoTime();
                if (meta.measuring) {
                    stall.accumulateAndGet(now - before - 20_000_000L, Math::max);
                }
                before = now;
            }
        }

        static String java() {
            return Path.of(System.getProperty("java.home"), "bin", "java").toString();
        }

        /** The id of a business number. */
        static String number(int n) {
            return "10654035224292" + n;
        }

        /** Below the range from which Linux takes ports for outgoing connections. */
        int port() throws IOException {
            for (int i = 0; i < 200; i++) {
                int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
                try (ServerSocket probe = new ServerSocket()) {
                    probe.bind(loopback(port));
                } catch (IOException e) {
                    continue;
                }
                if (ports.add(port)) {
                    return port;
                }
            }
            throw new IOException("There is no free port from 20000 to 31999.");
        }

        int either(int shortForm, int longForm) {
            return this.longForm ? longForm : shortForm;
        }

        Gateway gateway(String... more) throws IOException {
            Map<String, String> environment = new HashMap<>();
            for (int i = 0; i < more.length; i += 2) {
                environment.put(more[i], more[i + 1]);
            }
            Gateway gateway = new Gateway(this, "gateway" + (gateways.size() + 1), environment);
            gateways.add(gateway);
            return gateway;
        }

        <T extends Closeable> T keep(T closeable) {
            closeables.add(closeable);
            return closeable;
        }

        void failed(String why) {
            failures.add(why);
        }

        void require(boolean condition, String otherwise) {
            if (!condition) {
                failures.add(otherwise);
            }
        }

        void note(String format, Object... values) {
            notes.add(String.format(Locale.ROOT, format, values));
        }

        void progress(String format, Object... values) {
            if (System.getenv("VERBOSE") != null) {
                System.err.printf(Locale.ROOT, "  [%s] %s%n", scenario.name, String.format(Locale.ROOT, format, values));
            }
        }

        /** Users write to these numbers in turn, so many texts a second together. */
        void load(double rate, int users, int... numbers) {
            List<Writer> group = new ArrayList<>();
            for (int i = 0; i < users; i++) {
                group.add(writer(numbers.length == 0 ? 1 : numbers[i % numbers.length]));
            }
            long begin = System.nanoTime();
            AtomicLong written = new AtomicLong();
            load = timer.scheduleAtFixedRate(() -> {
                long due = (long) (seconds(System.nanoTime() - begin) * rate);
                while (written.get() < due) {
                    group.get((int) (written.getAndIncrement() % users)).write();
                }
            }, 0, 20, TimeUnit.MILLISECONDS);
        }

        Writer writer(int number) {
            Writer writer = new Writer(writersMade++, number(number), meta, ledger);
            writers.add(writer);
            return writer;
        }

        /** Uninvolved users: five a second, each with one message, to these numbers in turn. */
        void probe(int... numbers) {
            probe(true, numbers);
        }

        /** With text, through the understanding hop; without, a location, which needs no hop. */
        void probe(boolean text, int... numbers) {
            AtomicInteger turn = new AtomicInteger();
            probing = timer.scheduleAtFixedRate(() -> {
                String phone = String.format("15558%06d", PROBES.incrementAndGet());
                Sent message = ledger.expect(phone, phone, 0, true);
                probes.add(message);
                String id = "probe." + System.nanoTime() + "." + phone;
                meta.send(Writer.contacts(phone) + "\"messages\":[" + (text ? Writer.text(phone, id, "hello") : Writer.location(phone, id))
                        + "]", number(numbers[turn.getAndIncrement() % numbers.length]), () -> message.accepted = System.nanoTime());
            }, 0, 200, TimeUnit.MILLISECONDS);
        }

        /**
         * Until it is cancelled, large messages of a type that nobody knows: they are kept whole, so the broker needs new files at once,
         * where small ones would find room in files that it has made ahead. About 1 MB a second.
         */
        Future<?> ballast(int number) {
            String filling = "x".repeat(50_000);
            AtomicLong ids = new AtomicLong();
            return timer.scheduleAtFixedRate(() -> {
                if (meta.outstanding.get() < 100) {
                    meta.send(Writer.contacts("15559000000") + "\"messages\":[" + Writer.head("15559000000", "ballast" + ids.incrementAndGet()
                            + "." + System.nanoTime()) + "\"type\":\"chaos\",\"chaos\":{\"filling\":\"" + filling + "\"}}]", number(number),
                            () -> { });
                }
            }, 0, 50, TimeUnit.MILLISECONDS);
        }

        /** The gateway is warm: from now on uninvolved users' answers and webhooks are timed. */
        void warm() throws InterruptedException {
            // a cold JVM answers its first hundred messages slowly, whatever happens
            sleep(6);
            within(20, () -> ledger.pending(false, message -> true) < 20);
            measureFrom = System.nanoTime();
            meta.measuring = true;
        }

        /** Uninvolved users who write from now on do not count, until the gateway is warm again. */
        void pauseMeasuring() {
            measureFrom = Long.MAX_VALUE;
            meta.measuring = false;
        }

        /** Nothing is broken any more since then, and things had time to settle: uninvolved users are to be answered as always. */
        void recovered(long whole) {
            recoveredFrom = System.nanoTime();
            progress("whole for %.0f s", seconds(recoveredFrom - whole));
        }

        /** Uninvolved users who wrote until now count. */
        void measured() {
            measureTo = Math.min(measureTo, System.nanoTime());
            meta.measuring = false;
        }

        void stopLoad() {
            measured();
            for (Future<?> future : Arrays.asList(load, probing)) {
                if (future != null) {
                    future.cancel(false);
                }
            }
        }

        /** Waits until all is answered, or nothing has moved for long; how long that took, in seconds. */
        double drain(int limit) throws InterruptedException {
            stopLoad();
            long begin = System.nanoTime();
            int before = open();
            for (double still = 0; before > 0 && still < STILL && seconds(System.nanoTime() - begin) < limit; still++) {
                within(1, () -> open() == 0);
                int now = open();
                still = now == before ? still : 0;
                before = now;
            }
            double took = seconds(System.nanoTime() - begin);
            progress("drained in %.1f s, %d open", took, open());
            // for answers that come twice
            sleep(3);
            return took;
        }

        /** Accepted, owed, and not answered yet. */
        int owedOpen() {
            return ledger.pending(apologiesCount, owed);
        }

        private int open() {
            return owedOpen() + meta.outstanding.get() + writers.stream().mapToInt(Writer::unsent).sum();
        }

        private void deliverStatuses() {
            for (Map.Entry<String, List<String>> number : graph.due().entrySet()) {
                List<String> all = number.getValue();
                for (int i = 0; i < all.size(); i += 50) {
                    meta.send("\"statuses\":[" + String.join(",", all.subList(i, Math.min(all.size(), i + 50))) + "]", number.getKey(),
                            () -> { });
                }
            }
        }

        /**
         * Hands lines to the gateway's bulk until it says that it has them all. User {@code i % users} gets line {@code i}.
         *
         * @param letter begins their names, so that they are nobody else's
         */
        void bulk(Gateway gateway, int number, char letter, int count, int users, boolean template) throws Exception {
            int chunk = 10_000;
            for (int from = 0; from < count; from += chunk) {
                StringBuilder lines = new StringBuilder();
                List<Sent> messages = new ArrayList<>();
                for (int i = from; i < Math.min(count, from + chunk); i++) {
                    int user = i % users;
                    String phone = String.format("1555%d%06d", letter % 10, user);
                    String key = template ? phone : letter + "" + user + "-" + i / users;
                    messages.add(ledger.expect(key, phone, i / users, false));
                    lines.append("{\"messaging_product\":\"whatsapp\",\"to\":\"+").append(phone).append(template
                            ? "\",\"type\":\"template\",\"template\":{\"name\":\"news\",\"language\":{\"code\":\"en\"}}}\n"
                            : "\",\"type\":\"text\",\"text\":{\"body\":\"" + key + "\"}}\n");
                }
                post(gateway, number, lines.toString(), "bulk-" + letter + from);
                long now = System.nanoTime();
                messages.forEach(message -> message.accepted = now);
            }
        }

        private void post(Gateway gateway, int number, String lines, String key) throws Exception {
            String last = "";
            for (int i = 0; i < 20; i++) {
                try {
                    HttpResponse<String> answer = http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.webhook
                                    + "/api/bulk")).timeout(Duration.ofSeconds(120))
                            .header("Authorization", "Bearer " + API_TOKEN)
                            .header("Content-Type", "application/x-ndjson")
                            .header("X-WhatsApp-Phone-Number-Id", number(number))
                            .header("Idempotency-Key", key)
                            .POST(HttpRequest.BodyPublishers.ofString(lines)).build(), HttpResponse.BodyHandlers.ofString());
                    if (answer.statusCode() / 100 == 2 && answer.body().contains("\"status\":\"done\"")) {
                        if (!answer.body().contains("\"refused\":0")) {
                            throw new Failed("the bulk was not taken whole: " + answer.body());
                        }
                        return;
                    }
                    last = answer.statusCode() + " " + answer.body();
                } catch (IOException e) {
                    last = e.toString();
                }
                sleep(1);
            }
            throw new Failed("the bulk was not taken: " + last);
        }

        /** A single message through the API, counted if it is accepted. */
        void apiMessage(Gateway gateway, int number, char letter, int user, int seq) {
            String key = letter + "" + user + "-" + seq;
            String phone = String.format("1555%d%06d", letter % 10, user);
            Sent message = ledger.expect(key, phone, seq, false);
            http.sendAsync(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.webhook + "/api/messages"))
                            .timeout(Duration.ofSeconds(60))
                            .header("Authorization", "Bearer " + API_TOKEN)
                            .header("Content-Type", "application/json")
                            .header("X-WhatsApp-Phone-Number-Id", number(number))
                            .header("Idempotency-Key", key)
                            .POST(HttpRequest.BodyPublishers.ofString("{\"messaging_product\":\"whatsapp\",\"to\":\"+" + phone
                                    + "\",\"type\":\"text\",\"text\":{\"body\":\"" + key + "\"}}")).build(), HttpResponse.BodyHandlers.discarding())
                    .thenAccept(answer -> {
                        if (answer.statusCode() == 202) {
                            message.accepted = System.nanoTime();
                        }
                    });
        }

        Helper redis(int port) throws IOException {
            return new Helper(this, "redis", "eady to accept connections", redisServer(), "--port", String.valueOf(port), "--bind", "127.0.0.1",
                    "--dir", Files.createDirectories(room.resolve("redis")).toString(), "--appendonly", "yes", "--appendfsync", "always",
                    "--save", "");
        }

        private String redisServer() throws IOException {
            String found = onPath("redis-server");
            if (found != null) {
                return found;
            }
            Path jars = Path.of(System.getProperty("user.home"), ".m2", "repository", "com", "github", "codemonstur", "embedded-redis");
            if (Files.isDirectory(jars)) {
                try (var paths = Files.walk(jars)) {
                    Path jar = paths.filter(path -> path.toString().endsWith(".jar")).findFirst().orElse(null);
                    if (jar != null) {
                        return unpacked(jar);
                    }
                }
            }
            throw new Skipped("there is no redis-server on the PATH (Debian: apt-get install redis-server), and no embedded-redis in ~/.m2");
        }

        private String unpacked(Path jar) throws IOException {
            String machine = System.getProperty("os.arch").contains("aarch64") ? "linux-arm64" : "linux-amd64";
            try (ZipFile zip = new ZipFile(jar.toFile())) {
                ZipEntry entry = zip.stream().filter(e -> e.getName().contains("redis-server") && e.getName().endsWith(machine)).findFirst()
                        .orElseThrow(() -> new Skipped("embedded-redis has no redis-server for this machine, and none is on the PATH"));
                Path server = room.resolve("redis-server");
                Files.copy(zip.getInputStream(entry), server);
                server.toFile().setExecutable(true);
                return server.toString();
            }
        }

        static String onPath(String program) {
            for (String directory : System.getenv("PATH").split(":")) {
                Path found = Path.of(directory, program);
                if (Files.isExecutable(found)) {
                    return found.toString();
                }
            }
            return null;
        }

        /** @param pair nothing, or {@code primary|backup} and the other's port */
        Helper broker(String name, Path files, int port, String... pair) throws IOException {
            Path logging = room.resolve("logback.xml");
            Files.writeString(logging, "<configuration><appender name=\"OUT\" class=\"ch.qos.logback.core.ConsoleAppender\"><encoder><pattern>"
                    + "%d %level %logger %msg%n</pattern></encoder></appender><root level=\"INFO\"><appender-ref ref=\"OUT\"/></root></configuration>");
            List<String> words = new ArrayList<>(List.of(java(), "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                    "-Dlogback.configurationFile=" + logging, "-cp", app.resolve("lib") + "/*",
                    System.getProperty("chaos.broker"), String.valueOf(port), files.toString()));
            words.addAll(List.of(pair));
            return new Helper(this, name, pair.length > 0 && "backup".equals(pair[0]) ? "AMQ221" : "started\n", words.toArray(new String[0]));
        }

        /** Numbers 1 to so many, in the file of many numbers; the first is the one of the properties. */
        Path numbersFile(int numbers) throws IOException {
            StringBuilder lines = new StringBuilder("numbers:\n");
            for (int n = 2; n <= numbers; n++) {
                lines.append("  n").append(n).append(": {phone-number-id: \"").append(number(n)).append("\", access-token: ")
                        .append(token(number(n))).append("}\n");
                graph.tokens.put(number(n), token(number(n)));
            }
            return Files.writeString(room.resolve("numbers.yaml"), lines);
        }

        private static String token(String number) {
            return "chaos-token-" + number;
        }

        /** How long uninvolved users who wrote in that time waited: p50 and p99 in milliseconds. */
        String waits(long from, long to) {
            double[] all = probes.stream().filter(probe -> probe.due >= from && probe.due <= to && probe.first != 0)
                    .mapToDouble(probe -> 1_000 * seconds(probe.first - probe.due)).sorted().toArray();
            return all.length == 0 ? "-" : String.format(Locale.ROOT, "%.0f and %.0f ms", all[all.length / 2], all[all.length * 99 / 100]);
        }

        /** Of the uninvolved users who count, in seconds; NaN if there are none. */
        double longestWait() {
            return longestWait(measureFrom, measureTo);
        }

        private double longestWait(long from, long to) {
            long now = System.nanoTime();
            double wait = Double.NaN;
            for (Sent probe : probes) {
                if (probe.due >= from && probe.due <= to) {
                    double waited = seconds((probe.first == 0 ? now : probe.first) - probe.due);
                    wait = Double.isNaN(wait) ? waited : Math.max(wait, waited);
                }
            }
            return wait;
        }

        Verdict verdict() {
            for (Gateway gateway : gateways) {
                require(gateway.ended == 0 || gateway.supervised, gateway.name + " ended by itself " + gateway.ended + " times");
            }
            int lost = ledger.pending(apologiesCount, owed);
            List<Sent> doubled = ledger.doubled();
            long tooMany = doubled.stream().filter(message -> !doubleAllowed.apply(message)).count();
            double wait = longestWait();
            double afterwards = longestWait(recoveredFrom, Long.MAX_VALUE);
            require(!(afterwards > 2), String.format(Locale.ROOT, "an uninvolved user waited %.1f s when all was whole again", afterwards));
            int unsent = meta.outstanding.get() + writers.stream().mapToInt(Writer::unsent).sum();
            require(unsent == 0, unsent + " webhooks were never accepted");
            if (!doubled.isEmpty() && tooMany == 0) {
                note("the doubled ones were sent again after silence, as the property says");
            }
            if (apologiesCount) {
                note("%d apologies", ledger.apologies());
            } else {
                require(ledger.apologies() == 0, ledger.apologies() + " apologies for answers that could be had");
            }
            if (ledger.unknown > 0) {
                note("%d messages nobody asked for", ledger.unknown);
            }
            boolean late = wait > scenario.waitLimit;
            boolean met = failures.isEmpty() && lost == 0 && tooMany == 0 && ledger.disordered == 0 && !late;
            List<String> all = new ArrayList<>(failures);
            if (late) {
                all.add(String.format(Locale.ROOT, "wait above %.0f s", scenario.waitLimit));
            }
            all.add(ledger.sent.size() + " messages");
            all.addAll(notes);
            // with other programs on the machine a wait of seconds may be theirs
            double busy = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
            if (busy > 3 * Runtime.getRuntime().availableProcessors() || stall.get() > SECOND / 2) {
                all.add(String.format(Locale.ROOT, "load average %.0f, the harness itself stood still for up to %.1f s", busy,
                        seconds(stall.get())));
            }
            return new Verdict(scenario.name, met ? Verdict.OK : Verdict.FAILED, lost, doubled.size(), ledger.disordered, wait,
                    scenario.waitLimit, String.join("; ", all));
        }

        @Override
        public void close() throws IOException {
            stopLoad();
            timer.shutdownNow();
            for (Gateway gateway : gateways) {
                gateway.wanted = false;
            }
            children.close();
            for (Closeable closeable : closeables) {
                closeable.close();
            }
            graph.close();
            hop.close();
        }
    }

    /** The scenarios, in the order in which they are played. */
    private static final class Scenarios {

        /** Of a message of a user who is not about Graph, the disk, the broker or Redis as a whole. */
        private static final double PROMPT = 2;

        private Scenarios() {
        }

        static List<Scenario> all() {
            return List.of(
                    new Scenario("kill9", "kill -9 again and again under load, statuses arrive", 300, 1800, NOT_JUDGED,
                            stage -> kills(stage, true, stage.either(5, 50))),
                    new Scenario("kill9-no-status", "the same, and no status ever arrives: only silence decides", 300, 1800, NOT_JUDGED,
                            stage -> kills(stage, false, stage.either(3, 50))),
                    new Scenario("sigterm", "SIGTERM and a new start under load", 240, 900, NOT_JUDGED, Scenarios::sigterm),
                    graph("graph-cut", "Graph refuses connections, resets them, closes them after it has carried out the call",
                            Scenarios::cut),
                    graph("graph-hung", "Graph reads and never answers; half of the calls are carried out", stage -> stage.graph.fault =
                            call -> Fault.silence(20_000, call.to == null || call.to.hashCode() % 2 == 0)),
                    graph("graph-slow", "Graph answers after 3 s", stage -> stage.graph.fault = call -> Fault.slow(3_000)),
                    graph("graph-429", "Graph says that the app has reached its call limit (429, code 4)",
                            stage -> stage.graph.fault = call -> Fault.code(429, 4)),
                    graph("graph-500", "Graph answers 500 with code 131000", stage -> stage.graph.fault = call -> Fault.code(500, 131000)),
                    graph("graph-503", "Graph answers 503 with a page in HTML", stage -> stage.graph.fault = call -> Fault.html(503)),
                    new Scenario("some-131016", "30 % of Graph's answers are 500 with code 131016", 240, 900, NOT_JUDGED,
                            stage -> outage(stage, s -> s.graph.fault =
                                    call -> call.receipt ? null : ThreadLocalRandom.current().nextInt(10) < 3 ? Fault.code(500, 131016) : null, 240)),
                    new Scenario("hop-down", "nobody listens at the understanding hop; the uninvolved need no hop", 240, 900, PROMPT,
                            stage -> hop(stage, () -> stage.hop.stub.mode(HttpStub.Mode.REFUSE))),
                    new Scenario("hop-429", "the understanding hop answers 429; the uninvolved need no hop", 300, 900, PROMPT,
                            stage -> hop(stage, () -> stage.hop.fault = HttpStub.Answer.json(429, "{\"error\":{\"message\":\"slow down\"}}"))),
                    new Scenario("stop-retry", "SIGTERM while updates wait for a retry of the hop (429)", 180, 180, NOT_JUDGED,
                            Scenarios::stopWhileRetrying),
                    new Scenario("redis", "Redis dies and comes back; webhooks are to be answered within 2 s all the same", 240, 900, NOT_JUDGED,
                            Scenarios::redis),
                    new Scenario("broker-down", "the external broker is killed and started again", 240, 900, NOT_JUDGED,
                            stage -> broker(stage, (broker, proxy) -> {
                                broker.kill();
                                sleep(stage.either(15, 120));
                                broker.start();
                            })),
                    new Scenario("broker-reset", "every second all connections to the external broker are reset", 240, 900, NOT_JUDGED,
                            stage -> broker(stage, (broker, proxy) -> {
                                for (int i = 0; i < stage.either(20, 120); i++) {
                                    proxy.cut();
                                    sleep(1);
                                }
                            })),
                    new Scenario("broker-frozen", "the external broker stands still (SIGSTOP)", 300, 900, NOT_JUDGED,
                            stage -> broker(stage, (broker, proxy) -> {
                                signal(broker.process, "STOP");
                                sleep(stage.either(20, 100));
                                signal(broker.process, "CONT");
                            })),
                    new Scenario("broker-pair", "the primary of a pair of external brokers is killed", 240, 600, NOT_JUDGED,
                            Scenarios::brokerPair),
                    new Scenario("disk-full", "the disk is full for a while, then free again", 400, 700, NOT_JUDGED, Scenarios::diskFull),
                    new Scenario("clock", "the clock steps 6 h ahead, then to 10 min behind, while a number is stopped and outcomes are unknown",
                            240, 400, PROMPT, Scenarios::clock),
                    new Scenario("nodes-join", "a third node joins two on one broker and one Redis", 240, 600, PROMPT,
                            stage -> nodes(stage, nodes -> stage.gateway(nodes.environment).start())),
                    new Scenario("nodes-leave", "one of two nodes is stopped (SIGTERM)", 240, 600, PROMPT,
                            stage -> nodes(stage, nodes -> stage.note("stopped in %.1f s", nodes.second.stop()))),
                    new Scenario("nodes-die", "one of two nodes is killed and stays dead; its queues are taken over within 30 s", 240, 600, 32,
                            stage -> nodes(stage, nodes -> nodes.second.kill())),
                    new Scenario("flood", "one user writes 1,200 texts while the hop takes 1 s, which the others' 3 s have in them", 300, 300,
                            PROMPT + 1, Scenarios::flood),
                    new Scenario("stopped-number", "one of eight numbers is stopped (190), and much waits for it", 300, 900, PROMPT,
                            Scenarios::stoppedNumber),
                    new Scenario("many-numbers", "of 50 numbers, each with a token of its own, one is stopped with much waiting and one is throttled", 300, 1800,
                            PROMPT, Scenarios::manyNumbers),
                    new Scenario("numbers-held", "start and heap with 1, 50 and 500 numbers, idle and after each has answered", 400, 400, NOT_JUDGED,
                            Scenarios::numbersHeld),
                    new Scenario("trial-refused", "the first message a stopped number tries is refused for its own reason (131026)", 180, 180,
                            PROMPT, Scenarios::trialRefused),
                    new Scenario("number-131057", "one number is in maintenance (500, 131057)", 300, 900, PROMPT, Scenarios::maintenance),
                    new Scenario("template-134102", "a bulk's template is refused (500, 134102)", 180, 300, PROMPT, Scenarios::badTemplate),
                    new Scenario("bulk-tier", "many more templates than the tier of 250 allows, then a restart", 240, 900, PROMPT,
                            Scenarios::bulkTier),
                    new Scenario("restart", "SIGTERM and a new start while many messages wait", 300, 1200, PROMPT, Scenarios::restart),
                    new Scenario("memory", "the heap while few wait and while many wait, -Xmx256m", 400, 2400, PROMPT, Scenarios::memory));
        }

        private interface Act {
            void run() throws Exception;
        }

        private interface BrokerAct {
            void run(Helper broker, Proxy proxy) throws Exception;
        }

        private interface NodesAct {
            void run(Nodes nodes) throws Exception;
        }

        private record Nodes(Gateway first, Gateway second, String[] environment) {
        }

        /** Three numbers: two have the load, the third the uninvolved users. */
        private static Gateway busy(Stage stage, double rate, String... environment) throws Exception {
            Gateway gateway = stage.gateway(environment).start();
            stage.load(rate, 60, 1, 2);
            stage.probe(3);
            stage.warm();
            return gateway;
        }

        private static void kills(Stage stage, boolean statuses, int kills) throws Exception {
            stage.graph.statuses = statuses;
            List<Long> moments = new CopyOnWriteArrayList<>();
            long silent = stage.silence * 1_000_000_000L;
            if (!statuses) {
                // sent again after silence, and only what was on its way at a kill
                stage.doubleAllowed = message -> message.replies == 2 && message.second - message.first >= silent
                        && moments.stream().anyMatch(kill -> message.first <= kill && kill - message.first < 2_000_000_000L);
            }
            Gateway gateway = busy(stage, 100);
            for (int i = 0; i < kills; i++) {
                sleep(2 + ThreadLocalRandom.current().nextDouble(3));
                moments.add(System.nanoTime());
                gateway.kill();
                gateway.start();
                stage.progress("kill %d, %d doubled, started in %.1f s", i + 1, stage.ledger.doubled().size(), gateway.startSeconds);
            }
            sleep(3);
            stage.note("%d kills, drained in %.0f s", kills, stage.drain(stage.silence + 80));
        }

        private static void sigterm(Stage stage) throws Exception {
            Gateway gateway = busy(stage, 100);
            double slowest = 0;
            int restarts = stage.either(3, 20);
            for (int i = 0; i < restarts; i++) {
                sleep(3 + ThreadLocalRandom.current().nextDouble(2));
                slowest = Math.max(slowest, gateway.stop());
                gateway.start();
            }
            sleep(3);
            stage.require(slowest < 46, String.format(Locale.ROOT, "a stop took %.0f s", slowest));
            stage.note("%d restarts, slowest stop %.1f s, drained in %.0f s", restarts, slowest, stage.drain(90));
        }

        private static Scenario graph(String name, String what, Play trouble) {
            return new Scenario(name, what, 300, 900, NOT_JUDGED, stage -> outage(stage, trouble, stage.either(120, 400)));
        }

        private static void outage(Stage stage, Play trouble, int drainLimit) throws Exception {
            busy(stage, 60);
            int length = stage.either(20, 180);
            long begin = System.nanoTime();
            trouble.play(stage);
            sleep(Math.max(0, length - seconds(System.nanoTime() - begin)));
            stage.graph.heal();
            back(stage, length);
            stage.note("%d calls refused, drained in %.0f s", stage.graph.refused.get(), stage.drain(drainLimit));
        }

        /** What was broken is whole again: after a while everything is to be as before. */
        private static void back(Stage stage, int outage) throws Exception {
            stage.measured();
            long whole = System.nanoTime();
            sleep(10 + outage / 4.0);
            stage.recovered(whole);
            sleep(5);
        }

        private static void cut(Stage stage) throws Exception {
            double third = stage.either(20, 180) / 3.0;
            stage.graph.stub.mode(HttpStub.Mode.REFUSE);
            sleep(third);
            stage.graph.stub.mode(HttpStub.Mode.RESET);
            sleep(third);
            stage.graph.fault = call -> Fault.silence(0, true);
            stage.graph.stub.mode(HttpStub.Mode.SERVE);
            sleep(third);
        }

        private static void hop(Stage stage, Act trouble) throws Exception {
            stage.apologiesCount = true;
            stage.gateway().start();
            stage.load(60, 60, 1, 2);
            stage.probe(false, 3);
            stage.warm();
            trouble.run();
            sleep(stage.either(20, 180));
            stage.hop.fault = null;
            stage.hop.stub.mode(HttpStub.Mode.SERVE);
            sleep(5);
            stage.note("drained in %.0f s", stage.drain(200));
        }

        private static void stopWhileRetrying(Stage stage) throws Exception {
            Gateway gateway = stage.gateway("WHATSAPP_RETRY_THROTTLE_DELAY", "1000").start();
            stage.hop.fault = HttpStub.Answer.json(429, "{\"error\":{\"message\":\"slow down\"}}");
            for (int i = 0; i < 20; i++) {
                Writer writer = stage.writer(1);
                for (int k = 0; k < 3; k++) {
                    writer.write();
                }
            }
            sleep(4);
            double stopped = gateway.stop();
            stage.hop.fault = null;
            gateway.start();
            double drained = stage.drain(90);
            stage.note("stopped in %.1f s, drained in %.0f s", stopped, drained);
        }

        private static void redis(Stage stage) throws Exception {
            int port = stage.port();
            Helper redis = stage.redis(port).start();
            Gateway gateway = busy(stage, 30, "WHATSAPP_REDIS_URL", "redis://127.0.0.1:" + port);
            AtomicInteger messages = new AtomicInteger();
            Future<?> api = stage.timer.scheduleAtFixedRate(() -> {
                int i = messages.getAndIncrement();
                stage.apiMessage(gateway, 1, 'a', i % 20, i / 20);
            }, 0, 100, TimeUnit.MILLISECONDS);
            // the callers of the API send the next message whatever came of the one before, so theirs have no order
            stage.ledger.unordered = "15557";
            sleep(2);
            redis.kill();
            int length = stage.either(20, 120);
            sleep(length);
            double slowest = seconds(stage.meta.slowest.get());
            redis.start();
            back(stage, length);
            api.cancel(false);
            double drained = stage.drain(120);
            stage.require(slowest <= PROMPT, String.format(Locale.ROOT, "a webhook was answered after %.1f s", slowest));
            stage.note("slowest webhook while Redis was away %.1f s, drained in %.0f s", slowest, drained);
        }

        private static void broker(Stage stage, BrokerAct act) throws Exception {
            int port = stage.port();
            int front = stage.port();
            Helper broker = stage.broker("broker", stage.room.resolve("broker"), port).start();
            Proxy proxy = stage.keep(new Proxy(front, port));
            busy(stage, 60, "WHATSAPP_BROKER_URL", "tcp://127.0.0.1:" + front);
            long begin = System.nanoTime();
            act.run(broker, proxy);
            back(stage, (int) seconds(System.nanoTime() - begin));
            stage.note("%d webhooks refused, drained in %.0f s", stage.meta.refusals.get(), stage.drain(120));
        }

        private static void brokerPair(Stage stage) throws Exception {
            int one = stage.port();
            int two = stage.port();
            Path files = stage.room.resolve("broker");
            Helper primary = stage.broker("primary", files, one, "primary", String.valueOf(two)).start();
            Helper backup = stage.broker("backup", files, two, "backup", String.valueOf(one)).start();
            busy(stage, 60, "WHATSAPP_BROKER_URL", "(tcp://127.0.0.1:" + one + ",tcp://127.0.0.1:" + two + ")?ha=true&reconnectAttempts=-1");
            stage.require(within(20, () -> backup.said("AMQ221031") || backup.said("AMQ221109")), "the backup does not know the primary");
            primary.kill();
            long begin = System.nanoTime();
            sleep(stage.either(15, 60));
            back(stage, (int) seconds(System.nanoTime() - begin));
            stage.note("%d webhooks refused, drained in %.0f s", stage.meta.refusals.get(), stage.drain(120));
        }

        private static void diskFull(Stage stage) throws Exception {
            if (!"0".equals(command("id", "-u").strip())) {
                throw new Skipped("only root can mount the small disk that is to be full");
            }
            Path disk = Files.createDirectories(stage.room.resolve("disk"));
            try {
                command("mount", "-t", "tmpfs", "-o", "size=160m", "tmpfs", disk.toString());
            } catch (IOException e) {
                throw new Skipped("a small disk cannot be mounted here: " + e.getMessage());
            }
            stage.keep(() -> {
                try {
                    command("umount", "-l", disk.toString());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            Gateway gateway = busy(stage, 50, "WHATSAPP_BROKER_DIRECTORY", disk.resolve("broker").toString(), "WHATSAPP_OUTCOME_DIRECTORY",
                    disk.resolve("outcomes").toString(), "WHATSAPP_BROKER_MIN_FREE", String.valueOf(24 << 20));
            gateway.supervise();
            Path filler = disk.resolve("filler");
            Future<?> ballast = stage.ballast(4);
            long end = System.nanoTime() + (long) (stage.either(20, 120) * SECOND);
            boolean told = false;
            while (System.nanoTime() < end) {
                fill(filler);
                told |= gateway.readiness() != 200;
                sleep(0.2);
            }
            ballast.cancel(false);
            int refused = stage.meta.refusals.get();
            stage.require(refused > 0, "no webhook was refused: the disk was not full enough to tell");
            Files.delete(filler);
            long freed = System.nanoTime();
            stage.require(told, "readiness was up all the time");
            boolean taken = within(60, () -> stage.probes.stream().anyMatch(probe -> probe.due > freed && probe.accepted != 0));
            double after = seconds(System.nanoTime() - freed);
            if (taken) {
                back(stage, 20);
                double drained = stage.drain(90);
                stage.note("%d webhooks refused, taken again after %.1f s, drained in %.0f s, the process was started again %d times", refused,
                        after, drained, gateway.starts - 1);
            } else {
                stage.failed("60 s after the disk was free no webhook is taken");
                stage.measured();
            }
            double stopped = gateway.stop();
            stage.require(stopped < 46, String.format(Locale.ROOT, "SIGTERM took %.0f s", stopped));
            if (!taken) {
                // what is lost is what a start does not bring back
                gateway.start();
                stage.note("drained in %.0f s after a start by hand", stage.drain(90));
            }
        }

        private static void fill(Path filler) throws IOException {
            byte[] block = new byte[64 << 10];
            for (int size = block.length; size > 0; size /= 8) {
                try (OutputStream out = Files.newOutputStream(filler, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                    while (true) {
                        out.write(block, 0, size);
                    }
                } catch (IOException e) {
                    // no more room for so much
                }
            }
        }

        private static void clock(Stage stage) throws Exception {
            String compiler = Stage.onPath("cc");
            if (compiler == null) {
                throw new Skipped("there is no C compiler (cc) on the PATH for the library that steps one process's clock");
            }
            Path library = stage.room.resolve("chaosclock.so");
            command(compiler, "-shared", "-fPIC", "-o", library.toString(), System.getProperty("chaos.clock"));
            Path clock = stage.room.resolve("clock");
            step(clock, Duration.ZERO);
            stage.silence = 60;
            stage.gateway("LD_PRELOAD", library.toString(), "CHAOS_CLOCK", clock.toString()).start();
            stage.load(50, 60, 1, 2, 4);
            stage.probe(3);
            stage.warm();
            // number 2 is stopped; of number 4 nobody knows what became of its messages until the statuses come
            stage.graph.statusDelayMillis = 12_000;
            stage.graph.fault = call -> call.number.equals(Stage.number(2)) ? Fault.code(401, 190)
                    : call.number.equals(Stage.number(4)) && !call.receipt ? Fault.silence(0, true) : null;
            sleep(6);
            step(clock, Duration.ofHours(6));
            sleep(3);
            stage.graph.heal();
            sleep(15);
            stage.graph.fault = call -> call.number.equals(Stage.number(2)) ? Fault.code(401, 190)
                    : call.number.equals(Stage.number(4)) && !call.receipt ? Fault.silence(0, true) : null;
            sleep(6);
            step(clock, Duration.ofMinutes(-10));
            sleep(3);
            stage.graph.heal();
            stage.graph.statusDelayMillis = 100;
            sleep(10);
            stage.note("drained in %.0f s", stage.drain(100));
        }

        /** In place, as the gateway has the file mapped. */
        private static void step(Path clock, Duration ahead) throws IOException {
            Files.write(clock, ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(ahead.toSeconds()).array(),
                    StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        }

        private static void nodes(Stage stage, NodesAct act) throws Exception {
            int port = stage.port();
            int redis = stage.port();
            stage.redis(redis).start();
            stage.broker("broker", stage.room.resolve("broker"), port).start();
            String[] environment = {"WHATSAPP_BROKER_URL", "tcp://127.0.0.1:" + port, "WHATSAPP_REDIS_URL", "redis://127.0.0.1:" + redis};
            Gateway first = stage.gateway(environment).start();
            Gateway second = stage.gateway(environment).start();
            // more would need a third processor
            stage.load(30, 60, 1, 2);
            stage.probe(3);
            stage.warm();
            sleep(5);
            act.run(new Nodes(first, second, environment));
            sleep(stage.either(25, 120));
            stage.note("drained in %.0f s", stage.drain(120));
        }

        private static void flood(Stage stage) throws Exception {
            stage.gateway().start();
            stage.load(5, 5, 1);
            stage.probe(1);
            stage.warm();
            stage.hop.delayMillis = 1_000;
            Writer flooding = stage.writer(1);
            for (int i = 0; i < 1_200; i++) {
                flooding.write();
            }
            sleep(30);
            stage.measured();
            stage.hop.delayMillis = 0;
            stage.note("drained in %.0f s", stage.drain(120));
        }

        private static void stoppedNumber(Stage stage) throws Exception {
            Gateway gateway = stage.gateway().start();
            stage.load(70, 70, 1, 2, 3, 4, 5, 6, 7);
            stage.probe(1, 2, 3, 4, 5, 6, 7);
            stage.warm();
            stage.graph.fault = call -> call.number.equals(Stage.number(8)) ? Fault.code(401, 190) : null;
            stage.apiMessage(gateway, 8, 'c', 0, 0);
            sleep(2);
            int count = stage.either(2_000, 20_000);
            stage.bulk(gateway, 8, 'a', count / 2, count / 10, false);
            for (int i = 0; i < count / 2; i++) {
                stage.apiMessage(gateway, 8, 'd', i % (count / 10), i / (count / 10));
                if (i % 10 == 0) {
                    Thread.sleep(100);
                }
                if (i >= 300 && !stage.longForm) {
                    break;
                }
            }
            stage.ledger.unordered = "15550";
            sleep(stage.either(15, 300));
            stage.measured();
            stage.graph.heal();
            stage.note("%d tries of the stopped number, drained in %.0f s", stage.graph.refused.get(), stage.drain(120));
        }

        private static void manyNumbers(Stage stage) throws Exception {
            int[] atWork = IntStream.rangeClosed(3, 50).toArray();
            Gateway gateway = stage.gateway("WHATSAPP_NUMBERS_FILE", stage.numbersFile(50).toString()).start();
            stage.load(40, 96, atWork);
            stage.probe(atWork);
            stage.warm();
            long from = System.nanoTime();
            sleep(stage.either(20, 120));
            long broken = System.nanoTime();
            stage.graph.fault = call -> call.number.equals(Stage.number(1)) ? Fault.code(401, 190)
                    : call.number.equals(Stage.number(2)) ? Fault.code(429, 130429) : null;
            int count = stage.either(5_000, 100_000);
            stage.bulk(gateway, 1, 'a', count, count / 5, false);
            stage.bulk(gateway, 2, 'c', 500, 100, false);
            long waiting = System.nanoTime();
            sleep(stage.either(20, 120));
            stage.measured();
            stage.note("the 48 at work, p50 and p99: %s with all well, %s while it was stored, %s while it waits", stage.waits(from, broken),
                    stage.waits(broken, waiting), stage.waits(waiting, System.nanoTime()));
            stage.graph.heal();
            stage.note("drained in %.0f s", stage.drain(stage.either(120, 900)));
            stage.require(stage.graph.wrongToken.get() == 0, stage.graph.wrongToken.get() + " calls had another number's token");
        }

        private static void numbersHeld(Stage stage) throws Exception {
            for (int numbers : new int[] {1, 50, 500}) {
                Gateway gateway = stage.gateway("WHATSAPP_NUMBERS_FILE", stage.numbersFile(numbers).toString()).start();
                double idle = gateway.heap();
                for (int n = 1; n <= numbers; n++) {
                    stage.writer(n).write();
                }
                stage.drain(120);
                double used = gateway.heap();
                stage.note("%d numbers: started in %.1f s, heap %.0f MB idle, %.0f MB after each has answered", numbers, gateway.startSeconds, idle, used);
                gateway.stop();
            }
        }

        private static void trialRefused(Stage stage) throws Exception {
            Gateway gateway = stage.gateway("WHATSAPP_ALARM_TRY_AGAIN_AFTER", "20000").start();
            stage.load(20, 20, 1);
            stage.probe(3);
            stage.warm();
            stage.graph.fault = call -> call.number.equals(Stage.number(2)) ? Fault.code(401, 190) : null;
            stage.bulk(gateway, 2, 'a', 20, 10, false);
            stage.owed = message -> !message.user.startsWith("15557");
            sleep(3);
            stage.graph.fault = call -> call.number.equals(Stage.number(2)) && call.to != null && call.to.startsWith("15557")
                    ? Fault.code(400, 131026) : null;
            // there is time for one trial, of one that is refused, and that finds out that the number works
            sleep(23);
            stage.bulk(gateway, 2, 'c', 40, 20, false);
            boolean works = within(8, () -> stage.owedOpen() < 20);
            stage.measured();
            double drained = stage.drain(100);
            stage.require(works, String.format(Locale.ROOT, "the number still stood when its trial was over, and for %.0f s more", drained));
        }

        private static void maintenance(Stage stage) throws Exception {
            busy(stage, 60);
            stage.graph.fault = call -> call.number.equals(Stage.number(2)) ? Fault.code(500, 131057) : null;
            sleep(stage.either(20, 180));
            stage.graph.heal();
            stage.measured();
            // the catalogue says that such a number is left alone for a minute
            stage.note("%d calls refused, drained in %.0f s", stage.graph.refused.get(), stage.drain(180));
        }

        private static void badTemplate(Stage stage) throws Exception {
            Gateway gateway = busy(stage, 40, "WHATSAPP_LIMIT_TIER", "unlimited");
            stage.graph.fault = call -> call.template ? Fault.code(500, 134102) : null;
            stage.owed = message -> !message.user.startsWith("15557");
            stage.bulk(gateway, 2, 'a', 200, 200, true);
            sleep(stage.either(20, 60));
            int refused = stage.graph.refused.get();
            stage.note("%d calls refused for 200 messages, drained in %.0f s", refused, stage.drain(60));
        }

        private static void bulkTier(Stage stage) throws Exception {
            Gateway gateway = stage.gateway("WHATSAPP_LIMIT_TIER", "250").start();
            stage.load(40, 40, 1);
            stage.probe(1, 2);
            stage.warm();
            stage.owed = message -> !message.user.startsWith("15557");
            int count = stage.either(4_000, 40_000);
            stage.bulk(gateway, 1, 'a', count, count, true);
            sleep(stage.either(10, 60));
            double before = stage.longestWait();
            stage.pauseMeasuring();
            gateway.stop();
            gateway.start();
            stage.warm();
            sleep(stage.either(15, 60));
            stage.require(stage.graph.templates.get() <= 250, "the tier was passed");
            stage.require(before <= PROMPT, String.format(Locale.ROOT, "before the restart an uninvolved user waited %.1f s", before));
            double heap = gateway.heap();
            stage.note("%d of %d templates sent, heap %.0f MB, drained in %.0f s", stage.graph.templates.get(), count, heap, stage.drain(60));
        }

        private static void restart(Stage stage) throws Exception {
            Gateway gateway = busy(stage, 40);
            stage.graph.fault = call -> call.number.equals(Stage.number(4)) ? Fault.code(401, 190)
                    : call.number.equals(Stage.number(3)) ? null : Fault.html(503);
            int count = stage.either(5_000, 100_000);
            stage.bulk(gateway, 4, 'a', count, count / 5, false);
            sleep(5);
            stage.pauseMeasuring();
            double stopped = gateway.stop();
            stage.graph.fault = call -> call.number.equals(Stage.number(4)) ? Fault.code(401, 190) : null;
            gateway.start();
            stage.require(gateway.startSeconds < 20, String.format(Locale.ROOT, "the start took %.0f s", gateway.startSeconds));
            stage.warm();
            sleep(stage.either(10, 60));
            stage.measured();
            stage.graph.heal();
            stage.note("stopped in %.1f s, started in %.1f s, drained in %.0f s", stopped, gateway.startSeconds,
                    stage.drain(stage.either(120, 700)));
        }

        private static void memory(Stage stage) throws Exception {
            stage.graph.statuses = false;
            Gateway gateway = stage.gateway().start();
            stage.load(20, 20, 1);
            stage.probe(3);
            stage.warm();
            stage.graph.fault = call -> call.number.equals(Stage.number(2)) ? Fault.code(401, 190) : null;
            stage.bulk(gateway, 2, 'a', 1_000, 200, false);
            sleep(5);
            double few = gateway.heap();
            // what is remembered and read ahead is bounded, and these bounds are reached first
            int some = stage.either(20_000, 50_000);
            stage.bulk(gateway, 2, 'c', some - 1_000, some / 5, false);
            sleep(5);
            double full = gateway.heap();
            int count = stage.either(50_000, 1_000_000);
            stage.bulk(gateway, 2, 'd', count - some, count / 5, false);
            sleep(5);
            double many = gateway.heap();
            stage.progress("heap %.0f MB, %.0f MB, %.0f MB", few, full, many);
            sleep(5);
            stage.measured();
            stage.require(many - full < 40 && many < 150, "the heap grows with what waits");
            stage.graph.heal();
            stage.note("heap %.0f MB while 1,000 wait, %.0f MB while %,d wait, %.0f MB while %,d wait, drained in %.0f s", few, full, some, many,
                    count, stage.drain(stage.either(200, 1500)));
        }
    }
}
