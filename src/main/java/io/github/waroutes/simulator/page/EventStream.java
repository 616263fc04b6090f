package io.github.waroutes.simulator.page;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.setting.Loopback;
import io.github.waroutes.simulator.common.Events;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.people.Conversations;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.impl.ContextInternal;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Header;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.component.platform.http.PlatformHttpComponent;
import org.apache.camel.component.platform.http.PlatformHttpConstants;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.LifecycleStrategySupport;
import org.apache.camel.support.RoutePolicySupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /simulator/events}, all of them or with {@code ?user=} those about one user: {@link Events} as a
 * {@code text/event-stream} (WHATWG HTML, "Server-sent events") that holds no thread. It is the policy of the route of this
 * address, and answers before the route would; what it declines the route refuses. It adds itself to that route, as the key for
 * a policy in a route file is {@code routePolicy} up to Camel 4.18.0, and {@code routePolicyRef} later.
 *
 * <p>All readers are served on one event loop. Events are sent in batches; each is serialised once for all readers, and not at all
 * if none of them wants it. More readers get larger batches, and at most a tenth of the event loop's time; if that is not enough,
 * they are told to start over. A reader that does not read is skipped, and disconnected when the events it missed are no longer
 * kept: its browser then reconnects with {@code Last-Event-ID}.
 */
public class EventStream extends RoutePolicySupport implements RoutePolicyFactory, CamelContextAware {

    static final String ROUTE = "simulator-stream-events";
    private static final String BEAN = "simulatorEventStream";

    static final int MAX_READERS = 2000;

