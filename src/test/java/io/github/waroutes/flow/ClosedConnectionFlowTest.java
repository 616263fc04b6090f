package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.waroutes.TestGateway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pooled connection that the other side has closed is noticed before a message is written to it. */
class ClosedConnectionFlowTest {

    private static final String ANSWER = "{\"messaging_product\":\"whatsapp\",\"messages\":[{\"id\":\"wamid.X\"}]}";

    @TempDir
    static Path directory;

    /** Answers one request a connection, promises to keep it open, and closes it when the test says so. */
    private static final class Graph implements AutoCloseable {

        final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        final AtomicInteger answered = new AtomicInteger();
        final Semaphore close = new Semaphore(0);
        final Semaphore closed = new Semaphore(0);

        Graph() throws IOException {
            Thread thread = new Thread(this::serve, "closing-graph");
            thread.setDaemon(true);
            thread.start();
        }

        private void serve() {
            while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                    BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
                    int length = 0;
                    for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                        length = line.toLowerCase().startsWith("content-length:") ? Integer.parseInt(line.substring(15).strip()) : length;
                    }
                    in.skip(length);
                    socket.getOutputStream().write(("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: keep-alive\r\nContent-Length: "
                            + ANSWER.length() + "\r\n\r\n" + ANSWER).getBytes(StandardCharsets.US_ASCII));
                    socket.getOutputStream().flush();
                    answered.incrementAndGet();
                    close.acquire();
                } catch (IOException e) {
                    continue;
                } catch (InterruptedException e) {
                    return;
                }
                closed.release();
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    @Test
    void noMessageIsWrittenToAConnectionThatIsClosed() throws Exception {
        try (Graph graph = new Graph(); TestGateway gateway = new TestGateway(directory)
                .with("whatsapp.graph.url", "http://127.0.0.1:" + graph.server.getLocalPort()).start()) {
            for (int i = 1; i <= 8; i++) {
                int count = i;
                Flows.sendText(gateway, Flows.user(), "message " + i);
                await().atMost(LIMIT).until(() -> graph.answered.get() == count);
                await().atMost(LIMIT).until(() -> gateway.queued("whatsapp.outbound") == 0);
                graph.close.release();
                graph.closed.acquire();
            }
            assertThat(gateway.counter("whatsapp.messages.sent", "status", "timeout")).isZero();
            assertThat(gateway.counter("whatsapp.messages.sent", "status", "success")).isEqualTo(8);
        }
    }
}
