import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/**
 * Sends signed text webhooks to the gateway at a constant rate, stands in for the Graph API that the gateway answers through, and
 * says whether every webhook that was accepted was answered once, and how long acceptance took.
 * <p>
 * Open loop: each request has its moment, and its latency counts from that moment, whether or not a connection was free.
 * Two threads do all the work (one for the load, one for the stub), because they share the machine with what they measure.
 * Loopback only. Run it through {@code run.sh}, or alone: {@code java bench/WebhookLoad.java --help}. {@code Race.java} uses its load and its stub.
 */
public final class WebhookLoad {

    private static final String HELP = """
            java WebhookLoad.java [options]        everything is on 127.0.0.1
              --port N             the gateway's port (8080)
              --path P             the webhook's path (/webhook)
              --secret S           the app secret that signs (bench-secret)
              --number N           the business phone number id (106540352242922)
              --stub-port N        where the stub of the Graph API listens (18080)
              --rate N             webhooks a second (3300; at most 20000)
              --seconds N          how long the rate is held and measured (60; at most 600)
              --ramp N             seconds in which the rate rises from 0 first, not in the latencies (15; at most 300)
              --connections N      keep-alive connections (64; at most 512)
              --drain-seconds N    how long to wait for the last answers (180)
              --settle-seconds N   how long to look for doubled answers after the last one (3)
              --ready-seconds N    how long to wait for the gateway (30)
              --app-pid N          the gateway's process, for its CPU time
            Exit code: 0 the targets are met, 1 they are not, 2 it could not be measured.
            """;

    private static final double MAX_MEDIAN_MILLIS = 250;
    private static final double SLOW_MILLIS = 1000;
    private static final double MAX_SLOW_SHARE = 0.01;

    private WebhookLoad() {
    }

    public static void main(String[] args) throws Exception {
        if (List.of(args).contains("--help")) {
            System.out.print(HELP);
            return;
        }
        int code;
        try {
            Options options = new Options(args);
            code = run(options);
        } catch (Unmeasured e) {
            System.err.println(e.getMessage());
            code = 2;
        }
        System.exit(code);
    }

    private static int run(Options options) throws Exception {
        Schedule schedule = new Schedule(options.rate, options.ramp, options.seconds);
        Stub stub = new Stub(options.stubPort, schedule.total);
        thread("stub", stub);
        awaitReady(options, System.nanoTime() + TimeUnit.SECONDS.toNanos(options.readySeconds));

        System.out.printf("%d webhooks: %d s ramp, then %d/s for %d s, %d connections%n",
                schedule.total, options.ramp, options.rate, options.seconds, options.connections);
        Usage before = Usage.now(options.appPid);
        long start = System.nanoTime() + 50_000_000L;
        stub.origin = start;
        Load load = new Load(options.port, options.connections, schedule, Requests.texts(options.port, options.path, options.secret, options.number), start);
        Thread loading = thread("load", load);
        while (loading.isAlive()) {
            loading.join(5_000);
            progress("load ", start, load, stub);
        }
        if (load.failure != null) {
            throw new Unmeasured("The load broke off: " + load.failure);
        }
        long loadEnd = System.nanoTime();
        int waitingAtEnd = load.accepted - stub.answered;

        long limit = loadEnd + TimeUnit.SECONDS.toNanos(options.drainSeconds);
        long nextLine = loadEnd + 5_000_000_000L;
        while (unanswered(load, stub) > 0 && System.nanoTime() < limit) {
            Thread.sleep(20);
            if (System.nanoTime() >= nextLine) {
                progress("drain", start, load, stub);
                nextLine += 5_000_000_000L;
            }
        }
        double drain = (System.nanoTime() - loadEnd) / 1e9;
        Usage used = Usage.now(options.appPid).since(before);
        Thread.sleep(options.settleSeconds * 1_000L);
        return new Verdict(options, schedule, load, stub, used, waitingAtEnd, drain).print();
    }

    private static int unanswered(Load load, Stub stub) {
        if (stub.answered < load.accepted) {
            return load.accepted - stub.answered;
        }
        int missing = 0;
        for (int i = 0; i < load.status.length; i++) {
            missing += load.status[i] == 200 && stub.count[i] == 0 ? 1 : 0;
        }
        return missing;
    }

    private static void progress(String phase, long start, Load load, Stub stub) {
        System.out.printf(Locale.ROOT, "%s %4.0f s  sent %d  accepted %d  answered %d  waiting %d%n", phase,
                (System.nanoTime() - start) / 1e9, load.sent, load.accepted, stub.answered, load.accepted - stub.answered);
    }

