import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import io.github.waroutes.WhatsAppApplication;
import org.apache.camel.main.Main;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.support.EventNotifierSupport;

/**
 * What the server side of the simulator's page costs the gateway. Gateway and simulator run in this process. In every round 500 users
 * write every ten seconds, and 32 writers each as soon as their last message is answered, by signed webhooks. In a round without the page
 * the 500 write by signed webhooks too; in one with it they write through the page's server side ({@code POST
 * /simulator/users/{user}/messages}), and 500 event streams are open, each of one of these users, as of 500 people with one conversation
 * open. Counted are the writers' messages that were answered, and how long an answer took. The ratio of neighbouring rounds counts; single
 * numbers depend on the machine. The ratio by processor time compares the writers' answers by second of processor time of this process
 * without the thread that reads the streams: it counts when others use the machine.
 * <p>
 * Results go to standard error, the gateway's log to standard output. Run: {@code bench/page.sh}. Options: seconds of a round (default 10),
 * rounds (default 5).
 */
public class PageLoad {

    private static final int WRITERS = 32;
    private static final int TALKERS = 500;
    private static final int TALK_SECONDS = 10;
    private static final int MOST_WARM_UPS = 6;
    /** The part of a round that the compiler may work in once it is warm. */
    private static final double WARM = 0.15;
    private static final String NUMBER = "106540352242922";
    private static final String WORDS = "when do you open on saturday?";
    private static final String SECRET = "simulated-app-secret";