    private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);
    private static final int PIECE_BYTES = 64 * 1024;
    private static final int QUEUE_BYTES = 256 * 1024;
    /** How much is written before the event loop runs other tasks. */
    private static final int TURN_READERS = 32;
    private static final int TURN_BYTES = 512 * 1024;
    /** After each flush it pauses for this many times its duration, so that readers take at most a tenth of the event loop's time. */
    private static final int REST = 9;
    private static final String RESET = "\nevent: reset\ndata: {}\n";
    private static final long KEEP_ALIVE_SECONDS = 15;

    private final AtomicBoolean due = new AtomicBoolean();
    private final List<Reader> readers = new ArrayList<>();
    private final List<Reader> joining = new ArrayList<>();
    private final Events events;
    private final Conversations conversations;
    private CamelContext camel;
    private io.vertx.ext.web.Route mounted;
    private volatile EventLoop loop;
    private ScheduledFuture<?> keepAlive;
    private volatile boolean open;
    private volatile int count;
    /** The number of the last event that was written, or is being written, to readers that keep up. */
    private long position;
    private boolean writing;
    private boolean again;
    private long spentNanos;
    private volatile long restMillis;

    private static final class Reader {
        private final HttpServerResponse response;
        /** Null: it reads everything. */
        private final String user;
        private long seq;
        private boolean waiting;
        private int missedBeats;
        private boolean gone;

        Reader(HttpServerResponse response, String user, long seq) {
            this.response = response;
            this.user = user;
            this.seq = seq;
        }
    }

    public EventStream(Events events, Conversations conversations) {
        this.events = events;
        this.conversations = conversations;
    }

    @Override
    public void setCamelContext(CamelContext camel) {
        // which sets the context once more
        if (this.camel == null) {
            this.camel = camel;
            camel.addRoutePolicyFactory(this);
        }
    }

    @Override
    public CamelContext getCamelContext() {
        return camel;
    }

    /** Camel's loader may build a bean twice; the one in the registry serves. */
    @Override
    public RoutePolicy createRoutePolicy(CamelContext camelContext, String routeId, NamedNode route) {
        return ROUTE.equals(routeId) && camelContext.getRegistry().lookupByName(BEAN) == this ? this : null;
    }

    @Override
    public void onStart(Route route) {
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

    /**
     * The refusal of what {@link #take} declined: there are too many readers, or the parameter does not name one user.
     *
     * @param user the parameter of this name: a text, a list of them, or null
     */
    public void refuse(@Header("user") Object user) {
        boolean clear = user == null || user instanceof String text && (text.isBlank() || Recipient.of(text).isPresent());
        if (!clear) {
            throw Refusal.plain(400, "user must be one phone number (7 to 15 digits) or one business-scoped user id such as"
                    + " US.13491208655302741918; leave it out to hear of everybody");
        }
        throw Refusal.plain(503, "Too many pages are open on this simulator, or it is ending");
    }

    int readers() {
        return count;
    }

    private void take(RoutingContext context) {
        HttpServerRequest request = context.request();
        boolean local = request.remoteAddress() != null && Loopback.isAddress(request.remoteAddress().hostAddress());
        List<String> users = request.params().getAll("user");
        boolean all = users.isEmpty() || users.size() == 1 && users.get(0).isBlank();
        Optional<Recipient> user = users.size() == 1 ? Recipient.of(users.get(0)) : Optional.empty();
        if (!open || count >= MAX_READERS || !local || !all && user.isEmpty() || PageGuard.refusal(request).isPresent()) {
            context.next();
            return;
        }
        EventLoop mine = ((ContextInternal) context.vertx().getOrCreateContext()).nettyEventLoop();
        String after = request.getHeader("Last-Event-ID") == null ? request.getParam("after") : request.getHeader("Last-Event-ID");
        HttpServerResponse response = context.response();
        EventLoop hub = hub(mine);
        hub.execute(() -> join(response, user.map(Recipient::key).orElse(null), after));
    }

    /** The one event loop for all readers: that of the first of them. */
    private synchronized EventLoop hub(EventLoop first) {
        if (loop == null || keepAlive.isCancelled()) {
            loop = first;
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

    /** How long events are batched: not noticeable for one reader, long enough for hundreds to cost little. */
    private long pause() {
        return Math.max(restMillis, Math.min(250, 20 + count / 2));
    }

    private void join(HttpServerResponse response, String user, String after) {
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
        Reader reader = new Reader(response, key(user), known ? wanted.get() : events.now());
        response.exceptionHandler(failure -> LOG.debug("whatsapp.simulator.events.broken", failure));
        response.closeHandler(closed -> loop.execute(() -> leave(reader)));
        // a reader that is disconnected before its first event resumes from this id
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

    /** A range of events, serialised: all of them, and those about each user that has a reader. */
    private record Piece(long to, Buffer all, Map<String, Buffer> users, Buffer everybody) {

        Buffer of(Reader reader) {
            return reader.user == null ? all : users.getOrDefault(reader.user, everybody);
        }
    }

    /** The events from one number to another, serialised when the first reader needs them. */
    private final class Gathered {
        private final long from;
        private final long to;
        private final List<Events.Event> events;
        private final Set<String> users = new HashSet<>();
        private boolean all;
        private final List<Piece> pieces = new ArrayList<>();
        private int done;

        Gathered(long from, long to, List<Events.Event> events) {
            this.from = from;
            this.to = to;
            this.events = events;
        }

        void isFor(Reader reader) {
            if (reader.user == null) {
                all = true;
            } else {
                users.add(reader.user);
            }
        }

        /** Null when there are no more. */
        Piece piece(int index) {
            if (index == pieces.size() && done < events.size()) {
                pieces.add(write());
            }
            return index < pieces.size() ? pieces.get(index) : null;
        }

        private Piece write() {
            Buffer whole = Buffer.buffer();
            Buffer everybody = Buffer.buffer();
            Map<String, Buffer> own = new HashMap<>();
            int longest = 0;
            while (done < events.size() && longest < PIECE_BYTES) {
                Events.Event event = events.get(done++);
                String user = users.isEmpty() ? null : key(event.source().user());
                boolean toEverybody = Events.Source.EVERYBODY.equals(user);
                if (!all && !toEverybody && !users.contains(user)) {
                    continue;
                }
                JsonNode data = event.source().data();
                if (data == null) {
                    continue;
                }
                byte[] text = ("id: " + event.seq() + "\nevent: " + event.source().event() + "\ndata: " + data + "\n\n")
                        .getBytes(StandardCharsets.UTF_8);
                if (all) {
                    longest = Math.max(longest, whole.appendBytes(text).length());
                }
                if (toEverybody) {
                    own.values().forEach(one -> one.appendBytes(text));
                    everybody.appendBytes(text);
                    longest = own.values().stream().mapToInt(Buffer::length).reduce(Math.max(longest, everybody.length()), Math::max);
                } else if (users.contains(user)) {
                    Buffer one = own.computeIfAbsent(user, key -> everybody.copy()).appendBytes(text);
                    longest = Math.max(longest, one.length());
                }
            }
            return new Piece(done < events.size() ? events.get(done - 1).seq() : to, whole, own, everybody);
        }
    }

    /** The key of the user's conversation; the user may be given by another id. */
    private String key(String user) {
        boolean settled = user == null || user.isEmpty() || user.equals(Events.Source.EVERYBODY) || Character.isDigit(user.charAt(0));
        return settled ? user : conversations.keyOf(user);
    }

    private void flush() {
        if (writing) {
            // readers that are not done yet get the new events next time
            again = true;
            return;
        }
        due.set(false);
        if (readers.isEmpty() && !joining.isEmpty()) {
            position = joining.get(0).seq;
        }
        readers.addAll(joining);
        joining.clear();
        spentNanos = 0;
        long began = System.nanoTime();
        Optional<List<Events.Event>> after = events.after(position);
        List<Events.Event> list = after.orElse(List.of());
        long to = after.isEmpty() ? events.now() : list.isEmpty() ? position : list.get(list.size() - 1).seq();
        Gathered gathered = new Gathered(position, to, list);
        for (Reader reader : readers) {
            if (reader.seq == position && !reader.waiting) {
                gathered.isFor(reader);
            }
        }
        position = to;
        writing = true;
        spentNanos = System.nanoTime() - began;
        write(List.copyOf(readers).iterator(), gathered, after.isPresent());
    }

    /** Writes to the next few readers, then lets the event loop do other work. */
    private void write(Iterator<Reader> rest, Gathered gathered, boolean known) {
        long began = System.nanoTime();
        long bytes = 0;
        boolean more = false;
        try {
            for (int written = 0; written < TURN_READERS && bytes < TURN_BYTES && rest.hasNext();) {
                Reader reader = rest.next();
                if (!reader.gone && !reader.waiting && reader.seq < gathered.to) {
                    long got = known && reader.seq == gathered.from ? advance(reader, gathered) : catchUp(reader);
                    bytes += got;
                    // most readers of one user have no new events, and cost nothing
                    written += got > 0 ? 1 : 0;
                }
            }
            more = rest.hasNext();
        } finally {
            spentNanos += System.nanoTime() - began;
            restMillis = REST * TimeUnit.NANOSECONDS.toMillis(spentNanos);
            if (!more) {
                writing = false;
                if (again) {
                    again = false;
                    loop.schedule(this::flush, pause(), TimeUnit.MILLISECONDS);
                }
            }
        }
        if (more) {
            loop.execute(() -> write(rest, gathered, known));
        }
    }

    /** Writes until the reader has everything or accepts no more; returns the number of bytes. */
    private long advance(Reader reader, Gathered gathered) {
        long bytes = 0;
        Piece piece;
        for (int index = 0; (piece = gathered.piece(index)) != null; index++) {
            Buffer text = piece.of(reader);
            reader.seq = piece.to();
            if (text.length() == 0) {
                continue;
            }
            reader.response.write(text);
            bytes += text.length();
            if (reader.response.writeQueueFull()) {
                reader.waiting = true;
                reader.response.drainHandler(drained -> loop.execute(() -> goOn(reader)));
                return bytes;
            }
        }
        return bytes;
    }

    /** Lets a reader that is behind catch up with the others, or tells it to start over. */
    private long catchUp(Reader reader) {
        Gathered missed = missed(reader);
        if (missed == null) {
            // it did read, but there was more than could be sent
            reader.seq = events.now();
            reader.response.write("id: " + reader.seq + RESET + "\n");
            return RESET.length();
        }
        return advance(reader, missed);
    }

    /** The events that this reader lacks; null when some of them are no longer kept. */
    private Gathered missed(Reader reader) {
        List<Events.Event> after = events.after(reader.seq).orElse(null);
        if (after == null) {
            return null;
        }
        Gathered missed = new Gathered(reader.seq, Math.max(position, reader.seq),
                after.stream().takeWhile(event -> event.seq() <= position).toList());
        missed.isFor(reader);
        return missed;
    }

    /** A reader whose buffer was full accepts data again. */
    private void goOn(Reader reader) {
        reader.waiting = false;
        reader.missedBeats = 0;
        if (reader.gone) {
            return;
        }
        Gathered missed = missed(reader);
        if (missed == null) {
            cut(reader);
        } else {
            advance(reader, missed);
        }
    }

    /** Sends the periodic keep-alive to all readers. */
    void keepAlive() {
        loop.execute(this::beat);
    }

    private void beat() {
        for (Reader reader : List.copyOf(readers)) {
            if (!reader.waiting) {
                // with the event id, so that a reader without events about its user does not reconnect with an old one
                reader.response.write(":\nid: " + reader.seq + "\n\n");
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
