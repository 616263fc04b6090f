package io.github.waroutes.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.waroutes.ChildJvm;
import io.github.waroutes.TestGateway;
import io.github.waroutes.TestPorts;
import io.github.waroutes.WhatsAppApplication;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.main.Main;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole gateway, in a process with a heap of 64 MB, uploads the largest file there may be: a document of 100 MB. */
class UploadHeapTest {

    private static final long SIZE = 100L << 20;
    private static final int BLOCK = 1 << 20;
    private static final int FILE = 1;
    private static final int STREAM = 2;

    @TempDir
    Path directory;

    private final List<String> received = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private Process child;

    /** Content of {@link #SIZE} bytes in which no two blocks are the same; it is never whole anywhere. */
    private static InputStream content(int seed) {
        byte[] random = new byte[BLOCK];
        new Random(seed).nextBytes(random);
        ByteBuffer block = ByteBuffer.wrap(random).limit(0);
        return new InputStream() {
            private int blocks;

            @Override
            public int read() {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                if (!block.hasRemaining()) {
                    if (blocks == SIZE / BLOCK) {
                        return -1;
                    }
                    block.clear().putInt(0, blocks++);
                }
                int count = Math.min(length, block.remaining());
                block.get(target, offset, count);
                return count;
            }
        };
    }

    private static String digest(InputStream content) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] buffer = new byte[BLOCK];
        for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
            digest.update(buffer, 0, read);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v26.0/" + TestGateway.NUMBER + "/media", this::receive);
        server.start();
    }

    @AfterEach
    void stop() throws InterruptedException {
        server.stop(0);
        if (child != null) {
            child.destroyForcibly();
            child.waitFor(10, TimeUnit.SECONDS);
        }
    }

    /** Counts and digests the part that is called file; it is the last one. */
    private void receive(HttpExchange exchange) throws IOException {
        String type = exchange.getRequestHeaders().getFirst("Content-Type");
        int after = ("\r\n--" + type.substring(type.indexOf("boundary=") + 9) + "--\r\n").length();
        try (InputStream in = new BufferedInputStream(exchange.getRequestBody(), BLOCK)) {
            String part = "";
            while (!part.contains("name=\"file\"")) {
                part = partHeaders(in);
            }
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            long count = 0;
            byte[] buffer = new byte[BLOCK + after];
            // the last bytes that came may be the end of the request, and not of the file
            int held = 0;
            for (int read = in.read(buffer, 0, BLOCK); read >= 0; read = in.read(buffer, held, BLOCK)) {
                int have = held + read;
                held = Math.min(have, after);
                digest.update(buffer, 0, have - held);
                count += have - held;
                System.arraycopy(buffer, have - held, buffer, 0, held);
            }
            received.add(count + " " + HexFormat.of().formatHex(digest.digest()));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IOException(e);
        }
        byte[] answer = ("{\"id\":\"77" + received.size() + "\"}").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, answer.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(answer);
        }
    }

    /** Everything up to the next empty line. */
    private static String partHeaders(InputStream in) throws IOException {
        StringBuilder headers = new StringBuilder();
        while (headers.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("The request has no part that is called file");
            }
            headers.append((char) next);
        }
        return headers.toString();
    }

    @Test
    void aFileAndAStreamOfAHundredMegabytesPassThroughAHeapOfSixtyFour() throws Exception {
        Path file = directory.resolve("large.pdf");
        try (InputStream content = content(FILE)) {
            Files.copy(content, file);
        }
        Path out = directory.resolve("out");
        Path log = directory.resolve("log");
        child = new ProcessBuilder(ChildJvm.command("-Xmx64m", "-cp", System.getProperty("java.class.path"), Child.class.getName(),
                "http://127.0.0.1:" + server.getAddress().getPort(), directory.toString(), file.toString(), out.toString()))
                .directory(directory.toFile()).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        assertThat(child.waitFor(60, TimeUnit.SECONDS)).as("the child ends in time").isTrue();
        assertThat(child.exitValue()).as(() -> read(log)).isZero();

        assertThat(Files.readAllLines(out)).containsExactly("771", "772");
        assertThat(received).containsExactly(SIZE + " " + digest(content(FILE)), SIZE + " " + digest(content(STREAM)));
        File[] left = directory.resolve("media").toFile().listFiles();
        assertThat(left == null ? List.of() : List.of(left)).as("temporary files").isEmpty();
    }

    private static String read(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** The process with the small heap: the gateway as it starts in production, and two uploads. */
    static final class Child {

        private Child() {
        }

        public static void main(String[] arguments) throws Exception {
            Path directory = Path.of(arguments[1]);
            Main main = WhatsAppApplication.newMain("false");
            main.addOverrideProperty("camel.server.host", "127.0.0.1");
            main.addOverrideProperty("camel.server.port", String.valueOf(TestPorts.free()));
            main.addOverrideProperty("camel.management.host", "127.0.0.1");
            main.addOverrideProperty("camel.management.port", String.valueOf(TestPorts.free()));
            main.addOverrideProperty("whatsapp.phone-number-id", TestGateway.NUMBER);
            main.addOverrideProperty("whatsapp.access-token", TestGateway.TOKEN);
            main.addOverrideProperty("whatsapp.app-secret", TestGateway.SECRET);
            main.addOverrideProperty("whatsapp.verify-token", TestGateway.VERIFY_TOKEN);
            main.addOverrideProperty("whatsapp.graph.url", arguments[0]);
            main.addOverrideProperty("whatsapp.media.directory", directory.resolve("media").toString());
            main.addOverrideProperty("whatsapp.broker.directory", directory.resolve("broker").toString());
            main.start();
            try (ProducerTemplate template = main.getCamelContext().createProducerTemplate()) {
                String first = template.requestBodyAndHeader("direct:whatsapp-upload-media", new File(arguments[2]),
                        "WhatsAppMediaType", "application/pdf", String.class);
                String second = template.requestBodyAndHeader("direct:whatsapp-upload-media", content(STREAM),
                        "WhatsAppMediaType", "application/pdf", String.class);
                Files.write(Path.of(arguments[3]), List.of(first, second));
            } finally {
                main.stop();
            }
            System.exit(0);
        }
    }
}
