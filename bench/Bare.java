import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.main.Main;

/**
 * What bench/race compares the gateway with, over the gateway's own libraries:
 * {@code webhook PORT SECRET [FILE]} a Vert.x server, an event loop for each processor, that checks the signature, parses, walks through the
 * updates and answers 200; with a file, only when the body is in it and synced, with all others that waited meanwhile (group commit).
 * {@code hello PORT} a Camel Main with one route at the platform's HTTP server.
 */
public final class Bare {

    private Bare() {
    }

    public static void main(String[] args) throws Exception {
        // without a configuration, logback is at DEBUG
        ((ch.qos.logback.classic.Logger) org.slf4j.LoggerFactory.getLogger("ROOT")).setLevel(ch.qos.logback.classic.Level.WARN);
        int port = Integer.parseInt(args[1]);
        if ("hello".equals(args[0])) {
            Main main = new Main();
            main.addInitialProperty("camel.server.enabled", "true");
            main.addInitialProperty("camel.server.port", args[1]);
            main.configure().addRoutesBuilder(new RouteBuilder() {
                @Override
                public void configure() {
                    from("platform-http:/webhook").setBody(constant("hello"));
                }
            });
            main.run();
            return;
        }
        Journal journal = args.length > 3 ? new Journal(Path.of(args[3])) : null;
        Vertx.vertx().deployVerticle(() -> new Server(port, args[2], journal),
                new DeploymentOptions().setInstances(Runtime.getRuntime().availableProcessors()));
    }

    private static final class Server extends AbstractVerticle {

        private final int port;
        private final Mac mac;
        private final ObjectMapper json = new ObjectMapper();
        private final Journal journal;
        private int updates;

        Server(int port, String secret, Journal journal) {
            this.port = port;
            this.journal = journal;
            try {
                mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void start() {
            vertx.createHttpServer().requestHandler(request -> request.bodyHandler(body -> handle(request, body))).listen(port, "127.0.0.1");
        }

        private void handle(HttpServerRequest request, Buffer buffer) {
            byte[] body = buffer.getBytes();
            String signature = request.getHeader("X-Hub-Signature-256");
            if (signature == null || signature.length() != 71
                    || !MessageDigest.isEqual(mac.doFinal(body), HexFormat.of().parseHex(signature, "sha256=".length(), 71))) {
                request.response().setStatusCode(401).end();
                return;
            }
            try {
                for (JsonNode entry : json.readTree(body).path("entry")) {
                    for (JsonNode change : entry.path("changes")) {
                        updates += change.path("value").path("messages").size() + change.path("value").path("statuses").size();
                    }
                }
            } catch (IOException e) {
                request.response().setStatusCode(400).end();
                return;
            }
            if (journal == null) {
                request.response().end();
            } else {
                journal.add(new Waiting(body, context, request));
            }
        }
    }

    private record Waiting(byte[] body, Context context, HttpServerRequest request) { }

    /** Whoever comes while the disk works shares the next sync. */
    private static final class Journal {

        private final LinkedBlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
        private final FileChannel file;

        Journal(Path path) throws IOException {
            file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            Thread thread = new Thread(this::write, "journal");
            thread.setDaemon(true);
            thread.start();
        }

        void add(Waiting waiting) {
            queue.add(waiting);
        }

        private void write() {
            List<Waiting> batch = new ArrayList<>();
            try {
                while (true) {
                    batch.add(queue.take());
                    queue.drainTo(batch);
                    ByteBuffer all = ByteBuffer.allocate(batch.stream().mapToInt(one -> one.body.length + Integer.BYTES).sum());
                    batch.forEach(one -> all.putInt(one.body.length).put(one.body));
                    all.flip();
                    while (all.hasRemaining()) {
                        file.write(all);
                    }
                    file.force(false);
                    batch.forEach(one -> one.context.runOnContext(ignored -> one.request.response().end()));
                    batch.clear();
                }
            } catch (IOException | InterruptedException e) {
                e.printStackTrace();
                System.exit(1);
            }
        }
    }
}
