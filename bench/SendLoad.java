import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.DoubleStream;

import io.github.waroutes.WhatsAppApplication;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.main.Main;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;

/**
 * Sends per second with 64 in flight against a stub that answers at once: the send routes (from {@code direct:whatsapp-send-one} on,
 * that is outcome, window, gate, limits, circuit breaker, call, metrics, state), next to a bare loop
 * over the same HTTP client (Apache HttpClient 5), in turn and in one process. The ratio counts; single numbers depend on the machine.
 * Between the two, with the same body and headers, what Camel itself costs: routes of as many steps as a send has, which do nothing but the
 * call, and a route of one step, the call.
 * <p>
 * {@code bench/race e} runs it; alone: {@code java -cp target/app/whatsapp-cloud-routes.jar bench/SendLoad.java}. Options: seconds of a round
 * (default 10), rounds (default 5), and the word {@code routes} for the routes alone, for a profiler; or in place of the rounds {@code bare}, for
 * the bare loop alone.
 */
public class SendLoad {

    private static final int IN_FLIGHT = 64;
    private static final int WARM = 80_000;
    private static final String[] WAYS = {"routes", "empty steps", "one camel-http step", "bare loop"};
    private static final String NUMBER = "106540352242922";

    public static void main(String... args) throws Exception {
        int seconds = args.length > 0 ? Integer.parseInt(args[0]) : 10;
        if (args.length > 1 && "bare".equals(args[1])) {
            bareLoop(seconds);
            return;
        }
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
        Path directory = Files.createTempDirectory("send-load-");
        try (Stub stub = new Stub()) {
            Main main = start(stub.port(), directory);
            try (CloseableHttpClient http = client()) {
                ProducerTemplate template = main.getCamelContext().createProducerTemplate();
                Runnable routes = () -> throughRoutes(main.getCamelContext(), template);
                Runnable empty = () -> throughSteps("direct:bench-empty", template);
                Runnable floor = () -> throughSteps("direct:bench-http", template);
                Runnable bare = () -> bare(http, stub.port());
                // longer, so that the compiler is done with it
                warmUp(routes, 4 * seconds, stub);
                if (args.length > 2) {
                    profile(routes, seconds, rounds, stub);
                    return;
                }
                warmUp(empty, seconds, stub);
                warmUp(floor, seconds, stub);
                warmUp(bare, seconds, stub);
                Figures[][] all = new Figures[rounds][];
                for (int round = 0; round < rounds; round++) {
                    all[round] = new Figures[] {measure(routes, seconds, stub), measure(empty, seconds, stub),
                            measure(floor, seconds, stub), measure(bare, seconds, stub)};
                    print("round " + (round + 1), all[round]);
                }
                print("median", median(all, 0), median(all, 1), median(all, 2), median(all, 3));
            } finally {
                main.stop();
            }
        }
    }

    /** The bare loop alone; what a send of the gateway needs is not even loaded. */
    private static void bareLoop(int seconds) throws Exception {
        ((ch.qos.logback.classic.Logger) org.slf4j.LoggerFactory.getLogger("ROOT")).setLevel(ch.qos.logback.classic.Level.WARN);
        try (Stub stub = new Stub(); CloseableHttpClient http = client()) {
            Runnable bare = () -> bare(http, stub.port());
            warmUp(bare, seconds, stub);
            Figures[][] all = {{measure(bare, seconds, stub)}, {measure(bare, seconds, stub)}, {measure(bare, seconds, stub)}};
            print("median", median(all, 0));
        }
    }

    private static final AtomicInteger USERS = new AtomicInteger();

    private static String message(int user) {
        return "{\"messaging_product\":\"whatsapp\",\"recipient_type\":\"individual\",\"to\":\"+1555" + (1_000_000 + user % 5_000_000)
                + "\",\"type\":\"text\",\"text\":{\"body\":\"Your order is on its way and will be with you tomorrow between 9 and 12.\"},"
                + "\"biz_opaque_callback_data\":\"bench-" + user + "\"}";
    }

    private static void throughRoutes(CamelContext context, ProducerTemplate template) {
        int user = USERS.incrementAndGet();
        var exchange = template.send("direct:bench-send", e -> {
            e.getIn().setBody(message(user).getBytes(StandardCharsets.UTF_8));
            e.getIn().setHeaders(new java.util.HashMap<>(Map.of("WhatsAppOutboundId", "bench-" + user, "WhatsAppOutboundType", "text",
                    "WhatsAppPhoneNumberId", NUMBER, "WhatsAppUser", "1555" + (1_000_000 + user % 5_000_000),
                    "WhatsAppConversation", NUMBER + ":1555" + (1_000_000 + user % 5_000_000))));
        });
        if (exchange.getException() != null || exchange.getVariable("whatsappSentId") == null) {
            throw new IllegalStateException("A send did not go through", exchange.getException());
        }
    }

