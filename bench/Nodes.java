import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/**
 * What a message and a status cost at the nodes, at the broker and at Redis, for one, two and three nodes of the gateway with one Artemis
 * broker and one Redis, and for one with its embedded broker. Run it through {@code bench/nodes}.
 */
public final class Nodes {

    private static final String HELP = """
            bench/nodes [options] [setup ...]      all if none is named
              embedded   one gateway with its embedded broker, no Redis
              1 2 3      so many nodes with one broker and one Redis
              --short    fewer messages
              --out DIR  where nodes-SETUP.csv and nodes.md go (target/nodes)
            Environment: APP_JAVA_OPTS, the options of each gateway's JVM (-Xmx256m); REDIS_SERVER, the program (redis-server)
            """;
    private static final List<String> SETUPS = List.of("embedded", "1", "2", "3");
    private static final String HEAD = "| setup | what | a second | p50, ms | p99, ms | node, ms | broker, ms | Redis, ms | syncs of broker (or node) | syncs of Redis "
            + "| written by the broker, KB | to and from the broker, KB | Redis: commands | KB |";

    private final Path target;
    private final Path room;
    private final boolean brief;
    private final String setup;
    private final List<String> rows = new ArrayList<>();
    private final List<Watched> nodes = new ArrayList<>();
    private final List<Integer> webhooks = new ArrayList<>();
    private final List<Integer> managements = new ArrayList<>();
    private Watched broker;
    private Watched redis;
    private int brokerPort;
    private int redisPort;

    private Nodes(Path target, Path room, boolean brief, String setup) {
        this.target = target;
        this.room = room;
        this.brief = brief;
        this.setup = setup;
    }