    static Thread thread(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Waits until the gateway takes a connection. */
    private static void awaitReady(Options options, long limit) throws InterruptedException {
        while (true) {
            try (Socket socket = new Socket()) {
                socket.connect(loopback(options.port), 1_000);
                return;
            } catch (IOException e) {
                if (System.nanoTime() > limit) {
                    throw new Unmeasured("The gateway takes no connection on port " + options.port + ". Start it, or give --port.");
                }
                Thread.sleep(10);
            }
        }
    }

    /** The status of the answer to one request, 0 if none came. */
    static int exchange(int port, ByteBuffer request) {
        try (Socket socket = new Socket()) {
            socket.connect(loopback(port), 1_000);
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.array(), 0, request.limit());
            byte[] answer = socket.getInputStream().readNBytes(12);
            return answer.length < 12 ? 0 : Integer.parseInt(new String(answer, 9, 3, ISO_8859_1));
        } catch (IOException e) {
            return 0;
        }
    }

    static InetSocketAddress loopback(int port) throws IOException {
        return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
    }

    /** It could not be measured; the message says why. */
    static final class Unmeasured extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Unmeasured(String message) {
            super(message, null, false, false);
        }
    }

    /** The command line. */
    private static final class Options {

        int port = 8080;
        String path = "/webhook";
        String secret = "bench-secret";
        String number = "106540352242922";
        int stubPort = 18080;
        int rate = 3300;
        int seconds = 60;
        int ramp = 15;
        int connections = 64;
        int drainSeconds = 180;
        int settleSeconds = 3;
        int readySeconds = 30;
        long appPid;

        Options(String[] args) {
            for (int i = 0; i < args.length; i += 2) {
                String name = args[i];
                if (i + 1 == args.length) {
                    throw new Unmeasured(name + " needs a value. --help shows the options.");
                }
                String value = args[i + 1];
                switch (name) {
                    case "--port" -> port = number(name, value, 1, 65_535);
                    case "--path" -> path = value;
                    case "--secret" -> secret = value;
                    case "--number" -> number = value;
                    case "--stub-port" -> stubPort = number(name, value, 1, 65_535);
                    case "--rate" -> rate = number(name, value, 1, 20_000);
                    case "--seconds" -> seconds = number(name, value, 1, 600);
                    case "--ramp" -> ramp = number(name, value, 0, 300);
                    case "--connections" -> connections = number(name, value, 1, 512);
                    case "--drain-seconds" -> drainSeconds = number(name, value, 0, 3_600);
                    case "--settle-seconds" -> settleSeconds = number(name, value, 0, 60);
                    case "--ready-seconds" -> readySeconds = number(name, value, 1, 300);
                    case "--app-pid" -> appPid = number(name, value, 1, Integer.MAX_VALUE);
                    default -> throw new Unmeasured(name + " is not an option. --help shows the options.");
                }
            }
        }

        private static int number(String name, String value, int least, int most) {
            try {
                int number = Integer.parseInt(value);
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // told below
            }
            throw new Unmeasured(name + " must be a number from " + least + " to " + most + ", and is " + value);
        }
    }

    /** The moment of each request: the rate rises evenly from 0 during the ramp, then stays. Closed, each is due as soon as a connection is free. */
    static final class Schedule {

        final int total;
        /** The first request that counts for the latencies. */
        final int firstMeasured;
        final int ramp;
        final int seconds;
        final boolean closed;
        private final double rate;

        Schedule(int rate, int ramp, int seconds) {
            this(rate, ramp, seconds, rate * ramp / 2, rate * ramp / 2 + rate * seconds, false);
        }

        private Schedule(double rate, int ramp, int seconds, int firstMeasured, int total, boolean closed) {
            this.rate = rate;
            this.ramp = ramp;
            this.seconds = seconds;
            this.firstMeasured = firstMeasured;
            this.total = total;
            this.closed = closed;
        }

        /** For so many seconds, and not more requests than that. */
        static Schedule closed(int seconds, int most) {
            return new Schedule(0, 0, seconds, 0, most, true);
        }

        /** Nanoseconds from the start. */
        long due(int request) {
            if (closed) {
                return 0;
            }
            double seconds = request < firstMeasured
                    ? Math.sqrt(2.0 * ramp * request / rate)
                    : ramp + (request - firstMeasured) / rate;
            return (long) (seconds * 1e9);
        }
    }

    /** Requests, whole, from templates in which only a user's digits and the signature change. Not for several threads. */
    static final class Requests {

        /** Digits of a request's number, which make its user and its message id its own. */
        static final int DIGITS = 7;
        static final String MARK = "#".repeat(DIGITS);
        private static final String SIGNATURE = "sha256=";
        /** Each is answered with one text by the embedded classifier. */
        private static final String[] TEXTS = {
            "hello there",
            "what are your opening hours on saturday?",
            "thanks a lot, that helped me",
            "hi, i would like to know when you are open this week, as i am in town on thursday and friday only",
            "good morning",
            "could you tell me whether the blue one is still to be had in a small size, and if not, when it comes back?",
        };
        private static final byte[] HEX = "0123456789abcdef".getBytes(ISO_8859_1);

        /** The answer's status if it is accepted. */
        final int good;
        /** The user of the first request, and how many requests each has. */
        int firstUser;
        int each = 1;
        private final byte[][] requests;
        private final int[] bodies;
        private final int[] signatures;
        private final int[][] marks;
        private final Mac mac;
        private byte[][] prepared;

        /**
         * @param secret null: without a signature, but with the further headers
         * @param bodies in turn, ASCII, with {@value #DIGITS} {@code #} wherever a user's digits belong
         */
        Requests(int port, String path, String secret, String headers, int good, List<String> bodies) throws GeneralSecurityException {
            this.good = good;
            mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec((secret == null ? "none" : secret).getBytes(ISO_8859_1), "HmacSHA256"));
            requests = new byte[bodies.size()][];
            this.bodies = new int[requests.length];
            signatures = new int[requests.length];
            marks = new int[requests.length][];
            for (int i = 0; i < requests.length; i++) {
                String body = bodies.get(i);
                String head = "POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port
                        + "\r\nUser-Agent: facebookexternalua\r\nAccept: */*\r\nContent-Type: application/json" + headers
                        + "\r\nContent-Length: " + body.length()
                        + (secret == null ? "" : "\r\nX-Hub-Signature-256: " + SIGNATURE + "0".repeat(64)) + "\r\n\r\n";
                String request = head + body;
                requests[i] = request.getBytes(ISO_8859_1);
                this.bodies[i] = head.length();
                signatures[i] = secret == null ? -1 : head.indexOf(SIGNATURE) + SIGNATURE.length();
                List<Integer> found = new ArrayList<>();
                for (int at = request.indexOf(MARK); at >= 0; at = request.indexOf(MARK, at + DIGITS)) {
                    found.add(at);
                }
                marks[i] = found.stream().mapToInt(Integer::intValue).toArray();
            }
        }

        static Requests texts(int port, String path, String secret, String number) throws GeneralSecurityException {
            // ids differ from run to run, or a gateway that remembers them would drop the second run's
            String run = String.format("%012X", System.currentTimeMillis());
            return new Requests(port, path, secret, "", 200, Arrays.stream(TEXTS).map(text -> body(number, run, text)).toList());
        }

        /** The same few again and again, signed before: for what does not look whether it has had them. */
        Requests prepared(int count) {
            byte[][] some = new byte[count][];
            ByteBuffer buffer = ByteBuffer.allocate(4096);
            for (int i = 0; i < count; i++) {
                write(i, buffer);
                some[i] = Arrays.copyOf(buffer.array(), buffer.limit());
            }
            prepared = some;
            return this;
        }

        private static String body(String number, String run, String text) {
            return """
                    {"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":\
                    {"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"%s"},\
                    "contacts":[{"profile":{"name":"Kim Example","username":"kim.example.#######"},"wa_id":"1555#######",\
                    "user_id":"US.1349120865555#######","parent_user_id":"US.ENT.1181579955#######"}],\
                    "messages":[{"from":"1555#######","from_user_id":"US.1349120865555#######",\
                    "from_parent_user_id":"US.ENT.1181579955#######",\
                    "id":"wamid.HBgLMTU1NTU1NTAxMDEVAgASGBQzQUFCMEUw%s#######A","timestamp":"%d","text":{"body":"%s"},\
                    "type":"text"}]},"field":"messages"}]}]}""".formatted(number, run, System.currentTimeMillis() / 1000, text);
        }

        /** Writes a request, signed, into an empty buffer. */
        void write(int number, ByteBuffer into) {
            into.clear();
            if (prepared != null) {
                into.put(prepared[number % prepared.length]).flip();
                return;
            }
            int which = number % requests.length;
            byte[] request = requests[which];
            for (int mark : marks[which]) {
                digits(firstUser + number / each, request, mark);
            }
            if (signatures[which] >= 0) {
                mac.update(request, bodies[which], request.length - bodies[which]);
                int at = signatures[which];
                for (byte b : mac.doFinal()) {
                    request[at++] = HEX[b >> 4 & 15];
                    request[at++] = HEX[b & 15];
                }
            }
            into.put(request).flip();
        }

        static void digits(int number, byte[] into, int at) {
            int rest = number;
            for (int i = at + DIGITS - 1; i >= at; i--) {
                into[i] = (byte) ('0' + rest % 10);
                rest /= 10;
            }
        }

        /** The mean length of a body. */
        int bodyBytes() {
            int sum = 0;
            for (int i = 0; i < requests.length; i++) {
                sum += requests[i].length - bodies[i];
            }
            return sum / requests.length;
        }
    }

    /** What reading HTTP/1.1 needs from a buffer of bytes. */
    static final class Http {

        static final byte[] HEAD_END = "\r\n\r\n".getBytes(ISO_8859_1);
        private static final byte[] LAST_CHUNK = "\r\n0\r\n\r\n".getBytes(ISO_8859_1);
        private static final byte[] LENGTH = "\r\ncontent-length:".getBytes(ISO_8859_1);

        private Http() {
        }

        /** The first place of the pattern, whose letters are lower-case, whatever the case in the data; or -1. */
        static int find(byte[] data, int from, int to, byte[] pattern) {
            for (int i = from; i <= to - pattern.length; i++) {
                int k = 0;
                while (k < pattern.length) {
                    int b = data[i + k];
                    if (b >= 'A' && b <= 'Z') {
                        b += 32;
                    }
                    if (b != pattern[k]) {
                        break;
                    }
                    k++;
                }
                if (k == pattern.length) {
                    return i;
                }
            }
            return -1;
        }

        /** Where a chunked body ends, whose chunks hold no empty chunk; or -1. */
        static int chunkedEnd(byte[] data, int from, int to) {
            int at = find(data, from, to, LAST_CHUNK);
            return at < 0 ? -1 : at + LAST_CHUNK.length;
        }

        /** The declared length of the body, or -1. */
        static int length(byte[] data, int from, int headEnd) {
            int at = find(data, from, headEnd, LENGTH);
            if (at < 0) {
                return -1;
            }
            int i = at + LENGTH.length;
            while (data[i] == ' ') {
                i++;
            }
            int length = 0;
            while (data[i] >= '0' && data[i] <= '9' && length < 1 << 24) {
                length = length * 10 + data[i++] - '0';
            }
            return length;
        }
    }

    /** Sends the requests when they are due, over connections that stay open. */
    static final class Load implements Runnable {

        private static final long ANSWER_LIMIT_NANOS = 30_000_000_000L;
        private static final int MAX_RECONNECTS = 10_000;

        /** Of each request: the answer's status (0: none came), and microseconds from its moment to its sending and to its answer. */
        final short[] status;
        final int[] sentAfter;
        final int[] answeredAfter;
        volatile int sent;
        volatile int accepted;
        volatile Throwable failure;
        /** Accepted during the measured seconds, whichever request it was. */
        int acceptedInTime;
        int reconnects;
        final int bodyBytes;

        private final int port;
        private final int count;
        private final Schedule schedule;
        private final Requests requests;
        private final long start;
        private final long measureFrom;
        private final long measureTo;
        private final ArrayDeque<Connection> idle = new ArrayDeque<>();
        private final List<Connection> connections = new ArrayList<>();
        private Selector selector;

        Load(int port, int connections, Schedule schedule, Requests requests, long start) {
            this.port = port;
            this.count = connections;
            this.schedule = schedule;
            this.start = start;
            this.measureFrom = start + schedule.ramp * 1_000_000_000L;
            this.measureTo = measureFrom + schedule.seconds * 1_000_000_000L;
            this.requests = requests;
            this.bodyBytes = requests.bodyBytes();
            this.status = new short[schedule.total];
            this.sentAfter = new int[schedule.total];
            this.answeredAfter = new int[schedule.total];
        }

        @Override
        public void run() {
            try {
                selector = Selector.open();
                for (int i = 0; i < count; i++) {
                    Connection connection = new Connection();
                    connection.open();
                    connections.add(connection);
                    idle.add(connection);
                }
                loop();
            } catch (IOException | RuntimeException e) {
                failure = e;
            } finally {
                close();
            }
        }

        private void close() {
            try {
                for (Connection connection : connections) {
                    connection.channel.close();
                }
                if (selector != null) {
                    selector.close();
                }
            } catch (IOException e) {
                System.err.println("The load could not close a connection: " + e);
            }
        }

        private void loop() throws IOException {
            int next = 0;
            long nextCheck = start + 1_000_000_000L;
            int total = schedule.total;
            while (next < total || idle.size() < connections.size()) {
                long now = System.nanoTime();
                if (schedule.closed && now >= measureTo) {
                    total = next;
                }
                while (next < total && !idle.isEmpty() && start + schedule.due(next) <= now) {
                    // last in, first out: few connections are hot when few are needed
                    idle.pollLast().send(next, now);
                    next++;
                    now = System.nanoTime();
                }
                sent = next;
                long wait = 100;
                if (next < total && !idle.isEmpty()) {
                    wait = (start + schedule.due(next) - now) / 1_000_000L;
                }
                selector.select(Connection::ready, Math.max(1, Math.min(wait, 100)));
                if (now >= nextCheck) {
                    nextCheck += 1_000_000_000L;
                    for (Connection connection : connections) {
                        connection.giveUpIfOverdue(now);
                    }
                }
            }
        }

        private final class Connection {

            private final ByteBuffer out = ByteBuffer.allocateDirect(4096);
            private final ByteBuffer in = ByteBuffer.allocateDirect(4096);
            private final byte[] answer = new byte[4096];
            private int length;
            private int request = -1;
            private long sentAt;
            private SocketChannel channel;
            private SelectionKey key;

            void open() throws IOException {
                channel = SocketChannel.open(loopback(port));
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.configureBlocking(false);
                key = channel.register(selector, SelectionKey.OP_READ, this);
                length = 0;
            }

            static void ready(SelectionKey key) {
                ((Connection) key.attachment()).ready();
            }

            void send(int number, long now) throws IOException {
                request = number;
                sentAt = now;
                sentAfter[number] = micros(now - start - schedule.due(number));
                requests.write(number, out);
                try {
                    channel.write(out);
                    if (out.hasRemaining()) {
                        key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
                    }
                } catch (IOException e) {
                    finish(0);
                    reopen();
                }
            }

            private void ready() {
                try {
                    if (key.isValid() && key.isWritable()) {
                        channel.write(out);
                        if (!out.hasRemaining()) {
                            key.interestOps(SelectionKey.OP_READ);
                        }
                    }
                    if (key.isValid() && key.isReadable()) {
                        read();
                    }
                } catch (IOException e) {
                    lost();
                }
            }

            private void read() throws IOException {
                in.clear();
                int count = channel.read(in);
                if (count < 0) {
                    lost();
                    return;
                }
                in.flip();
                count = Math.min(count, answer.length - length);
                in.get(answer, length, count);
                length += count;
                int head = Http.find(answer, 0, length, Http.HEAD_END);
                if (head < 0 || request < 0) {
                    return;
                }
                int body = Http.length(answer, 0, head + 2);
                int end = body >= 0 ? head + 4 + body : Http.chunkedEnd(answer, head + 2, length);
                if (end >= 0 && length >= end) {
                    finish(status());
                    length = 0;
                } else if (length == answer.length) {
                    throw new IOException("an answer that is longer than any to a webhook");
                }
            }

            /** {@code HTTP/1.1 200} */
            private int status() {
                return (answer[9] - '0') * 100 + (answer[10] - '0') * 10 + answer[11] - '0';
            }

            private void finish(int code) {
                long now = System.nanoTime();
                status[request] = (short) code;
                answeredAfter[request] = micros(now - start - schedule.due(request));
                if (code == requests.good) {
                    accepted++;
                    if (now >= measureFrom && now < measureTo) {
                        acceptedInTime++;
                    }
                }
                request = -1;
                idle.addLast(this);
            }

            private void lost() {
                try {
                    if (request >= 0) {
                        finish(0);
                    }
                    reopen();
                } catch (IOException e) {
                    throw new Unmeasured("the gateway takes no connection any more");
                }
            }

            private void reopen() throws IOException {
                key.cancel();
                channel.close();
                if (++reconnects > MAX_RECONNECTS) {
                    throw new Unmeasured("the gateway closed " + MAX_RECONNECTS + " connections");
                }
                open();
            }

            void giveUpIfOverdue(long now) {
                if (request >= 0 && now - sentAt > ANSWER_LIMIT_NANOS) {
                    lost();
                }
            }
        }

        private static int micros(long nanos) {
            return (int) Math.max(0, Math.min(nanos / 1000, Integer.MAX_VALUE));
        }
    }

    /** Answers as the Graph API does, at once, and counts the text replies to each user. */
    static final class Stub implements Runnable {

        private static final byte[] READ = "\"status\":\"read\"".getBytes(ISO_8859_1);
        private static final byte[] TO = "\"to\":\"".getBytes(ISO_8859_1);
        private static final byte[] RECIPIENT = "\"recipient\":\"".getBytes(ISO_8859_1);
        private static final byte[] TEXT = "\"type\":\"text\"".getBytes(ISO_8859_1);
        private static final byte[] MESSAGES = "/messages http/1.1\r\n".getBytes(ISO_8859_1);
        private static final String MARK = "#".repeat(Requests.DIGITS);

        /** Text replies to each request's user; and microseconds from the load's start to the first of them. */
        final byte[] count;
        final int[] firstAfter;
        volatile int answered;
        volatile int reads;
        volatile int unknown;
        volatile long origin;

        private final ServerSocketChannel server;
        private final byte[] taken = response("200 OK", "{\"messaging_product\":\"whatsapp\",\"contacts\":[{\"input\":\"+1555" + MARK
                + "\",\"wa_id\":\"1555" + MARK + "\"}],\"messages\":[{\"id\":\"wamid.HBgLMTU1NTU1NTAxMDEVAgARGBI5QTNDQTVCM" + MARK
                + "A\"}]}");
        private final int[] marks = marks(taken);
        private final byte[] success = response("200 OK", "{\"success\":true}");
        private final byte[] refusal = response("400 Bad Request", "{\"error\":{\"message\":\"The stub takes only messages with a length\","
                + "\"type\":\"OAuthException\",\"code\":100,\"fbtrace_id\":\"stub\"}}");
        private final ByteBuffer out = ByteBuffer.allocateDirect(1024);
        private final ByteBuffer in = ByteBuffer.allocateDirect(16_384);

        Stub(int port, int users) throws IOException {
            count = new byte[users];
            firstAfter = new int[users];
            server = ServerSocketChannel.open();
            try {
                server.bind(loopback(port), 512);
            } catch (IOException e) {
                throw new Unmeasured("The stub of the Graph API cannot listen on port " + port + ": " + e.getMessage());
            }
            server.configureBlocking(false);
        }

        private static byte[] response(String status, String body) {
            return ("HTTP/1.1 " + status + "\r\nContent-Type: application/json; charset=UTF-8\r\nfacebook-api-version: v26.0\r\n"
                    + "x-fb-trace-id: stub\r\nContent-Length: " + body.length() + "\r\n\r\n" + body).getBytes(ISO_8859_1);
        }

        private static int[] marks(byte[] template) {
            String text = new String(template, ISO_8859_1);
            int first = text.indexOf(MARK);
            int second = text.indexOf(MARK, first + 1);
            return new int[] {first, second, text.indexOf(MARK, second + 1)};
        }

        @Override
        public void run() {
            try (Selector selector = Selector.open()) {
                server.register(selector, SelectionKey.OP_ACCEPT);
                while (true) {
                    selector.select(key -> {
                        if (key.isAcceptable()) {
                            accept(selector);
                        } else {
                            ((Connection) key.attachment()).read();
                        }
                    });
                }
            } catch (IOException e) {
                System.err.println("The stub of the Graph API broke off: " + e);
            }
        }

        private void accept(Selector selector) {
            try {
                SocketChannel channel = server.accept();
                if (channel != null) {
                    channel.configureBlocking(false);
                    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                    channel.register(selector, SelectionKey.OP_READ, new Connection(channel));
                }
            } catch (IOException e) {
                System.err.println("The stub of the Graph API could not take a connection: " + e);
            }
        }

        /** The response to one request, counted. */
        private byte[] answer(byte[] data, int from, int head, int end) {
            int line = Http.find(data, from, head + 2, MESSAGES);
            if (line < 0 || data[from] != 'P') {
                unknown++;
                return refusal;
            }
            if (Http.find(data, head, end, READ) >= 0) {
                reads++;
                return success;
            }
            int user = user(data, head, end);
            if (user < 0 || user >= count.length || Http.find(data, head, end, TEXT) < 0) {
                unknown++;
                return refusal;
            }
            if (count[user] == 0) {
                firstAfter[user] = Load.micros(System.nanoTime() - origin);
            }
            if (count[user] < Byte.MAX_VALUE) {
                count[user]++;
            }
            if (count[user] == 1) {
                answered++;
            }
            for (int mark : marks) {
                Requests.digits(user, taken, mark);
            }
            return taken;
        }

        /** The request number in a recipient's last digits, or -1. */
        private static int user(byte[] data, int from, int to) {
            int at = Http.find(data, from, to, RECIPIENT);
            at = at >= 0 ? at + RECIPIENT.length : Http.find(data, from, to, TO) + TO.length;
            int end = at;
            while (end < to && data[end] != '"') {
                end++;
            }
            if (end - at < Requests.DIGITS) {
                return -1;
            }
            int number = 0;
            for (int i = end - Requests.DIGITS; i < end; i++) {
                if (data[i] < '0' || data[i] > '9') {
                    return -1;
                }
                number = number * 10 + data[i] - '0';
            }
            return number;
        }

        private final class Connection {

            private final SocketChannel channel;
            private byte[] data = new byte[2048];
            private int length;

            Connection(SocketChannel channel) {
                this.channel = channel;
            }

            void read() {
                try {
                    in.clear();
                    int count = channel.read(in);
                    if (count < 0) {
                        channel.close();
                        return;
                    }
                    in.flip();
                    if (length + count > data.length) {
                        data = Arrays.copyOf(data, 2 * (length + count));
                    }
                    in.get(data, length, count);
                    length += count;
                    serve();
                } catch (IOException e) {
                    close();
                }
            }

            private void serve() throws IOException {
                int from = 0;
                while (true) {
                    int head = Http.find(data, from, length, Http.HEAD_END);
                    if (head < 0) {
                        break;
                    }
                    int body = Http.length(data, from, head + 2);
                    int end = head + 4 + Math.max(body, 0);
                    if (end > length) {
                        break;
                    }
                    write(body < 0 ? refused() : answer(data, from, head, end));
                    if (body < 0) {
                        channel.close();
                        return;
                    }
                    from = end;
                }
                System.arraycopy(data, from, data, 0, length - from);
                length -= from;
            }

            private byte[] refused() {
                unknown++;
                return refusal;
            }

            private void write(byte[] response) throws IOException {
                out.clear();
                out.put(response).flip();
                while (out.hasRemaining()) {
                    channel.write(out);
                }
            }

            private void close() {
                try {
                    channel.close();
                } catch (IOException e) {
                    System.err.println("The stub of the Graph API could not close a connection: " + e);
                }
            }
        }
    }

    /** CPU seconds of the gateway, of this process, and of the whole machine (Linux; elsewhere 0). */
    private record Usage(double app, double self, double machine, double wall) {

        static Usage now(long appPid) {
            double app = ProcessHandle.of(appPid).flatMap(p -> p.info().totalCpuDuration()).map(Usage::seconds).orElse(0.0);
            double self = ProcessHandle.current().info().totalCpuDuration().map(Usage::seconds).orElse(0.0);
            return new Usage(app, self, busy(), System.nanoTime() / 1e9);
        }

        Usage since(Usage before) {
            return new Usage(app - before.app, self - before.self, machine - before.machine, wall - before.wall);
        }

        private static double seconds(Duration duration) {
            return duration.toNanos() / 1e9;
        }

        /** proc(5): user, nice, system, idle, iowait, irq, softirq, steal, in hundredths of a second. */
        private static double busy() {
            try {
                String[] fields = Files.readAllLines(Path.of("/proc/stat")).get(0).trim().split("\\s+");
                double sum = 0;
                for (int i : new int[] {1, 2, 3, 6, 7, 8}) {
                    sum += Long.parseLong(fields[i]);
                }
                return sum / 100;
            } catch (IOException | RuntimeException e) {
                return 0;
            }
        }
    }

    /** What came of it. */
    private record Verdict(Options options, Schedule schedule, Load load, Stub stub, Usage used, int waitingAtEnd, double drain) {

        int print() {
            Map<Integer, Integer> refused = new TreeMap<>();
            int once = 0;
            int lost = 0;
            int doubled = 0;
            int refusedButAnswered = 0;
            for (int i = 0; i < schedule.total; i++) {
                if (load.status[i] != 200) {
                    refused.merge((int) load.status[i], 1, Integer::sum);
                    refusedButAnswered += stub.count[i] > 0 ? 1 : 0;
                } else if (stub.count[i] == 0) {
                    lost++;
                } else if (stub.count[i] == 1) {
                    once++;
                }
                doubled += stub.count[i] > 1 ? 1 : 0;
            }
            int[] latencies = Arrays.copyOfRange(load.answeredAfter, schedule.firstMeasured, schedule.total);
            int[] delays = Arrays.copyOfRange(load.sentAfter, schedule.firstMeasured, schedule.total);
            int[] replies = replies();
            Arrays.sort(latencies);
            Arrays.sort(delays);
            Arrays.sort(replies);
            double slow = (double) Arrays.stream(latencies).filter(l -> l > SLOW_MILLIS * 1000).count() / latencies.length;
            double median = at(latencies, 0.5);
            int messages = Math.max(1, stub.answered);

            System.out.println();
            System.out.printf("sent                %d (bodies of %d bytes on average)%n", load.sent, load.bodyBytes);
            System.out.printf("accepted (200)      %d%n", load.accepted);
            System.out.printf("refused             %s%n", refused.isEmpty() ? "0" : refused + "  status=how many; 0: no answer, "
                    + refusedButAnswered + " of them answered by message all the same");
            System.out.printf("answered once       %d%n", once);
            System.out.printf("answered never      %d%n", lost);
            System.out.printf("answered repeatedly %d%n", doubled);
            System.out.printf("read receipts       %d, other requests to the stub %d, connections made anew %d%n", stub.reads,
                    stub.unknown, load.reconnects);
            System.out.printf(Locale.ROOT, "rate                %.0f/s accepted of %d/s wanted%n",
                    (double) load.acceptedInTime / options.seconds, options.rate);
            line("latency, ms", latencies);
            System.out.printf(Locale.ROOT, "above 1 s           %.3f %%%n", slow * 100);
            line("sent late by, ms", delays);
            line("reply after, ms", replies);
            System.out.printf(Locale.ROOT, "drain               %.1f s for the %d not answered when the load ended%n", drain, waitingAtEnd);
            System.out.printf(Locale.ROOT, "CPU                 gateway %.1f s (%.3f ms a message), load and stub %.1f s, others %.1f s, of %.1f s%n",
                    used.app(), used.app() * 1000 / messages, used.self(),
                    Math.max(0, used.machine() - used.app() - used.self()),
                    used.wall() * Runtime.getRuntime().availableProcessors());

            List<String> failures = new ArrayList<>();
            check(failures, lost == 0, lost + " accepted and never answered");
            check(failures, doubled == 0, doubled + " answered more than once");
            check(failures, median <= MAX_MEDIAN_MILLIS, "the median is above " + MAX_MEDIAN_MILLIS + " ms");
            check(failures, slow < MAX_SLOW_SHARE, "1 % or more took above 1 s");
            check(failures, load.accepted > 0, "nothing was accepted");
            System.out.println(failures.isEmpty() ? "PASS" : "FAIL: " + String.join("; ", failures));
            return failures.isEmpty() ? 0 : 1;
        }

        /** Microseconds from the moment of each measured request to the first reply. */
        private int[] replies() {
            int[] found = new int[schedule.total - schedule.firstMeasured];
            int n = 0;
            for (int i = schedule.firstMeasured; i < schedule.total; i++) {
                if (stub.count[i] > 0) {
                    found[n++] = Math.max(0, stub.firstAfter[i] - (int) (schedule.due(i) / 1000));
                }
            }
            return Arrays.copyOf(found, n);
        }

        private static void check(List<String> failures, boolean met, String otherwise) {
            if (!met) {
                failures.add(otherwise);
            }
        }

        private static void line(String name, int[] sorted) {
            System.out.printf(Locale.ROOT, "%-19s min %.1f  p50 %.1f  p90 %.1f  p99 %.1f  p99.9 %.1f  max %.1f%n", name, at(sorted, 0),
                    at(sorted, 0.5), at(sorted, 0.9), at(sorted, 0.99), at(sorted, 0.999), at(sorted, 1));
        }

        /** A quantile, in milliseconds. */
        private static double at(int[] sorted, double quantile) {
            return sorted.length == 0 ? 0 : sorted[(int) Math.max(0, Math.ceil(quantile * sorted.length) - 1)] / 1000.0;
        }
    }
}