    private static void throughSteps(String route, ProducerTemplate template) {
        int user = USERS.incrementAndGet();
        var exchange = template.send(route, e -> {
            e.getIn().setBody(message(user).getBytes(StandardCharsets.UTF_8));
            e.getIn().setHeaders(new java.util.HashMap<>(Map.of("CamelHttpPath", "/v26.0/" + NUMBER + "/messages",
                    "Authorization", "Bearer bench-token", "Content-Type", "application/json")));
        });
        if (exchange.getException() != null) {
            throw new IllegalStateException("A call did not go through", exchange.getException());
        }
    }

    private static void bare(CloseableHttpClient http, int port) {
        HttpPost post = new HttpPost("http://127.0.0.1:" + port + "/v26.0/" + NUMBER + "/messages");
        post.setHeader("Authorization", "Bearer bench-token");
        post.setEntity(new StringEntity(message(USERS.incrementAndGet()), ContentType.APPLICATION_JSON));
        try {
            http.execute(post, answer -> EntityUtils.toByteArray(answer.getEntity()));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** @param cpu microseconds of processor time for one send, of this process without the stub: the log and the collector are in it */
    private record Figures(double rate, double cpu) { }

    private static void profile(Runnable routes, int seconds, int rounds, Stub stub) throws InterruptedException {
        for (int round = 0; round < rounds; round++) {
            Figures figures = measure(routes, seconds, stub);
            System.err.printf("round %d  routes %.0f/s %.1f us%n", round + 1, figures.rate(), figures.cpu());
        }
    }

    private static Figures median(Figures[][] all, int way) {
        return new Figures(median(Arrays.stream(all).mapToDouble(round -> round[way].rate())),
                median(Arrays.stream(all).mapToDouble(round -> round[way].cpu())));
    }

    private static double median(DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static void print(String what, Figures... ways) {
        Figures bare = ways[ways.length - 1];
        StringBuilder line = new StringBuilder(String.format("%-8s", what));
        for (int way = 0; way < ways.length; way++) {
            line.append(String.format("  %s %.0f/s %.1f us", WAYS[WAYS.length - ways.length + way], ways[way].rate(), ways[way].cpu()));
            if (ways[way] != bare) {
                line.append(String.format(" (of bare: rate %.2f, cpu %.2f)", ways[way].rate() / bare.rate(), bare.cpu() / ways[way].cpu()));
            }
        }
        System.err.println(line);
    }

    /** So long that the compiler is done with it, also on a busy machine. */
    private static void warmUp(Runnable send, int seconds, Stub stub) throws InterruptedException {
        long sent = 0;
        do {
            sent += measure(send, seconds, stub).rate() * seconds;
        } while (sent < WARM);
    }

    private static Figures measure(Runnable send, int seconds, Stub stub) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(IN_FLIGHT);
        AtomicInteger done = new AtomicInteger();
        CountDownLatch ended = new CountDownLatch(IN_FLIGHT);
        long cpu = processCpu() - stub.cpu();
        long begin = System.nanoTime();
        long end = begin + TimeUnit.SECONDS.toNanos(seconds);
        for (int i = 0; i < IN_FLIGHT; i++) {
            threads.execute(() -> {
                try {
                    while (System.nanoTime() < end) {
                        send.run();
                        done.incrementAndGet();
                    }
                } finally {
                    ended.countDown();
                }
            });
        }
        ended.await();
        double took = System.nanoTime() - begin;
        cpu = processCpu() - stub.cpu() - cpu;
        threads.shutdown();
        return new Figures(done.get() / took * 1e9, cpu / 1000.0 / done.get());
    }

    private static long processCpu() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private static CloseableHttpClient client() {
        return HttpClients.custom().setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                .setMaxConnPerRoute(100).setMaxConnTotal(100).build()).disableAutomaticRetries().disableRedirectHandling()
                .disableCookieManagement().build();
    }

    private static Main start(int stub, Path directory) throws Exception {
        Main main = WhatsAppApplication.newMain("false");
        Map.ofEntries(Map.entry("camel.server.port", "0"), Map.entry("camel.management.port", "0"),
                Map.entry("whatsapp.phone-number-id", NUMBER), Map.entry("whatsapp.access-token", "bench-token"),
                Map.entry("whatsapp.app-secret", "bench-secret"), Map.entry("whatsapp.verify-token", "bench-verify-token"),
                Map.entry("whatsapp.graph.url", "http://127.0.0.1:" + stub),
                Map.entry("whatsapp.limit.messages-per-second", "1000000"), Map.entry("whatsapp.limit.pair-burst", "1000000"),
                Map.entry("whatsapp.broker.directory", directory.resolve("broker").toString()),
                Map.entry("whatsapp.outcome.directory", directory.resolve("outcomes").toString()))
                .forEach(main::addOverrideProperty);
        main.configure().addRoutesBuilder(new org.apache.camel.builder.RouteBuilder() {
            @Override
            public void configure() {
                String http = "whatsapp-http://http://127.0.0.1:" + stub + "?httpMethod=POST&throwExceptionOnFailure=false&copyHeaders=false";
                from("direct:bench-send").errorHandler(noErrorHandler())
                        .to("direct:whatsapp-send-one");
                from("direct:bench-http").errorHandler(noErrorHandler())
                        .to(http);
                // as many steps, of the same kinds and in as many routes as a send has, which do nothing but call
                Processor nothing = exchange -> { };
                from("direct:bench-empty").errorHandler(noErrorHandler()).to("direct:bench-empty-may").to("direct:bench-empty-now");
                from("direct:bench-empty-may").errorHandler(noErrorHandler()).process(nothing)
                        .filter(header("Content-Type").isNotNull()).process(nothing).process(nothing)
                        .filter(header("none").isNull()).process(nothing);
                from("direct:bench-empty-now").errorHandler(noErrorHandler()).setVariable("one", constant("one"))
                        .choice().when(header("none").isNotNull()).process(nothing).otherwise().process(nothing).end()
                        .to("direct:bench-empty-post").process(nothing).process(nothing).process(nothing).process(nothing)
                        .choice().when(header("none").isNotNull()).process(nothing).otherwise().process(nothing).end()
                        .to("direct:bench-empty-note");
                from("direct:bench-empty-post").errorHandler(noErrorHandler()).setVariable("two", constant("two"))
                        .setVariable("three", constant("three")).process(nothing).to("direct:bench-empty-graph");
                from("direct:bench-empty-graph").errorHandler(noErrorHandler()).process(nothing)
                        .circuitBreaker().to("direct:bench-empty-call").end()
                        .choice().when(header("none").isNotNull()).process(nothing).end().process(nothing).process(nothing);
                from("direct:bench-empty-call").errorHandler(noErrorHandler()).process(nothing).process(nothing)
                        .doTry().process(nothing)
                        .choice().when(header("none").isNotNull()).process(nothing).otherwise().process(nothing).to(http).end()
                        .process(nothing).process(nothing).endDoTry()
                        .doCatch(IOException.class).process(nothing).doFinally().process(nothing).end()
                        .choice().when(header("none").isNotNull()).process(nothing).end();
                from("direct:bench-empty-note").errorHandler(noErrorHandler())
                        .doTry().process(nothing).to("direct:bench-empty-event").doCatch(Exception.class).process(nothing).end();
                from("direct:bench-empty-event").errorHandler(noErrorHandler()).filter(header("none").isNull()).process(nothing);
            }
        });
        main.start();
        return main;
    }

    /** Answers every request at once, as the Graph API answers a send. */
    private static final class Stub implements AutoCloseable {

        private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

        private static final String BODY = "{\"messaging_product\":\"whatsapp\",\"contacts\":[{\"input\":\"+15551000000\",\"wa_id\":\"15551000000\"}],"
                + "\"messages\":[{\"id\":\"wamid.BENCH";
        private static final String TAIL = "\"}]}";
        private static final int ID_DIGITS = 13;
        private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                + (BODY.length() + ID_DIGITS + TAIL.length()) + "\r\n\r\n" + BODY;

        private final AtomicLong ids = new AtomicLong();
        // its connections stay open, so none of its threads ends and takes its time with it
        private final Set<Thread> running = ConcurrentHashMap.newKeySet();
        private final ServerSocket server = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
        private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task);
            thread.setDaemon(true);
            running.add(thread);
            return thread;
        });

        Stub() throws IOException {
            threads.execute(this::accept);
        }

        /** Nanoseconds of processor time that the stub has taken. */
        long cpu() {
            return running.stream().mapToLong(thread -> Math.max(0, CPU.getThreadCpuTime(thread.getId()))).sum();
        }

        int port() {
            return server.getLocalPort();
        }

        private void accept() {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    socket.setTcpNoDelay(true);
                    threads.execute(() -> serve(socket));
                } catch (IOException e) {
                    return;
                }
            }
        }

        private void serve(Socket socket) {
            try (socket; InputStream in = new java.io.BufferedInputStream(socket.getInputStream(), 8192); OutputStream out = socket.getOutputStream()) {
                while (request(in)) {
                    out.write((HEAD + (1_000_000_000_000L + ids.incrementAndGet()) + TAIL).getBytes(StandardCharsets.US_ASCII));
                    out.flush();
                }
            } catch (IOException e) {
                // the client went away
            }
        }

        private static boolean request(InputStream in) throws IOException {
            ByteArrayOutputStream head = new ByteArrayOutputStream(512);
            int last = 0;
            for (int b = in.read(); b >= 0; b = in.read()) {
                head.write(b);
                last = last << 8 | b;
                if (last == 0x0d0a0d0a) {
                    String text = head.toString(StandardCharsets.US_ASCII).toLowerCase(java.util.Locale.ROOT);
                    int at = text.indexOf("content-length: ");
                    long length = at < 0 ? 0 : Long.parseLong(text.substring(at + 16, text.indexOf('\r', at)).trim());
                    in.skipNBytes(length);
                    return true;
                }
            }
            return false;
        }

        @Override
        public void close() throws IOException {
            server.close();
            threads.shutdownNow();
        }
    }
}