    public static void main(String[] args) throws Exception {
        Path target = Path.of("target").toAbsolutePath();
        Path room = null;
        Path out = null;
        boolean brief = false;
        List<String> setups = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--help" -> {
                    System.out.print(HELP);
                    return;
                }
                case "--short" -> brief = true;
                case "--target" -> target = Path.of(args[++i]).toAbsolutePath();
                case "--room" -> room = Path.of(args[++i]);
                case "--out" -> out = Path.of(args[++i]).toAbsolutePath();
                default -> {
                    if (!SETUPS.contains(args[i])) {
                        System.err.println(args[i] + " is neither an option nor a setup. --help shows both.");
                        System.exit(2);
                    }
                    setups.add(args[i]);
                }
            }
        }
        out = Files.createDirectories(out == null ? target.resolve("nodes") : out);
        for (String setup : setups.isEmpty() ? SETUPS : setups) {
            Nodes nodes = new Nodes(target, Files.createDirectories(room.resolve(setup)), brief, setup);
            try {
                nodes.measure();
            } finally {
                nodes.close();
            }
            Files.write(out.resolve("nodes-" + setup + ".csv"), nodes.rows);
        }
        List<String> table = new ArrayList<>(List.of(HEAD, "|" + "---|".repeat(HEAD.split("\\|").length - 1)));
        for (String setup : SETUPS) {
            Path file = out.resolve("nodes-" + setup + ".csv");
            if (Files.exists(file)) {
                table.addAll(Files.readAllLines(file));
            }
        }
        Files.write(out.resolve("nodes.md"), table);
        System.out.println(String.join("\n", table));
        System.exit(0);
    }

    private void measure() throws Exception {
        boolean embedded = setup.equals("embedded");
        int count = embedded ? 1 : Integer.parseInt(setup);
        try (Meta meta = new Meta(Watched.port())) {
            if (!embedded) {
                startBroker();
                startRedis();
            }
            for (int n = 1; n <= count; n++) {
                Path files = Files.createDirectories(room.resolve("node" + n));
                int webhook = Watched.port();
                int management = Watched.port();
                Map<String, String> environment = meta.environment(webhook, management, files);
                if (!embedded) {
                    environment.put("WHATSAPP_BROKER_URL", "tcp://127.0.0.1:" + brokerPort);
                    environment.put("WHATSAPP_REDIS_URL", "redis://127.0.0.1:" + redisPort);
                    environment.put("WHATSAPP_INBOUND_PARTITIONS", count > 2 ? "16" : "4");
                }
                nodes.add(Watched.start(Watched.command(target), files, environment, "\"whatsapp.client.initialized\""));
                webhooks.add(webhook);
                managements.add(management);
            }
            // each node hears of the others
            Thread.sleep(embedded ? 0 : 3_000);
            texts(meta, count * (brief ? 2_000 : 6_000), 0, null);
            texts(meta, brief ? 1_000 : 2_000, 100, null);
            texts(meta, brief ? 1_000 : 2_000, 100, "text, 100/s");
            meta.statuses();
            texts(meta, brief ? 3_000 : 6_000, 0, "text, as fast as it goes");
            statuses(meta, null);
            texts(meta, brief ? 3_000 : 6_000, 0, null);
            statuses(meta, "status, as fast as it goes");
            double heap = 0;
            double resident = 0;
            for (Watched node : nodes) {
                heap += node.heap(true) / count;
                resident += node.resident() / count;
            }
            System.out.printf(Locale.ROOT, "%s: a node's heap after a collection %.0f MB, resident %.0f MB%s%n", setup, heap, resident, embedded ? ""
                    : String.format(Locale.ROOT, "; broker %.0f and %.0f MB; Redis resident %.0f MB", broker.heap(true), broker.resident(), redis.resident()));
        }
    }

    private void startBroker() throws Exception {
        brokerPort = Watched.port();
        Path files = Files.createDirectories(room.resolve("broker"));
        Path logging = Files.writeString(room.resolve("logback.xml"), "<configuration><root level=\"OFF\"/></configuration>");
        broker = Watched.start(List.of(Watched.java(), "-Xmx512m", "-Dlogback.configurationFile=" + logging, "-cp",
                target.resolve("app/lib") + "/*", System.getProperty("bench.broker"), String.valueOf(brokerPort), files.toString()), files, Map.of(),
                "started");
    }

    private void startRedis() throws Exception {
        redisPort = Watched.port();
        String program = System.getenv().getOrDefault("REDIS_SERVER", "redis-server");
        Path files = Files.createDirectories(room.resolve("redis"));
        redis = Watched.start(List.of(program, "--port", String.valueOf(redisPort), "--bind", "127.0.0.1", "--dir", files.toString(),
                "--appendonly", "yes", "--appendfsync", "always", "--save", ""), files, Map.of(), "eady to accept connections");
    }

    private void texts(Meta meta, int count, double rate, String what) throws Exception {
        Meta.Load load = load(count);
        load.rate = rate;
        load.timed = rate > 0;
        int before = meta.texts.get();
        meta.replies();
        measured(meta, what, count, () -> {
            meta.send(load);
            if (!meta.await(before + count, 120)) {
                throw new IOException("only " + (meta.texts.get() - before) + " of " + count + " texts were answered");
            }
            return meta.replies();
        });
    }

    private void statuses(Meta meta, String what) throws Exception {
        List<String> all = meta.statuses();
        Meta.Load load = load(all.size());
        load.statuses = all;
        double before = received();
        measured(meta, what, all.size(), () -> {
            meta.send(load);
            for (int i = 0; i < 600 && received() < before + all.size(); i++) {
                Thread.sleep(200);
            }
            if (received() < before + all.size()) {
                throw new IOException("only " + (received() - before) + " of " + all.size() + " statuses were handled");
            }
            return new double[0];
        });
    }

    private Meta.Load load(int count) {
        Meta.Load load = new Meta.Load();
        load.ports = webhooks.stream().mapToInt(Integer::intValue).toArray();
        load.webhooks = count;
        load.connections = 48;
        return load;
    }

    /** Statuses handled by all nodes. */
    private double received() throws IOException, InterruptedException {
        double sum = 0;
        for (int management : managements) {
            for (String line : Watched.call("GET", "http://127.0.0.1:" + management + "/observe/metrics", null).split("\n")) {
                sum += line.startsWith("whatsapp_statuses_received_total") ? Double.parseDouble(line.substring(line.lastIndexOf(' '))) : 0;
            }
        }
        return sum;
    }

    private interface Work {
        double[] run() throws Exception;
    }

    private void measured(Meta meta, String what, int count, Work work) throws Exception {
        if (what == null) {
            work.run();
            return;
        }
        Process syncs = syncs(broker == null ? nodes.get(0) : broker);
        Process redisSyncs = redis == null ? null : syncs(redis);
        Map<String, Double> before = used();
        long begin = System.nanoTime();
        double[] millis = work.run();
        double seconds = (System.nanoTime() - begin) / 1e9;
        Map<String, Double> after = used();
        ToDoubleFunction<String> each = name -> (after.get(name) - before.get(name)) / count;
        rows.add(String.format(Locale.ROOT, "| %s | %s | %.0f | %s | %s | %.2f | %s | %s | %s | %s | %s | %s | %s | %s |", setup, what, count / seconds,
                at(millis, 0.5), at(millis, 0.99), 1000 * each.applyAsDouble("node"), broker == null ? "" : number(1000 * each.applyAsDouble("broker")),
                redis == null ? "" : number(1000 * each.applyAsDouble("redis")), syncs(syncs, count), syncs(redisSyncs, count),
                number(each.applyAsDouble("written") / 1024), broker == null ? "" : number(each.applyAsDouble("network") / 1024),
                redis == null ? "" : number(each.applyAsDouble("commands")), redis == null ? "" : number(each.applyAsDouble("redis-bytes") / 1024)));
        System.out.println(rows.get(rows.size() - 1));
        if (redis != null) {
            System.out.println("  commands of Redis, each: " + after.keySet().stream().filter(name -> name.startsWith("command "))
                    .map(name -> Map.entry(name.substring(8), (after.get(name) - before.getOrDefault(name, 0.0)) / count))
                    .sorted((a, b) -> Double.compare(b.getValue(), a.getValue())).limit(12)
                    .map(entry -> entry.getKey() + " " + number(entry.getValue())).toList());
        }
    }

    /** Counts a process's syncs to disk, if perf may; null if it may not. */
    private static Process syncs(Watched of) throws IOException {
        try {
            return new ProcessBuilder("perf", "stat", "-x", ",", "-e", "syscalls:sys_enter_fdatasync,syscalls:sys_enter_fsync", "-p",
                    String.valueOf(of.process.pid())).redirectErrorStream(true).start();
        } catch (IOException e) {
            return null;
        }
    }

    private static String syncs(Process perf, int count) throws Exception {
        if (perf == null) {
            return "";
        }
        new ProcessBuilder("kill", "-INT", String.valueOf(perf.pid())).start().waitFor();
        String said = new String(perf.getInputStream().readAllBytes(), ISO_8859_1);
        perf.waitFor(5, TimeUnit.SECONDS);
        double sum = 0;
        boolean found = false;
        Matcher line = Pattern.compile("(?m)^(\\d+),,syscalls").matcher(said);
        while (line.find()) {
            found = true;
            sum += Double.parseDouble(line.group(1));
        }
        return found ? number(sum / count) : "";
    }

    private Map<String, Double> used() throws Exception {
        Map<String, Double> used = new LinkedHashMap<>();
        used.put("node", nodes.stream().mapToDouble(Watched::cpu).sum());
        used.put("written", written(broker == null ? nodes.get(0) : broker));
        if (broker != null) {
            used.put("broker", broker.cpu());
            used.put("network", network());
            String info = info();
            used.put("redis", value(info, "used_cpu_sys") + value(info, "used_cpu_user"));
            Matcher command = Pattern.compile("(?m)^cmdstat_([^:]+):calls=(\\d+)").matcher(info);
            while (command.find()) {
                used.put("command " + command.group(1), Double.parseDouble(command.group(2)));
            }
            used.put("commands", value(info, "total_commands_processed"));
            used.put("redis-bytes", value(info, "total_net_input_bytes") + value(info, "total_net_output_bytes"));
        }
        return used;
    }

    private static double written(Watched of) throws IOException {
        Matcher line = Pattern.compile("(?m)^write_bytes: (\\d+)").matcher(Files.readString(Path.of("/proc/" + of.process.pid() + "/io")));
        return line.find() ? Double.parseDouble(line.group(1)) : Double.NaN;
    }

    /** Bytes to and from the broker over the connections that are open; NaN without {@code ss}. */
    private double network() throws IOException {
        if (!Files.isExecutable(Path.of("/usr/bin/ss")) && !Files.isExecutable(Path.of("/bin/ss"))) {
            return Double.NaN;
        }
        Process ss = new ProcessBuilder("ss", "-tinH", "state", "established", "( sport = :" + brokerPort + " )").redirectErrorStream(true).start();
        String said = new String(ss.getInputStream().readAllBytes(), ISO_8859_1);
        double sum = 0;
        Matcher bytes = Pattern.compile("bytes_(?:sent|received):(\\d+)").matcher(said);
        while (bytes.find()) {
            sum += Double.parseDouble(bytes.group(1));
        }
        return sum;
    }

    private String info() throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(Watched.loopback(redisPort), 2_000);
            socket.getOutputStream().write("INFO everything\r\nQUIT\r\n".getBytes(ISO_8859_1));
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), ISO_8859_1).replace("\r", "");
        }
    }

    private static double value(String info, String name) {
        Matcher line = Pattern.compile("(?m)^" + name + ":([0-9.]+)").matcher(info);
        return line.find() ? Double.parseDouble(line.group(1)) : Double.NaN;
    }

    private static String at(double[] sorted, double share) {
        return sorted.length == 0 ? "" : String.format(Locale.ROOT, "%.0f", sorted[(int) Math.max(0, Math.ceil(share * sorted.length) - 1)]);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    private void close() {
        for (Watched node : nodes) {
            node.process.destroyForcibly();
            node.close();
        }
        for (Watched other : new Watched[] {broker, redis}) {
            if (other != null) {
                other.process.destroyForcibly();
                other.close();
            }
        }
    }
}
