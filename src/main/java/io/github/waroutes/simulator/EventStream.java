package io.github.waroutes.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.impl.ContextInternal;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.component.platform.http.PlatformHttpComponent;
import org.apache.camel.component.platform.http.PlatformHttpConstants;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.support.LifecycleStrategySupport;
import org.apache.camel.support.RoutePolicySupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /simulator/events}: {@link SimulatorEvents} as a {@code text/event-stream} (WHATWG HTML, "Server-sent events")
 * that holds no thread. It is the policy of the route of this address, and answers before the route would; what it declines
 * the route refuses.
 *
 * <p>All readers are served on one event loop. Events of a short while go out together, and are written down once for all
 * readers; the more readers, the longer the while, and a tenth of the event loop's time is the most they get: if that is not enough,
 * they are told to begin anew. A reader that takes nothing is passed over, and cut off when what it has
 * missed is forgotten: its browser then comes back with {@code Last-Event-ID}.
 */
public class EventStream extends RoutePolicySupport {

    static final int MOST_READERS = 2000;

    private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);
    private static final int PIECE_BYTES = 64 * 1024;
    private static final int QUEUE_BYTES = 256 * 1024;
    /** So much is written before the event loop turns to others. */
    private static final int TURN_READERS = 32;
    private static final int TURN_BYTES = 512 * 1024;
    /** After each flush it is this many times as long quiet as it took: readers never take more of the event loop than a tenth. */
    private static final int REST = 9;
    private static final String RESET = "\nevent: reset\ndata: {}\n";
    private static final long KEEP_ALIVE_SECONDS = 15;

    private final AtomicBoolean due = new AtomicBoolean();
    private final List<Reader> readers = new ArrayList<>();
    private final List<Reader> joining = new ArrayList<>();
    private CamelContext camel;
    private SimulatorEvents events;
    private io.vertx.ext.web.Route mounted;
    private volatile EventLoop loop;
    private ScheduledFuture<?> keepAlive;
    private volatile boolean open;
    private volatile int count;
    private long spentNanos;
    private volatile long restMillis;

    private static final class Reader {
        private final HttpServerResponse response;
        private long seq;
        private boolean waiting;
        private int missedBeats;
        private boolean gone;

        Reader(HttpServerResponse response, long seq) {
            this.response = response;
            this.seq = seq;
        }
    }

    @Override
    public void onStart(Route route) {
        camel = route.getCamelContext();
        PlatformHttpComponent http = camel.getComponent(PlatformHttpConstants.PLATFORM_HTTP_COMPONENT_NAME,
                PlatformHttpComponent.class);
        VertxPlatformHttpRouter router = VertxPlatformHttpRouter.lookup(camel,
                VertxPlatformHttpRouter.getRouterNameFromPort(http.getEngine().getServerPort()));
        if (router == null) {
            router = VertxPlatformHttpRouter.lookup(camel, VertxPlatformHttpRouter.PLATFORM_HTTP_ROUTER_NAME_ZERO);
        }
        if (router == null) {
            throw new IllegalStateException("The simulator's events need platform-http on Vert.x");
        }
        camel.addLifecycleStrategy(new LifecycleStrategySupport() {
            @Override
            public void onContextStopping(CamelContext context) {
                // first of all: a stream would never end by itself
                end();
            }
        });
        open = true;
        // before the route's own handler
        mounted = router.route(HttpMethod.GET, "/simulator/events").order(-1).handler(this::take);
    }

    @Override
    public void onStop(Route route) {
        if (mounted != null) {
            mounted.remove();
            mounted = null;
        }
        end();
    }

    /** The refusal of what {@link #take} declined for no other reason: there are too many readers. */
    public void refuse() {
        throw SimulatorFault.plain(503, "Too many pages are open on this simulator, or it is ending");
    }

    int readers() {
        return count;
    }

    private void take(RoutingContext context) {
        HttpServerRequest request = context.request();
        boolean local = request.remoteAddress() != null && LoopbackOnly.isLoopback(request.remoteAddress().hostAddress());
        if (!open || count >= MOST_READERS || !local || PageGuard.refusal(request).isPresent()) {
            context.next();
            return;
        }
        EventLoop mine = ((ContextInternal) context.vertx().getOrCreateContext()).nettyEventLoop();
        String after = request.getHeader("Last-Event-ID") == null ? request.getParam("after") : request.getHeader("Last-Event-ID");
        HttpServerResponse response = context.response();
        EventLoop hub = hub(mine);
        hub.execute(() -> join(response, after));
    }

    /** The one event loop for all readers: that of the first of them. */
    private synchronized EventLoop hub(EventLoop first) {
        if (loop == null || keepAlive.isCancelled()) {
            loop = first;
            events = SimulatorState.in(camel.getRegistry()).events();
            events.onEvent(this::wake);
            keepAlive = loop.scheduleAtFixedRate(this::beat, KEEP_ALIVE_SECONDS, KEEP_ALIVE_SECONDS, TimeUnit.SECONDS);
        }
        return loop;
    }

    private void wake() {
        if (count > 0 && due.compareAndSet(false, true)) {
            loop.schedule(this::flush, pause(), TimeUnit.MILLISECONDS);
        }
    }

    /** How long events are gathered: not noticeable for one reader, long enough for hundreds to cost little. */
    private long pause() {
        return Math.max(restMillis, Math.min(250, 20 + count / 2));
    }

    private void join(HttpServerResponse response, String after) {
        if (response.closed()) {
            return;
        }
        if (!open) {
            response.setStatusCode(503).end();
            return;
        }
        response.setChunked(true).setWriteQueueMaxSize(QUEUE_BYTES);
        response.putHeader("Content-Type", "text/event-stream; charset=utf-8").putHeader("Cache-Control", "no-cache, no-transform")
                .putHeader("X-Accel-Buffering", "no").putHeader("X-Content-Type-Options", "nosniff");
        Optional<Long> wanted = Optional.ofNullable(after).filter(text -> text.matches("[0-9]{1,18}")).map(Long::valueOf);
        boolean known = wanted.isPresent() && events.after(wanted.get()).isPresent();
        Reader reader = new Reader(response, known ? wanted.get() : events.now());
        response.exceptionHandler(failure -> LOG.debug("whatsapp.simulator.events.broken", failure));
        response.closeHandler(closed -> loop.execute(() -> leave(reader)));
        // the bare id is where a reader goes on that is cut off before it got any event
        response.write("retry: 1000\nid: " + reader.seq + (after != null && !known ? RESET : "\n") + "\n");
        joining.add(reader);
        count++;
        if (known) {
            wake();
        }
    }

    private void leave(Reader reader) {
        if (!reader.gone) {
            reader.gone = true;
            count--;
            readers.remove(reader);
            joining.remove(reader);
        }
    }

    /** What was gathered, written down. */
    private record Piece(long from, long to, Buffer text) {
    }

    private void flush() {
        due.set(false);
        readers.addAll(joining);
        joining.clear();
        spentNanos = 0;
        write(List.copyOf(readers).iterator(), null);
    }

    /** Writes to the next few readers, then lets the event loop do other work. */
    private void write(Iterator<Reader> rest, Piece shared) {
        long began = System.nanoTime();
        Piece piece = shared;
        long bytes = 0;
        for (int written = 0; written < TURN_READERS && bytes < TURN_BYTES && rest.hasNext(); written++) {
            Reader reader = rest.next();
            if (!reader.gone && !reader.waiting) {
                if (piece == null || piece.from() != reader.seq) {
                    piece = next(reader.seq);
                }
                bytes += advance(reader, piece);
            }
        }
        spentNanos += System.nanoTime() - began;
        restMillis = REST * TimeUnit.NANOSECONDS.toMillis(spentNanos);
        if (rest.hasNext()) {
            Piece last = piece;
            loop.execute(() -> write(rest, last));
        }
    }

    /** Writes on until the reader has everything or takes no more; returns how many bytes that were. */
    private long advance(Reader reader, Piece first) {
        long bytes = 0;
        Piece piece = first;
        while (true) {
            if (piece == null) {
                // it did read, but there was more than could be told
                reader.seq = events.now();
                reader.response.write("id: " + reader.seq + RESET + "\n");
                return bytes;
            }
            if (piece.to() == reader.seq) {
                return bytes;
            }
            if (piece.text().length() > 0) {
                reader.response.write(piece.text());
                bytes += piece.text().length();
            }
            reader.seq = piece.to();
            if (reader.response.writeQueueFull()) {
                reader.waiting = true;
                reader.response.drainHandler(drained -> loop.execute(() -> {
                    reader.waiting = false;
                    reader.missedBeats = 0;
                    if (reader.gone) {
                        return;
                    }
                    Piece following = next(reader.seq);
                    if (following == null) {
                        cut(reader);
                    } else {
                        advance(reader, following);
                    }
                }));
                return bytes;
            }
            piece = next(reader.seq);
        }
    }

    /** The events after this one, as many as make a piece; null when some of them are forgotten. */
    private Piece next(long seq) {
        Optional<List<SimulatorEvents.Event>> after = events.after(seq);
        if (after.isEmpty()) {
            return null;
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        long to = seq;
        for (SimulatorEvents.Event event : after.get()) {
            JsonNode data = event.source().data();
            if (data != null) {
                text.writeBytes(("id: " + event.seq() + "\nevent: " + event.source().event() + "\ndata: " + data + "\n\n")
                        .getBytes(StandardCharsets.UTF_8));
            }
            to = event.seq();
            if (text.size() >= PIECE_BYTES) {
                break;
            }
        }
        return new Piece(seq, to, Buffer.buffer(text.toByteArray()));
    }

    private void beat() {
        for (Reader reader : List.copyOf(readers)) {
            if (!reader.waiting) {
                reader.response.write(":\n\n");
            } else if (++reader.missedBeats > 1) {
                cut(reader);
            } else if (events.after(reader.seq).isEmpty()) {
                cut(reader);
            }
        }
    }

    private void cut(Reader reader) {
        leave(reader);
        reader.response.reset();
    }

    private synchronized void end() {
        open = false;
        if (loop != null) {
            keepAlive.cancel(false);
            events.onEvent(() -> { });
            loop.execute(() -> {
                readers.addAll(joining);
                joining.clear();
                readers.forEach(reader -> {
                    reader.gone = true;
                    if (!reader.response.ended() && !reader.response.closed()) {
                        reader.response.end();
                    }
                });
                readers.clear();
                count = 0;
            });
        }
    }
}
