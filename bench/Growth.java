import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a message costs the gateway, and how much memory it takes, while more and more of something is there: messages that wait, users it
 * knows, numbers, updates in one webhook, bytes. Run it through {@code bench/growth}.
 */
public final class Growth {

    private static final String HELP = """
            bench/growth [options] [part ...]      all parts if none is named
              stopped         messages that wait for a number whose token is not valid
              inbound         updates that wait as the understanding hop does not answer
              conversations   users who have written
              numbers         numbers configured
              updates         texts in one webhook
              text            characters of a text
              webhook         bytes of a webhook with one message
              --short         smaller sizes and shorter loads, about a minute a part; with --largest shorter loads only
              --warm N        texts before anything is measured (25000)
              --smallest N, --largest N   only sizes from N, to N: a million waiting take minutes
              --out DIR       where each part's CSV, growth.md and growth.svg go (target/growth); what is measured again replaces what is there
            Environment: APP_JAVA_OPTS, the options of the gateway's JVM (-Xmx256m)
            """;
    private static final List<String> PARTS = List.of("stopped", "inbound", "conversations", "numbers", "updates", "text", "webhook");
    private static final String HEAD = "part,what,size,cpu_ms,p50_ms,p99_ms,heap_mb,resident_mb,disk_mb";
    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final Path target;
    private final Path room;
    private final Path out;
    private final boolean brief;
    private final int warm;
    private final int smallest;
    private final int largest;

    private Growth(Path target, Path room, Path out, boolean brief, int warm, int smallest, int largest) {
        this.target = target;
        this.room = room;
        this.out = out;
        this.brief = brief;
        this.warm = warm;
        this.smallest = smallest;
        this.largest = largest;
    }

    /** NaN: not measured. Of one message, update or webhook the first three, in milliseconds; the others in MB. */
    private record Row(String part, String what, int size, double cpu, double p50, double p99, double heap, double resident, double disk) {

        String csv() {
            return String.format(Locale.ROOT, "%s,%s,%d,%.4f,%.2f,%.2f,%.1f,%.1f,%.1f", part, what, size, cpu, p50, p99, heap, resident, disk);
        }

        static Row read(String line) {
            String[] f = line.split(",");
            return new Row(f[0], f[1], Integer.parseInt(f[2]), Double.parseDouble(f[3]), Double.parseDouble(f[4]), Double.parseDouble(f[5]),
                    Double.parseDouble(f[6]), Double.parseDouble(f[7]), Double.parseDouble(f[8]));
        }
    }

