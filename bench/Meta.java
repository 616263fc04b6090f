import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Stands in for Meta towards one or more gateways, on loopback: sends signed webhooks and answers calls of Graph, and of the understanding
 * hop, at once. Every user writes once, so a reply is told by its recipient.
 */
public final class Meta implements Closeable {

    public static final String SECRET = "bench-secret";
    public static final String API_TOKEN = "bench-api-token";
    private static final byte[] TO = "\"to\":\"".getBytes(ISO_8859_1);
    private static final byte[] RECIPIENT = "\"recipient\":\"".getBytes(ISO_8859_1);
    private static final byte[] ID = "\"biz_opaque_callback_data\":\"".getBytes(ISO_8859_1);
    private static final byte[] READ = "\"status\":\"read\"".getBytes(ISO_8859_1);

    public final int port;
    /** Messages that Graph has taken, read receipts, and calls that it refused. */
    public final AtomicInteger texts = new AtomicInteger();
    public final AtomicInteger receipts = new AtomicInteger();
    public final AtomicInteger refused = new AtomicInteger();
    /** Messages of this number are refused: its token is not valid. */
    public volatile String stopped;
    /** Delivered statuses that Meta owes, of the messages that Graph took since they were last asked for. */
    private final List<String> owed = new ArrayList<>();
    /** When texts were due whose replies are waited for, by user. */
    private final Map<String, Long> due = new ConcurrentHashMap<>();
    private final List<Double> replies = new ArrayList<>();
    private final AtomicLong ids = new AtomicLong();
    private final ServerSocket server = new ServerSocket();
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "meta");
        thread.setDaemon(true);
        return thread;
    });
    private final String run = Long.toString(System.currentTimeMillis(), 36);
    private final AtomicInteger users = new AtomicInteger();
    private final Object gate = new Object();
    private boolean holding;

    /** The phone number id of the n-th number. */
    public static String number(int n) {
        return "10654035224292" + n;
    }

    /** What a gateway's environment must have to stand between users of this Meta and it; the limits of Meta are out of the way. */
    public Map<String, String> environment(int webhook, int management, Path files) {
        Map<String, String> environment = new TreeMap<>();
        for (String[] variable : new String[][] {
            {"CAMEL_SERVER_HOST", "127.0.0.1"}, {"CAMEL_SERVER_PORT", String.valueOf(webhook)},
            {"CAMEL_MANAGEMENT_HOST", "127.0.0.1"}, {"CAMEL_MANAGEMENT_PORT", String.valueOf(management)},
            {"WHATSAPP_PHONE_NUMBER_ID", number(1)}, {"WHATSAPP_ACCESS_TOKEN", "bench-token"}, {"WHATSAPP_VERIFY_TOKEN", "bench-verify-token"},
            {"WHATSAPP_APP_SECRET", SECRET}, {"WHATSAPP_API_TOKEN", API_TOKEN}, {"WHATSAPP_GRAPH_URL", "http://127.0.0.1:" + port},
            {"WHATSAPP_UNDERSTANDING_OPENAI_URL", "http://127.0.0.1:" + port + "/v1"},
            {"WHATSAPP_BROKER_DIRECTORY", files.resolve("broker").toString()}, {"WHATSAPP_OUTCOME_DIRECTORY", files.resolve("outcomes").toString()},
            {"WHATSAPP_LIMIT_MESSAGES_PER_SECOND", "1000000"}, {"WHATSAPP_LIMIT_PAIR_BURST", "1000000"}, {"WHATSAPP_LIMIT_TIER", "unlimited"},
            // a stopped number is tried again soon
            {"WHATSAPP_ALARM_TRY_AGAIN_AFTER", "1000"}}) {
            environment.put(variable[0], System.getenv().getOrDefault(variable[0], variable[1]));
        }
        return environment;
    }

    public Meta(int port) throws IOException {
        this.port = port;
        server.bind(Watched.loopback(port), 512);
        threads.submit(this::accept);
    }

    /** While it holds, the understanding hop does not answer. */
    public void hold(boolean wanted) {
        synchronized (gate) {
            holding = wanted;
            gate.notifyAll();
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                threads.submit(() -> serve(socket));
            } catch (IOException e) {
                // closed on purpose
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream(), 16_384);
            OutputStream out = socket.getOutputStream();
            for (Message message = Message.read(in); message != null; message = Message.read(in)) {
                out.write(answer(message));
                out.flush();
            }
        } catch (IOException e) {
            // the gateway closed the connection
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private byte[] answer(Message call) throws InterruptedException {
        if (call.line.contains("/chat/completions")) {
            synchronized (gate) {
                while (holding) {
                    gate.wait();
                }
            }
            return response("200 OK", "{\"id\":\"bench\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
                    + "\"content\":\"You are welcome.\"},\"finish_reason\":\"stop\"}]}");
        }
        if (find(call.body, READ) >= 0) {
            receipts.incrementAndGet();
            return response("200 OK", "{\"success\":true}");
        }
        if (stopped != null && call.line.contains("/" + stopped + "/")) {
            refused.incrementAndGet();
            return response("401 Unauthorized", "{\"error\":{\"message\":\"bench\",\"type\":\"OAuthException\",\"code\":190,\"fbtrace_id\":\"bench\"}}");
        }
        String to = value(call.body, find(call.body, RECIPIENT) >= 0 ? RECIPIENT : TO);
        Long since = due.remove(to);
        if (since != null) {
            synchronized (replies) {
                replies.add((System.nanoTime() - since) / 1e6);
            }
        }
        String id = "wamid.OUT" + run + ids.incrementAndGet();
        synchronized (owed) {
            if (owed.size() < 10_000) {
                owed.add("{\"id\":\"" + id + "\",\"status\":\"delivered\",\"timestamp\":\"" + System.currentTimeMillis() / 1000
                        + "\",\"recipient_id\":\"" + to + "\"" + (find(call.body, ID) < 0 ? "" : ",\"biz_opaque_callback_data\":\""
                        + value(call.body, ID) + "\"") + "}");
            }
        }
        texts.incrementAndGet();
        return response("200 OK", "{\"messaging_product\":\"whatsapp\",\"contacts\":[{\"input\":\"+" + to + "\",\"wa_id\":\"" + to
                + "\"}],\"messages\":[{\"id\":\"" + id + "\"}]}");
    }

    private static byte[] response(String status, String body) {
        return ("HTTP/1.1 " + status + "\r\nContent-Type: application/json; charset=UTF-8\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                .getBytes(ISO_8859_1);
    }

    private static int find(byte[] data, byte[] pattern) {
        for (int i = 0; i <= data.length - pattern.length; i++) {
            if (Arrays.equals(data, i, i + pattern.length, pattern, 0, pattern.length)) {
                return i;
            }
        }
        return -1;
    }

    private static String value(byte[] body, byte[] before) {
        int from = find(body, before) + before.length;
        int to = from;
        while (to < body.length && body[to] != '"') {
            to++;
        }
        return new String(body, from, to - from, ISO_8859_1).replace("+", "");
    }

    /** The times from a text to its reply since the last call, in milliseconds, sorted. */
    public double[] replies() {
        synchronized (replies) {
            double[] sorted = replies.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            replies.clear();
            due.clear();
            return sorted;
        }
    }

    /** A delivered status of each message since the last call, 10,000 at the most. */
    public List<String> statuses() {
        synchronized (owed) {
            List<String> all = List.copyOf(owed);
            owed.clear();
            return all;
        }
    }

    /** Waits until Graph has taken so many messages in all; whether it did within the limit. */
    public boolean await(int count, int seconds) throws InterruptedException {
        long limit = System.nanoTime() + seconds * 1_000_000_000L;
        while (texts.get() < count && System.nanoTime() < limit) {
            Thread.sleep(5);
        }
        return texts.get() >= count;
    }

    /** How webhooks are sent: so many, each with so many updates, each of another user. */
    public static final class Load {

        int[] ports;
        int webhooks = 1;
        int updates = 1;
        /** Webhooks a second; 0: as fast as the connections allow. */
        double rate;
        int connections = 16;
        IntFunction<String> number = i -> number(1);
        /** The message's type and content, JSON members. */
        String content = text("what are your opening hours on saturday?");
        /** In place of messages: one in each webhook. */
        List<String> statuses;
        /** Whether the times to replies are noted. */
        boolean timed;

        static String text(String text) {
            return "\"text\":{\"body\":\"" + text + "\"},\"type\":\"text\"";
        }
    }

    /** Sends them, and waits for the answers: milliseconds from when each was due (with a rate) or sent, sorted. All must be accepted. */
    public double[] send(Load load) throws Exception {
        AtomicInteger next = new AtomicInteger();
        long begin = System.nanoTime() + 1_000_000L;
        List<Future<List<Double>>> senders = new ArrayList<>();
        for (int c = 0; c < load.connections; c++) {
            int port = load.ports[c % load.ports.length];
            senders.add(threads.submit(() -> sender(load, port, next, begin)));
        }
        List<Double> all = new ArrayList<>();
        for (Future<List<Double>> sender : senders) {
            all.addAll(sender.get());
        }
        return all.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    }

    private List<Double> sender(Load load, int port, AtomicInteger next, long begin) throws Exception {
        List<Double> taken = new ArrayList<>();
        Mac mac = mac();
        try (Socket socket = new Socket()) {
            socket.connect(Watched.loopback(port), 5_000);
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream(), 4096);
            for (int i = next.getAndIncrement(); i < load.webhooks; i = next.getAndIncrement()) {
                long dueAt = load.rate == 0 ? 0 : begin + (long) (i / load.rate * 1e9);
                // made before it is due, so that its making is in no time
                String number = load.number.apply(i);
                String[] phones = new String[load.updates];
                byte[] request = request(mac, port, webhook(number, load.statuses == null ? messages(phones, load.content)
                        : "\"statuses\":[" + load.statuses.get(i) + "]"));
                while (System.nanoTime() < dueAt) {
                    Thread.sleep(0, 200_000);
                }
                long start = load.rate == 0 ? System.nanoTime() : dueAt;
                if (load.timed) {
                    for (String phone : phones) {
                        due.put(phone, start);
                    }
                }
                socket.getOutputStream().write(request);
                Message answer = Message.read(in);
                if (answer == null || !answer.line.contains(" 200")) {
                    throw new IOException("a webhook was not accepted: " + (answer == null ? "the connection was closed" : answer.line));
                }
                taken.add((System.nanoTime() - start) / 1e6);
            }
        }
        return taken;
    }

    private String messages(String[] phones, String content) {
        StringBuilder contacts = new StringBuilder();
        StringBuilder messages = new StringBuilder();
        long now = System.currentTimeMillis() / 1000;
        for (int i = 0; i < phones.length; i++) {
            String phone = String.format("1555%08d", users.incrementAndGet());
            phones[i] = phone;
            String comma = i == 0 ? "" : ",";
            contacts.append(comma).append("{\"profile\":{\"name\":\"Kim Example\"},\"wa_id\":\"").append(phone).append("\"}");
            messages.append(comma).append("{\"from\":\"").append(phone).append("\",\"id\":\"wamid.IN").append(run).append(phone)
                    .append("\",\"timestamp\":\"").append(now).append("\",").append(content).append('}');
        }
        return "\"contacts\":[" + contacts + "],\"messages\":[" + messages + "]";
    }

    private static String webhook(String number, String value) {
        return "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"102290129340398\",\"changes\":[{\"value\":{\"messaging_product\":"
                + "\"whatsapp\",\"metadata\":{\"display_phone_number\":\"15550783881\",\"phone_number_id\":\"" + number + "\"}," + value
                + "},\"field\":\"messages\"}]}]}";
    }

    private static Mac mac() throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(ISO_8859_1), "HmacSHA256"));
        return mac;
    }

    private static byte[] request(Mac mac, int port, String json) {
        byte[] body = json.getBytes(UTF_8);
        byte[] head = ("POST /webhook HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length
                + "\r\nX-Hub-Signature-256: sha256=" + HexFormat.of().formatHex(mac.doFinal(body)) + "\r\n\r\n").getBytes(ISO_8859_1);
        byte[] request = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, request, head.length, body.length);
        return request;
    }

    @Override
    public void close() throws IOException {
        hold(false);
        server.close();
        threads.shutdownNow();
    }

    /** A request or an answer of HTTP/1.1. */
    private record Message(String line, byte[] body) {

        static Message read(InputStream in) throws IOException {
            String line = line(in);
            if (line == null || line.isEmpty()) {
                return null;
            }
            int length = 0;
            boolean chunked = false;
            for (String header = line(in); header != null && !header.isEmpty(); header = line(in)) {
                String lower = header.toLowerCase(Locale.ROOT);
                if (lower.startsWith("content-length:")) {
                    length = Integer.parseInt(lower.substring(15).strip());
                } else if (lower.startsWith("transfer-encoding:") && lower.contains("chunked")) {
                    chunked = true;
                }
            }
            return new Message(line, chunked ? chunks(in) : in.readNBytes(length));
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
    }
}
