package io.github.waroutes.api;

import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;

/**
 * A Vert.x request that is paused, read as a stream by one thread that may wait. No more than a few buffers are on the heap: the
 * rest stays with the sender. Camel's own {@code useStreaming} takes the whole body in, without a limit, before the route begins
 * (Camel 4.17.0, {@code StreamingHttpRequestBodyHandler}), so that a stranger could fill the disk.
 */
final class VertxRequestBody extends InputStream implements RequestBody {

    private static final int WINDOW = 8;
    private static final byte[] END = new byte[0];
    private static final byte[] BROKEN = new byte[0];
    /** How long a sender that was refused may go on, so that it reads the answer and not a reset (as in RFC 9112, 9.6). */
    private static final long LINGER_MILLIS = 2_000;

    private final HttpServerRequest request;
    private final Context context;
    private final long patienceMillis;
    private final BlockingQueue<byte[]> arrived = new LinkedBlockingQueue<>();
    private byte[] chunk = END;
    private int position;
    private boolean begun;
    private boolean ended;

    private VertxRequestBody(HttpServerRequest request, Context context, Duration patience) {
        this.request = request;
        this.context = context;
        this.patienceMillis = patience.toMillis();
    }

    static RequestBody of(Object body, Duration patience) {
        if (body instanceof HttpServerRequest request) {
            return new VertxRequestBody(request, Vertx.currentContext(), patience);
        }
        throw new IllegalStateException("The HTTP server gives a body that is no stream: " + body.getClass().getName());
    }

    @Override
    public InputStream stream() {
        return this;
    }

    @Override
    public int read() {
        return fill() ? chunk[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, chunk.length - position);
        System.arraycopy(chunk, position, into, offset, count);
        position += count;
        return count;
    }

    @Override
    public int available() {
        return chunk.length - position;
    }

    private boolean fill() {
        if (!begun) {
            begun = true;
            onContext(this::begin);
        }
        while (!ended && position == chunk.length) {
            byte[] next = next();
            if (next == END) {
                ended = true;
            } else if (next == BROKEN) {
                ended = true;
                throw new ApiException(400, "bad-request", "The connection broke before the end of the body.");
            } else {
                chunk = next;
                position = 0;
                onContext(() -> {
                    // over HTTP/2 that is an error
                    if (!request.isEnded()) {
                        request.fetch(1);
                    }
                });
            }
        }
        return position < chunk.length;
    }

    private byte[] next() {
        try {
            byte[] next = arrived.poll(patienceMillis, TimeUnit.MILLISECONDS);
            if (next == null) {
                throw new ApiException(408, "too-slow", "Nothing of the body came for " + patienceMillis + " ms"
                        + " (whatsapp.api.read-timeout).");
            }
            return next;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ApiException(503, "unavailable", "The gateway is stopping. Send the request again.");
        }
    }

    private void begin() {
        if (request.isEnded()) {
            arrived.add(END);
            return;
        }
        request.exceptionHandler(broken -> arrived.add(BROKEN));
        request.endHandler(end -> arrived.add(END));
        request.handler(buffer -> arrived.add(buffer.getBytes()));
        if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
            request.response().writeContinue();
        }
        request.fetch(WINDOW);
    }

    @Override
    public boolean finish() {
        boolean left = !ended && hasBody();
        if (!ended) {
            onContext(this::letGo);
        }
        return left;
    }

    private boolean hasBody() {
        String length = request.getHeader("Content-Length");
        return request.getHeader("Transfer-Encoding") != null || length != null && !"0".equals(length.trim());
    }

    private void letGo() {
        if (request.isEnded()) {
            return;
        }
        request.exceptionHandler(broken -> { });
        request.endHandler(end -> { });
        request.handler(nobodyReads -> { });
        request.resume();
        if (hasBody() && context != null) {
            context.owner().setTimer(LINGER_MILLIS, timer -> {
                if (!request.isEnded()) {
                    request.connection().close();
                }
            });
        }
    }

    private void onContext(Runnable task) {
        if (context == null) {
            task.run();
        } else {
            context.runOnContext(now -> task.run());
        }
    }
}