    public static void main(String[] args) throws Exception {
        Path target = Path.of("target").toAbsolutePath();
        Path room = null;
        Path out = null;
        boolean brief = false;
        int warm = 0;
        int smallest = 0;
        int largest = Integer.MAX_VALUE;
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--help" -> {
                    System.out.print(HELP);
                    return;
                }
                case "--short" -> brief = true;
                case "--warm" -> warm = Integer.parseInt(args[++i]);
                case "--smallest" -> smallest = Integer.parseInt(args[++i]);
                case "--largest" -> largest = Integer.parseInt(args[++i]);
                case "--target" -> target = Path.of(args[++i]).toAbsolutePath();
                case "--room" -> room = Path.of(args[++i]);
                case "--out" -> out = Path.of(args[++i]).toAbsolutePath();
                default -> {
                    if (!PARTS.contains(args[i])) {
                        System.err.println(args[i] + " is neither an option nor a part. --help shows both.");
                        System.exit(2);
                    }
                    parts.add(args[i]);
                }
            }
        }
        out = out == null ? target.resolve("growth") : out;
        Files.createDirectories(out);
        for (String part : parts.isEmpty() ? PARTS : parts) {
            Growth growth = new Growth(target, Files.createDirectories(room.resolve(part)), out, brief, warm, smallest, largest);
            growth.measure(part);
        }
        report(out);
        System.exit(0);
    }

    private void measure(String part) throws Exception {
        switch (part) {
            case "stopped" -> stopped();
            case "inbound" -> inbound();
            case "conversations" -> conversations();
            case "numbers" -> numbers();
            case "updates" -> updates();
            case "text" -> texts();
            default -> webhooks();
        }
    }

    /** The sizes of a part, and of its short form. */
    private int[] sizes(int[] all, int shortCount) {
        return java.util.Arrays.stream(all).filter(size -> size >= smallest && size <= largest).limit(brief && largest == Integer.MAX_VALUE ? shortCount : all.length).toArray();
    }

    private void row(String part, String what, int size, double cpu, double[] millis, double heap, double resident, double disk) throws IOException {
        Row row = new Row(part, what, size, cpu, at(millis, 0.5), at(millis, 0.99), heap, resident, disk);
        System.out.println(row.csv());
        // in place of an earlier row of the same, in the order of sizes
        Path file = out.resolve(part + ".csv");
        Map<String, Row> all = new LinkedHashMap<>();
        if (Files.exists(file)) {
            Files.readAllLines(file).stream().skip(1).map(Row::read).forEach(known -> all.put(known.what + known.size, known));
        }
        all.put(what + size, row);
        List<String> lines = new ArrayList<>(List.of(HEAD));
        all.values().stream().sorted(Comparator.comparingInt(Row::size)).forEach(known -> lines.add(known.csv()));
        Files.write(file, lines);
    }

    private static double at(double[] sorted, double share) {
        return sorted.length == 0 ? Double.NaN : sorted[(int) Math.max(0, Math.ceil(share * sorted.length) - 1)];
    }

    /** A gateway with a Meta of its own, both warm. */
    private final class Stage implements AutoCloseable {

        final Meta meta;
        final Watched gateway;
        final int webhook = Watched.port();
        private final Path files;

        Stage(String name, String... more) throws Exception {
            meta = new Meta(Watched.port());
            files = Files.createDirectories(room.resolve(name));
            Map<String, String> environment = meta.environment(webhook, Watched.port(), files);
            for (int i = 0; i < more.length; i += 2) {
                environment.put(more[i], more[i + 1]);
            }
            gateway = Watched.start(Watched.command(target), files, environment, "\"whatsapp.client.initialized\"");
            // as fast as it goes, then a little at the rate that is measured
            texts(warm == 0 ? brief ? 5_000 : 25_000 : warm, 0, load -> { });
            texts(brief ? 500 : 1_500, 300, load -> { });
        }

        /** Sends texts and waits for all replies; processor time of one, and the times to the replies. */
        double[][] texts(int count, double rate, java.util.function.Consumer<Meta.Load> how) throws Exception {
            Meta.Load load = new Meta.Load();
            load.ports = new int[] {webhook};
            load.rate = rate;
            load.timed = rate > 0;
            how.accept(load);
            load.webhooks = Math.max(1, count / load.updates);
            int messages = load.webhooks * load.updates;
            int before = meta.texts.get();
            meta.replies();
            double cpu = gateway.cpu();
            double[] accepted = meta.send(load);
            if (!meta.await(before + messages, 200)) {
                throw new IOException("only " + (meta.texts.get() - before) + " of " + messages + " texts were answered: " + gateway.tail());
            }
            return new double[][] {{1000 * (gateway.cpu() - cpu) / messages}, meta.replies(), accepted};
        }

        /** The usual look: 300 texts a second. */
        double[][] look(java.util.function.Consumer<Meta.Load> how) throws Exception {
            return texts(brief ? 1_500 : 4_000, 300, how);
        }

        double disk() throws IOException {
            return Watched.size(files.resolve("broker"), files.resolve("outcomes"));
        }

        /** How much memory it takes now. */
        double[] memory() throws IOException {
            return new double[] {gateway.heap(true), gateway.resident()};
        }

        @Override
        public void close() throws IOException {
            gateway.process.destroyForcibly();
            gateway.close();
            meta.close();
        }
    }

    private static String numbersFile(Path file, int numbers) throws IOException {
        StringBuilder lines = new StringBuilder("numbers:\n");
        for (int n = 2; n <= numbers; n++) {
            lines.append("  n").append(n).append(": {phone-number-id: \"").append(Meta.number(n)).append("\", access-token: bench-token-").append(n).append("}\n");
        }
        return Files.writeString(file, lines).toString();
    }

    private void stopped() throws Exception {
        try (Stage stage = new Stage("gateway", "WHATSAPP_NUMBERS_FILE", numbersFile(room.resolve("numbers.yaml"), 2))) {
            stage.meta.stopped = Meta.number(2);
            int waiting = 0;
            int user = 0;
            for (int size : sizes(new int[] {1_000, 10_000, 100_000, 1_000_000}, 2)) {
                double cpu = stage.gateway.cpu();
                int added = size - waiting;
                while (waiting < size) {
                    int count = Math.min(10_000, size - waiting);
                    bulk(stage.webhook, user, count);
                    user += count;
                    waiting += count;
                }
                double fill = 1000 * (stage.gateway.cpu() - cpu) / added;
                Thread.sleep(3_000);
                double[] memory = stage.memory();
                double disk = stage.disk();
                row("stopped", "queued", size, fill, new double[0], memory[0], memory[1], disk);
                double[][] beside = stage.look(load -> { });
                row("stopped", "another number meanwhile", size, beside[0][0], beside[1], Double.NaN, Double.NaN, Double.NaN);
                int sample = Math.min(size, brief ? 1_000 : 5_000);
                int before = stage.meta.texts.get();
                stage.meta.stopped = null;
                while (stage.meta.texts.get() < before + 100) {
                    Thread.sleep(10);
                }
                cpu = stage.gateway.cpu();
                int from = stage.meta.texts.get();
                stage.meta.await(before + sample, 100);
                double drained = 1000 * (stage.gateway.cpu() - cpu) / (stage.meta.texts.get() - from);
                stage.meta.stopped = Meta.number(2);
                Thread.sleep(2_000);
                waiting -= stage.meta.texts.get() - before;
                row("stopped", "sent then", size, drained, new double[0], Double.NaN, Double.NaN, Double.NaN);
            }
        }
    }

    private static void bulk(int port, int from, int count) throws IOException, InterruptedException {
        StringBuilder lines = new StringBuilder();
        for (int i = from; i < from + count; i++) {
            lines.append("{\"messaging_product\":\"whatsapp\",\"to\":\"+").append(String.format("1666%08d", i))
                    .append("\",\"type\":\"text\",\"text\":{\"body\":\"Your order is on its way.\"}}\n");
        }
        HttpResponse<String> answer = HTTP.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/bulk"))
                .timeout(Duration.ofSeconds(120)).header("Authorization", "Bearer " + Meta.API_TOKEN).header("Content-Type", "application/x-ndjson")
                .header("X-WhatsApp-Phone-Number-Id", Meta.number(2)).header("Idempotency-Key", "growth" + from)
                .POST(HttpRequest.BodyPublishers.ofString(lines.toString())).build(), HttpResponse.BodyHandlers.ofString());
        if (!answer.body().contains("\"refused\":0") || !answer.body().contains("\"status\":\"done\"")) {
            throw new IOException("the bulk was not taken whole: " + answer.body());
        }
    }

    private void inbound() throws Exception {
        try (Stage stage = new Stage("gateway", "WHATSAPP_UNDERSTANDING", "openai", "WHATSAPP_HTTP_READ_TIMEOUT", "600000",
                "WHATSAPP_MARK_READ", "false")) {
            stage.meta.hold(true);
            int waiting = 0;
            for (int size : sizes(new int[] {1_000, 10_000, 100_000, 1_000_000}, 2)) {
                Meta.Load load = new Meta.Load();
                load.ports = new int[] {stage.webhook};
                load.updates = 100;
                load.webhooks = (size - waiting) / load.updates;
                load.connections = 4;
                double cpu = stage.gateway.cpu();
                double[] accepted = stage.meta.send(load);
                double fill = 1000 * (stage.gateway.cpu() - cpu) / (load.webhooks * load.updates);
                waiting += load.webhooks * load.updates;
                Thread.sleep(3_000);
                double[] memory = stage.memory();
                row("inbound", "stored by webhooks of 100", size, fill, accepted, memory[0], memory[1], stage.disk());
                int sample = Math.min(size, brief ? 1_000 : 5_000);
                int before = stage.meta.texts.get();
                stage.meta.hold(false);
                while (stage.meta.texts.get() < before + 100) {
                    Thread.sleep(1);
                }
                cpu = stage.gateway.cpu();
                int from = stage.meta.texts.get();
                stage.meta.await(before + sample, 100);
                double drained = 1000 * (stage.gateway.cpu() - cpu) / (stage.meta.texts.get() - from);
                stage.meta.hold(true);
                Thread.sleep(2_000);
                waiting -= stage.meta.texts.get() - before;
                row("inbound", "answered then", size, drained, new double[0], Double.NaN, Double.NaN, Double.NaN);
            }
            stage.meta.hold(false);
        }
    }

    private void conversations() throws Exception {
        try (Stage stage = new Stage("gateway", "WHATSAPP_REPLY_TYPE_NOT_HANDLED", "", "WHATSAPP_MARK_READ", "false")) {
            int known = 0;
            for (int size : sizes(new int[] {1_000, 10_000, 100_000, 1_000_000}, 3)) {
                Meta.Load load = new Meta.Load();
                load.ports = new int[] {stage.webhook};
                load.updates = 100;
                load.connections = 4;
                load.webhooks = (size - known) / load.updates;
                load.content = "\"location\":{\"latitude\":1.5,\"longitude\":2.25},\"type\":\"location\"";
                double cpu = stage.gateway.cpu();
                stage.meta.send(load);
                // behind them in the queue: when it is answered they have been handled
                stage.texts(1, 0, one -> { });
                double fill = 1000 * (stage.gateway.cpu() - cpu) / (load.webhooks * load.updates);
                known = size;
                double[] memory = stage.memory();
                row("conversations", "first message of a user", size, fill, new double[0], memory[0], memory[1], stage.disk());
                double[][] text = stage.look(l -> { });
                row("conversations", "a text and its reply", size, text[0][0], text[1], Double.NaN, Double.NaN, Double.NaN);
            }
        }
    }

    private void numbers() throws Exception {
        for (int size : sizes(new int[] {1, 50, 500}, 2)) {
            try (Stage stage = new Stage("gateway" + size, "WHATSAPP_NUMBERS_FILE", numbersFile(room.resolve("numbers" + size + ".yaml"), size))) {
                stage.texts(2 * size, 100, load -> load.number = i -> Meta.number(1 + i % size));
                double[][] text = stage.look(load -> load.number = i -> Meta.number(1 + i % size));
                double[] memory = stage.memory();
                row("numbers", "a text and its reply", size, text[0][0], text[1], memory[0], memory[1], stage.disk());
            }
        }
    }

    private void updates() throws Exception {
        try (Stage stage = new Stage("gateway")) {
            for (int size : sizes(new int[] {1, 10, 100, 1_000}, 4)) {
                // 400 updates a second whatever is in a webhook, so that the same is to be done
                double[][] text = stage.texts(brief ? 2_000 : 8_000, 400.0 / size, load -> load.updates = size);
                double[] memory = stage.memory();
                row("updates", "a text and its reply", size, text[0][0], text[1], memory[0], memory[1], Double.NaN);
                row("updates", "webhook to 200", size, Double.NaN, text[2], Double.NaN, Double.NaN, Double.NaN);
            }
        }
    }

    private void texts() throws Exception {
        try (Stage stage = new Stage("gateway")) {
            for (int size : sizes(new int[] {10, 100, 1_000, 4_000}, 4)) {
                double[][] text = stage.look(load -> load.content = Meta.Load.text("hello ".repeat(size / 6 + 1).substring(0, size)));
                double[] memory = stage.memory();
                row("text", "a text and its reply", size, text[0][0], text[1], memory[0], memory[1], Double.NaN);
            }
        }
    }

    private void webhooks() throws Exception {
        try (Stage stage = new Stage("gateway")) {
            for (int size : sizes(new int[] {1_000, 10_000, 100_000, 1_000_000, 3_000_000}, 5)) {
                Meta.Load load = new Meta.Load();
                load.ports = new int[] {stage.webhook};
                load.webhooks = Math.max(20, Math.min(brief ? 500 : 2_000, 60_000_000 / size));
                load.connections = 4;
                // a type that nobody knows is kept whole
                load.content = "\"type\":\"bench\",\"bench\":{\"filling\":\"" + "x".repeat(size - 550) + "\"}";
                // as many bytes before, so that what is measured is not the compiler
                stage.meta.send(load);
                double cpu = stage.gateway.cpu();
                double[] accepted = stage.meta.send(load);
                stage.texts(1, 0, one -> { });
                double cost = 1000 * (stage.gateway.cpu() - cpu) / load.webhooks;
                double[] memory = stage.memory();
                row("webhook", "one kept whole", size, cost, accepted, memory[0], memory[1], stage.disk());
            }
        }
    }

    /** The table and the plot of all parts that have been measured. */
    private static void report(Path out) throws IOException {
        StringBuilder table = new StringBuilder("| part | what | size | processor time, ms | p50, ms | p99, ms | heap after collection, MB | resident, MB | on disk, MB |\n"
                + "|---|---|---|---|---|---|---|---|---|\n");
        List<Plot.Panel> costs = new ArrayList<>();
        List<Plot.Panel> memories = new ArrayList<>();
        for (String part : PARTS) {
            Path file = out.resolve(part + ".csv");
            if (!Files.exists(file)) {
                continue;
            }
            Map<String, List<Row>> byWhat = new LinkedHashMap<>();
            for (String line : Files.readAllLines(file).subList(1, (int) Files.lines(file).count())) {
                Row row = Row.read(line);
                byWhat.computeIfAbsent(row.what, key -> new ArrayList<>()).add(row);
                table.append(String.format(Locale.ROOT, "| %s | %s | %,d | %s | %s | %s | %s | %s | %s |%n", row.part, row.what, row.size, cell("%.2f", row.cpu),
                        cell("%.1f", row.p50), cell("%.1f", row.p99), cell("%.0f", row.heap), cell("%.0f", row.resident), cell("%.0f", row.disk)));
            }
            List<Plot.Series> cpu = new ArrayList<>();
            byWhat.forEach((what, found) -> {
                if (!Double.isNaN(found.get(0).cpu)) {
                    cpu.add(series(what, found, Row::cpu));
                }
            });
            List<Row> memory = byWhat.values().iterator().next();
            boolean bytes = part.equals("webhook");
            costs.add(new Plot.Panel("processor time of one, ms", title(part), true, bytes, true, cpu, List.of()));
            memories.add(new Plot.Panel("memory, MB", title(part), true, false, true,
                    List.of(series("heap", memory, Row::heap), series("resident", memory, Row::resident)), List.of()));
        }
        List<Plot.Panel> panels = new ArrayList<>();
        for (int i = 0; i < costs.size(); i++) {
            panels.add(costs.get(i));
            panels.add(memories.get(i));
        }
        Files.writeString(out.resolve("growth.md"), table);
        Files.writeString(out.resolve("growth.svg"), Plot.svg("What one message costs, and memory, while something grows", panels, 2));
        System.out.println();
        System.out.print(table);
        System.out.println("Written: " + out.resolve("growth.md") + ", " + out.resolve("growth.svg"));
    }

    private static String title(String part) {
        return switch (part) {
            case "stopped" -> "messages that wait for a stopped number";
            case "inbound" -> "updates that wait";
            case "conversations" -> "users who have written";
            case "numbers" -> "numbers";
            case "updates" -> "texts in a webhook";
            case "text" -> "characters of a text";
            default -> "bytes of a webhook";
        };
    }

    private static Plot.Series series(String name, List<Row> rows, java.util.function.ToDoubleFunction<Row> value) {
        return new Plot.Series(name, rows.stream().mapToDouble(Row::size).toArray(), rows.stream().mapToDouble(value).toArray());
    }

    private static String cell(String format, double value) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, format, value);
    }
}