    private final int port;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(10)).build();
    private final Map<String, Semaphore> waiting = new ConcurrentHashMap<>();
    private final AtomicLong talkersAnswered = new AtomicLong();
    private final AtomicLong talked = new AtomicLong();
    private final AtomicLong noPlace = new AtomicLong();
    private final AtomicLong notTaken = new AtomicLong();
    private final com.sun.management.OperatingSystemMXBean process =
            (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private final AtomicLong ids = new AtomicLong(System.nanoTime());
    private volatile boolean talking;
    private volatile boolean throughPage;

    private PageLoad(int port) {
        this.port = port;
    }

    public static void main(String... args) throws Exception {
        int seconds = args.length > 0 ? Integer.parseInt(args[0]) : 10;
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
        Path directory = Files.createTempDirectory("page-load-");
        int port = freePort();
        Main main = WhatsAppApplication.newMain("false");
        WhatsAppApplication.load("whatsapp/simulator/demo.properties").forEach((key, value) -> main.addOverrideProperty(key.toString(), value.toString()));
        Map.of("camel.server.port", Integer.toString(port), "camel.management.port", Integer.toString(freePort()), "whatsapp.broker.directory",
                directory.resolve("broker").toString(), "whatsapp.limit.messages-per-second", "100000", "whatsapp.limit.pair-burst", "1000000",
                "whatsapp.limit.tier", "unlimited", "whatsapp.media.directory", directory.resolve("media").toString(),
                "whatsapp.outcome.directory", directory.resolve("outcomes").toString()).forEach(main::addOverrideProperty);
        // who stops this does not want to wait until the gateway has handled what the writers go on writing
        Thread stopped = new Thread(() -> Runtime.getRuntime().halt(143));
        Runtime.getRuntime().addShutdownHook(stopped);
        main.start();
        try {
            new PageLoad(port).run(main, seconds, rounds);
        } finally {
            main.stop();
        }
        Runtime.getRuntime().removeShutdownHook(stopped);
        System.exit(0);
    }

    /**
     * @param writers    writers' messages answered, a second
     * @param byCpu      the same, a second of processor time
     * @param median     milliseconds from a writer's message to its answer
     */
    private record Round(double writers, double byCpu, double median) {
    }

    private void run(Main main, int seconds, int rounds) throws Exception {
        main.getCamelContext().getManagementStrategy().addEventNotifier(new EventNotifierSupport() {
            @Override
            public void notify(CamelEvent event) {
                if (event instanceof CamelEvent.ExchangeCompletedEvent done && done.getExchange().getFromRouteId() != null
                        && done.getExchange().getFromRouteId().equals("simulator-serve-graph")
                        && done.getExchange().getMessage().getBody() instanceof String answer && answer.contains("\"contacts\"")) {
                    answered(answer);
                }
            }

            @Override
            public boolean isEnabled(CamelEvent event) {
                return event instanceof CamelEvent.ExchangeCompletedEvent;
            }
        });
        Thread talkers = new Thread(this::talk, "talkers");
        talkers.setDaemon(true);
        talkers.start();
        warmUp(seconds);
        double[] throughput = new double[rounds];
        double[] byCpu = new double[rounds];
        double[] latency = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            // the order changes, so that a machine that gets busier is not taken for the page
            Round without = round % 2 == 0 ? measure(false, seconds) : null;
            Round with = measure(true, seconds);
            without = without == null ? measure(false, seconds) : without;
            throughput[round] = with.writers() / without.writers();
            byCpu[round] = with.byCpu() / without.byCpu();
            latency[round] = with.median() / without.median();
            say("round %d  writers answered: without %.0f/s, median %.1f ms   with %.0f/s, median %.1f ms   ratio %.2f, by processor time %.2f, of medians %.2f",
                    round + 1, without.writers(), without.median(), with.writers(), with.median(), throughput[round], byCpu[round], latency[round]);
        }
        say("median of %d: writers' throughput %.2f, by processor time %.2f, median time to an answer %.2f", rounds, median(throughput),
                median(byCpu), median(latency));
    }

    /** Rounds of both kinds until the compiler has little left to do: it would be counted against whichever round it falls into. */
    private void warmUp(int seconds) throws Exception {
        for (int i = 0; i < MOST_WARM_UPS; i++) {
            long before = ManagementFactory.getCompilationMXBean().getTotalCompilationTime();
            measure(false, seconds);
            measure(true, seconds);
            double compiled = (ManagementFactory.getCompilationMXBean().getTotalCompilationTime() - before) / 1e3;
            say("warm-up %d: the compiler worked %.1f s", i + 1, compiled);
            if (compiled < 2 * seconds * WARM) {
                return;
            }
        }
    }

    private static void say(String format, Object... values) {
        System.err.printf(Locale.ROOT, format + "%n", values);
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private void answered(String answer) {
        int at = answer.indexOf("\"wa_id\":\"");
        if (at > 0) {
            Semaphore writer = waiting.get(answer.substring(at + 9, answer.indexOf('"', at + 9)));
            if (writer != null) {
                writer.release();
            } else {
                talkersAnswered.incrementAndGet();
            }
        }
    }

    private Round measure(boolean page, int seconds) throws Exception {
        Readers readers = page ? new Readers(port) : null;
        throughPage = page;
        talking = true;
        // the connections are made, and what the round before left over is done
        Thread.sleep(2000);
        AtomicLong[] counters = {talkersAnswered, talked, noPlace, notTaken};
        long[] before = Arrays.stream(counters).mapToLong(AtomicLong::get).toArray();
        long cpu = process.getProcessCpuTime() - (readers == null ? 0 : readers.cpu());
        long began = System.nanoTime();
        long end = began + TimeUnit.SECONDS.toNanos(seconds);
        Queue<Double> millis = new ConcurrentLinkedQueue<>();
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
        CountDownLatch ended = new CountDownLatch(WRITERS);
        for (int i = 0; i < WRITERS; i++) {
            String user = "1555501" + (1000 + i);
            threads.execute(() -> {
                try {
                    Semaphore answered = waiting.computeIfAbsent(user, key -> new Semaphore(0));
                    while (System.nanoTime() < end) {
                        answered.drainPermits();
                        long sent = System.nanoTime();
                        webhook(user);
                        if (answered.tryAcquire(30, TimeUnit.SECONDS)) {
                            millis.add((System.nanoTime() - sent) / 1e6);
                        } else {
                            say("A message was not answered within 30 s");
                        }
                    }
                } catch (Exception e) {
                    say("A writer gave up: %s", e);
                } finally {
                    ended.countDown();
                }
            });
        }
        ended.await();
        double took = (System.nanoTime() - began) / 1e9;
        double spent = (process.getProcessCpuTime() - (readers == null ? 0 : readers.cpu()) - cpu) / 1e9;
        double[] since = new double[counters.length];
        Arrays.setAll(since, i -> (counters[i].get() - before[i]) / took);
        threads.shutdown();
        talking = false;
        say("         %s: talkers wrote %.0f/s, %.0f/s answered, %.1f/s found no place (503), %.1f/s failed; %.1f s of processor time in %.1f s",
                page ? "with   " : "without", since[1], since[0], since[2], since[3], spent, took);
        if (readers != null) {
            int open = readers.open();
            long resets = readers.resets;
            say("         %d streams got %.2f MB/s together, %d were told to begin anew or were cut off", open, readers.close() / took / 1e6, resets);
        }
        double[] sorted = millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return new Round(sorted.length / took, sorted.length / spent, sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2]);
    }

    private void webhook(String user) throws Exception {
        int status = http.send(signed(user), HttpResponse.BodyHandlers.discarding()).statusCode();
        if (status != 200) {
            throw new IOException("The webhook answered " + status);
        }
    }

    private HttpRequest signed(String user) throws GeneralSecurityException {
        String body = "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"102290129340398\",\"changes\":[{\"value\":{\"messaging_product\":\"whatsapp\","
                + "\"metadata\":{\"display_phone_number\":\"15550783881\",\"phone_number_id\":\"" + NUMBER + "\"},\"contacts\":[{\"profile\":{\"name\":\"Kim\"},\"wa_id\":\""
                + user + "\"}],\"messages\":[{\"from\":\"" + user + "\",\"id\":\"wamid.bench" + ids.incrementAndGet() + "\",\"timestamp\":\""
                + System.currentTimeMillis() / 1000 + "\",\"type\":\"text\",\"text\":{\"body\":\"" + WORDS + "\"}}]},\"field\":\"messages\"}]}]}";
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/webhook")).timeout(Duration.ofSeconds(30))
                .header("Content-Type", "application/json").header("X-Hub-Signature-256", "sha256=" + HexFormat.of().formatHex(mac.doFinal(bytes)))
                .POST(HttpRequest.BodyPublishers.ofByteArray(bytes)).build();
    }

    private static String talker(int i) {
        return "1555502" + (1000 + i % TALKERS);
    }

    private HttpRequest said(String user) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/simulator/users/" + user + "/messages"))
                .timeout(Duration.ofSeconds(30)).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"text\":\"" + WORDS + "\"}")).build();
    }

    private void talk() {
        long step = TimeUnit.SECONDS.toNanos(TALK_SECONDS) / TALKERS;
        long next = System.nanoTime();
        for (int i = 0; true; i++) {
            try {
                next = Math.max(next + step, System.nanoTime() - TimeUnit.SECONDS.toNanos(1));
                TimeUnit.NANOSECONDS.sleep(Math.max(0, next - System.nanoTime()));
                if (talking) {
                    http.sendAsync(throughPage ? said(talker(i)) : signed(talker(i)), HttpResponse.BodyHandlers.discarding())
                            .whenComplete((answer, failure) -> (failure != null ? notTaken
                                    : answer.statusCode() == 200 ? talked : answer.statusCode() == 503 ? noPlace : notTaken).incrementAndGet());
                }
            } catch (InterruptedException | GeneralSecurityException e) {
                return;
            }
        }
    }

    /** Readers of the events of one talker each, all in one thread that throws away what it gets. */
    private static final class Readers {
        private final Selector selector = Selector.open();
        private final InetSocketAddress address;
        private final Thread thread;
        private volatile long bytes;
        private volatile boolean closed;
        private volatile long resets;

        Readers(int port) throws IOException {
            address = new InetSocketAddress("127.0.0.1", port);
            for (int i = 0; i < TALKERS; i++) {
                connect(talker(i));
            }
            thread = new Thread(this::read, "readers");
            thread.setDaemon(true);
            thread.start();
        }

        private void connect(String user) throws IOException {
            SocketChannel channel = SocketChannel.open(address);
            channel.write(ByteBuffer.wrap(("GET /simulator/events?user=" + user + " HTTP/1.1\r\nHost: 127.0.0.1:" + address.getPort() + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII)));
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
        }

        private void read() {
            ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
            try {
                while (!closed) {
                    selector.select(key -> {
                        try {
                            buffer.clear();
                            int got = ((SocketChannel) key.channel()).read(buffer);
                            if (got < 0) {
                                throw new IOException("cut off");
                            }
                            bytes += got;
                            // told to begin anew: that is all there is in its piece
                            if (got < 120 && new String(bytesOf(buffer), StandardCharsets.US_ASCII).contains("reset")) {
                                resets++;
                            }
                        } catch (IOException e) {
                            resets++;
                            key.cancel();
                        }
                    }, 100);
                }
            } catch (IOException e) {
                say("The readers gave up: %s", e);
            }
        }

        private static byte[] bytesOf(ByteBuffer buffer) {
            byte[] bytes = new byte[buffer.flip().remaining()];
            buffer.get(bytes);
            return bytes;
        }

        /** Nanoseconds of processor time that its thread has taken. */
        long cpu() {
            return ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.getId());
        }

        int open() {
            return selector.keys().size();
        }

        long close() throws IOException {
            closed = true;
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
            selector.close();
            return bytes;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
