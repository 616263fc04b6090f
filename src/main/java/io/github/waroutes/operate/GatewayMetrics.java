package io.github.waroutes.operate;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.waroutes.metric.ContextMeters;
import io.github.waroutes.metric.Meters;
import io.github.waroutes.number.NumberRegistry;
import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.queue.QueueComponent;
import io.github.waroutes.queue.QueueDepth;
import io.github.waroutes.send.Outcomes;
import io.github.waroutes.state.RedisConnection;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.system.DiskSpaceMetrics;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.StartupListener;
import org.apache.camel.processor.idempotent.IdempotentConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows what the gateway holds: queues, what is in flight, attempts without an outcome, the circuit breaker, broker, Redis and disk. Queues
 * and attempts are looked at every {@value #LOOK_SECONDS} seconds, and not for a scrape: a broker that does not answer must not keep the
 * other metrics from Prometheus. What was not seen for a minute is not a number.
 */
public class GatewayMetrics implements CamelContextAware, StartupListener {

    private static final Logger LOG = LoggerFactory.getLogger(GatewayMetrics.class);
    private static final int LOOK_SECONDS = 5;
    private static final long MAX_REST_MILLIS = 30_000;
    private static final Duration FORGOTTEN = Duration.ofMinutes(1);
    /** An answer of Meta's is waited for half a minute at the most (whatsapp.http.read-timeout). */
    private static final Duration UNSETTLED = Duration.ofMinutes(1);
    private static final String ALL = "all";

    private CamelContext camelContext;
    private String deadLetter = "whatsapp.dead-letter";
    private String inbound = "whatsapp.inbound";
    private String outcomeDirectory = "";
    private long due = System.nanoTime();
    private volatile Look last = new Look(Map.of(), -1, null);

    /** @param number the name of a business number, or {@value #ALL} */
    private record Part(String queue, String number) {
    }

    private record Look(Map<Part, QueueDepth> depths, long unsettled, Instant at) {

        private <T> T ifRecent(Supplier<T> value, T otherwise) {
            return at == null || at.plus(FORGOTTEN).isBefore(Instant.now()) ? otherwise : value.get();
        }
    }

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
    }

    public void setDeadLetter(String deadLetter) {
        this.deadLetter = deadLetter;
    }

    public void setInbound(String inbound) {
        this.inbound = inbound;
    }

    /** @param directory where attempts are recorded; its disk is shown */
    public void setOutcomeDirectory(String directory) {
        this.outcomeDirectory = directory;
    }

    /** Waits until the application has its meters. */
    public void watch() throws Exception {
        camelContext.addStartupListener(this);
    }

    @Override
    public void onCamelContextStarted(CamelContext context, boolean alreadyStarted) {
        QueueDepths depths = context.getRegistry().lookupByNameAndType("whatsappQueueDepths", QueueDepths.class);
        if (Meters.of(context) == null || depths == null || context.hasComponent("whatsapp-queue") == null || !Meters.isKept(context, "whatsappMetrics", this)) {
            return;
        }
        ContextMeters meters = ContextMeters.of(context);
        if (!meters.isNew(this)) {
            return;
        }
        registerQueues(meters, depths);
        registerTheRest(meters, depths.component());
        ScheduledExecutorService looks = context.getExecutorServiceManager().newSingleThreadScheduledExecutor(this, "whatsapp-metrics");
        // repeated: what is to run once later would hold a stop up until it has run
        looks.scheduleWithFixedDelay(() -> look(meters, depths), 0, LOOK_SECONDS, TimeUnit.SECONDS);
    }

    private void registerQueues(ContextMeters meters, QueueDepths depths) {
        QueueComponent queues = depths.component();
        for (String queue : depths.queues()) {
            if (!depths.shelves().contains(queue)) {
                meters.add(Gauge.builder("whatsapp.queue.in.flight", () -> queues.inFlight(queue).running()).tag("queue", queue).tag("state", "running")
                        .description("Messages that this process has taken and that are not done")::register);
                meters.add(Gauge.builder("whatsapp.queue.in.flight", () -> queues.inFlight(queue).waiting()).tag("queue", queue).tag("state", "waiting")
                        .description("Messages that this process has taken and that are not done")::register);
            }
            meters.add(FunctionCounter.builder("whatsapp.repeats", queues, component -> component.repeats(queue)).tag("queue", queue).tag("found", "stored")
                    .description("Messages that were there before")::register);
        }
        meters.add(FunctionCounter.builder("whatsapp.repeats", this, GatewayMetrics::handledBefore).tag("queue", inbound).tag("found", "handled")
                .description("Messages that were there before")::register);
        meters.add(Gauge.builder("whatsapp.dead.letters.waiting", this, one -> one.messages(new Part(deadLetter, ALL)))
                .description("Dead letters that wait for a replay or a drop").strongReference(true)::register);
    }

    private double handledBefore() {
        IdempotentConsumer once = camelContext.getProcessor("inbound-once", IdempotentConsumer.class);
        return once == null ? 0 : once.getDuplicateMessageCount();
    }

    private void registerTheRest(ContextMeters meters, QueueComponent queues) {
        meters.add(Gauge.builder("whatsapp.broker.up", () -> queues.brokerState().up() ? 1 : 0).description("Whether the broker answers")::register);
        RedisConnection redis = camelContext.getRegistry().lookupByNameAndType("whatsappRedis", RedisConnection.class);
        if (redis != null && redis.isConfigured()) {
            meters.add(Gauge.builder("whatsapp.redis.up", () -> redis.awayFor().isZero() ? 1 : 0).description("Whether Redis answers")::register);
        }
        CircuitBreaker breaker = camelContext.getRegistry().lookupByNameAndType("whatsappGraphBreaker", CircuitBreaker.class);
        for (CircuitBreaker.State state : breaker == null ? List.<CircuitBreaker.State>of()
                : List.of(CircuitBreaker.State.CLOSED, CircuitBreaker.State.OPEN, CircuitBreaker.State.HALF_OPEN)) {
            meters.add(Gauge.builder("whatsapp.breaker.state", () -> breaker.getState() == state ? 1 : 0).tag("state", state.name().toLowerCase(Locale.ROOT))
                    .description("The circuit breaker of calls to Graph: 1 for the state that it is in")::register);
        }
        Outcomes outcomes = outcomes();
        if (outcomes != null && outcomes.unsettled(UNSETTLED) >= 0) {
            meters.add(Gauge.builder("whatsapp.attempts.unsettled", this, one -> one.last.ifRecent(() -> (double) one.last.unsettled(), Double.NaN))
                    .description("Attempts without an outcome for more than a minute").strongReference(true)::register);
        }
        Set<Path> directories = new LinkedHashSet<>(queues.directories());
        if (!outcomeDirectory.isBlank()) {
            directories.add(Path.of(outcomeDirectory));
        }
        directories.forEach(directory -> new DiskSpaceMetrics(existing(directory.toAbsolutePath()).toFile()).bindTo(Meters.of(camelContext)));
    }

    /** A directory that is made on first use has no disk before. */
    private static Path existing(Path directory) {
        Path nearest = directory;
        while (!Files.exists(nearest) && nearest.getParent() != null) {
            nearest = nearest.getParent();
        }
        return nearest;
    }

    private Outcomes outcomes() {
        return camelContext.getRegistry().lookupByNameAndType("whatsappOutcomes", Outcomes.class);
    }

    private void look(ContextMeters meters, QueueDepths depths) {
        long began = System.nanoTime();
        if (began - due < 0) {
            return;
        }
        try {
            Map<Part, QueueDepth> found = new HashMap<>();
            for (String queue : depths.queues()) {
                for (QueueDepth depth : depths.of(queue)) {
                    found.merge(new Part(queue, number(depth.value())), depth, QueueDepth::plus);
                }
            }
            Outcomes outcomes = outcomes();
            last = new Look(found, outcomes == null ? -1 : outcomes.unsettled(UNSETTLED), Instant.now());
            found.keySet().stream().filter(meters::isNew).forEach(part -> show(meters, part));
        } catch (ActiveMQException | RuntimeException e) {
            LOG.debug("The queues could not be looked at for the metrics", e);
        } finally {
            // thousands of numbers at a broker that is far away: a twentieth of the time at the most
            long ended = System.nanoTime();
            due = ended + Math.min(TimeUnit.MILLISECONDS.toNanos(MAX_REST_MILLIS), (ended - began) * 20);
        }
    }

    /** A label that no stranger can choose: what was queued for a number that is not configured has a common one. */
    private String number(String phoneNumberId) {
        if (phoneNumberId == null) {
            return ALL;
        }
        NumberSettings settings = NumberSettings.in(camelContext);
        NumberRegistry registry = settings == null ? null : settings.registry();
        String name = registry == null ? null : registry.nameOf(phoneNumberId);
        return name == null ? NumberSettings.OTHER : name;
    }

    private void show(ContextMeters meters, Part part) {
        meters.add(Gauge.builder("whatsapp.queue.messages", this, one -> one.messages(part)).tag("queue", part.queue()).tag("number", part.number())
                .description("Messages in the queue, those in flight included").strongReference(true)::register);
        meters.add(Gauge.builder("whatsapp.queue.oldest.age", this, one -> one.age(part)).tag("queue", part.queue()).tag("number", part.number())
                .description("How long the oldest message has been in the queue").baseUnit("seconds").strongReference(true)::register);
    }

    private double messages(Part part) {
        Look look = last;
        return look.ifRecent(() -> {
            QueueDepth depth = look.depths().get(part);
            return depth == null ? 0.0 : depth.messages();
        }, Double.NaN);
    }

    private double age(Part part) {
        Look look = last;
        return look.ifRecent(() -> {
            QueueDepth depth = look.depths().get(part);
            return depth == null || depth.oldest() == null ? 0.0 : Math.max(0, Duration.between(depth.oldest(), Instant.now()).toMillis() / 1000.0);
        }, Double.NaN);
    }
}
