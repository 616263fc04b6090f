package io.github.waroutes.burst;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import io.github.waroutes.state.RedisClients;
import io.github.waroutes.state.RedisConnection;
import io.github.waroutes.state.StateUnavailableException;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.component.redis.processor.aggregate.RedisAggregationRepository;
import org.apache.camel.processor.aggregate.AggregateController;
import org.apache.camel.support.DefaultExchangeHolder;
import org.redisson.codec.SerializationCodec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps open bursts in Redis with camel-redis, in its pessimistic mode. What it reads from Redis may be made of the classes of an
 * exchange's holder and of no others, and a Redis that was away for a while neither ends the recovery nor leaves a burst open.
 */
class BurstRepository extends RedisAggregationRepository {

    static final String MAP = "whatsapp:burst";
    static final String COMPLETED = "whatsapp:burst:completed";

    private static final Logger LOG = LoggerFactory.getLogger("whatsapp");
    /** Beans of burst.camel.yaml, looked up when they are needed: Camel makes the beans of each file in its turn. */
    private static final String CONTROLLER = "whatsappBurstController";
    private static final String STRATEGY = "whatsappBurst";
    private static final Set<String> CLASSES = Set.of(DefaultExchangeHolder.class.getName(), "java.util.LinkedHashMap",
            "java.util.HashMap", "java.lang.String", "java.lang.Number", "java.lang.Integer", "java.lang.Long", "java.lang.Boolean");
    private static final long RECOVERY_MILLIS = 1_000;
    private static final long CLOCK_STEP_MILLIS = 2_000;

    private final RedisConnection redis;
    private final long window;
    private volatile boolean stumbled;
    private LongSupplier clock = System::currentTimeMillis;
    private boolean scanned;
    private long millisAtScan;
    private long nanosAtScan;

    BurstRepository(RedisConnection redis, long window) {
        this.redis = redis;
        this.window = window;
        setMapName(MAP);
        setPersistenceMapName(COMPLETED);
        setOptimistic(false);
        setUseRecovery(true);
        setRecoveryInterval(RECOVERY_MILLIS);
        // what Redis has is handed to the queue until the queue takes it
        setMaximumRedeliveries(0);
    }

    @Override
    protected void doStart() throws Exception {
        if (getRedisson() == null) {
            setRedisson(RedisClients.further(redis, new SerializationCodec(getClass().getClassLoader(), CLASSES)));
        }
        super.doStart();
        LOG.atInfo().addKeyValue("event", "whatsapp.burst.on").addKeyValue("window", window)
                .addKeyValue("meaning", "texts of one user are one turn, which ends that many milliseconds after the last; a text counts"
                        + " as handled once Redis has it, so Redis must keep what it took, and one node alone may recover")
                .log("whatsapp.burst.on");
    }

    /** Camel forgets the time-out of a group that it cannot read at that moment, so this is noted. */
    @Override
    public Exchange get(CamelContext camelContext, String key) {
        try {
            return redis.ask(client -> super.get(camelContext, key));
        } catch (StateUnavailableException e) {
            stumbled = true;
            throw e;
        }
    }

    @Override
    public void remove(CamelContext camelContext, String key, Exchange exchange) {
        try {
            redis.tell(client -> super.remove(camelContext, key, exchange));
        } catch (RuntimeException e) {
            stumbled = true;
            throw e;
        }
    }

    @Override
    public Exchange add(CamelContext camelContext, String key, Exchange exchange) {
        return redis.ask(client -> super.add(camelContext, key, exchange));
    }

    @Override
    public void confirm(CamelContext camelContext, String exchangeId) {
        redis.tell(client -> super.confirm(camelContext, exchangeId));
    }

    /**
     * camel-redis keeps an ended burst as it was before it ended, without the property that says what ended it; Camel 4.17's
     * recovery throws on that ({@code AggregateProcessor.aggregateCompletionCounter}), and never runs again.
     */
    @Override
    public Exchange recover(CamelContext camelContext, String exchangeId) {
        Exchange burst = recoverIfRedisAnswers(camelContext, exchangeId);
        if (burst != null && burst.getProperty(ExchangePropertyKey.AGGREGATED_COMPLETED_BY) == null) {
            burst.setProperty(ExchangePropertyKey.AGGREGATED_COMPLETED_BY, "timeout");
        }
        return burst;
    }

    private Exchange recoverIfRedisAnswers(CamelContext camelContext, String exchangeId) {
        try {
            return redis.ask(client -> super.recover(camelContext, exchangeId));
        } catch (StateUnavailableException e) {
            LOG.debug("Redis does not answer; the burst is recovered later", e);
            return null;
        }
    }

    /** Camel asks this every second, and never again after it has thrown. */
    @Override
    public Set<String> scan(CamelContext camelContext) {
        try {
            BurstStrategy strategy = bean(camelContext, STRATEGY, BurstStrategy.class);
            Map<String, String> gone = new HashMap<>(strategy == null ? Map.of() : strategy.underWay());
            Set<String> completed = Set.copyOf(redis.ask(client -> super.scan(camelContext)));
            gone.values().removeAll(completed);
            if (strategy != null) {
                strategy.storedElsewhere(gone);
            }
            AggregateController controller = bean(camelContext, CONTROLLER, AggregateController.class);
            if ((stumbled | clockWentBack()) && controller != null) {
                stumbled = false;
                controller.forceCompletionOfAllGroups();
            }
            return completed;
        } catch (RuntimeException e) {
            LOG.debug("Redis does not answer; bursts are looked for again in {} ms", RECOVERY_MILLIS, e);
            return Set.of();
        }
    }

    /** Camel ends a burst by the wall clock ({@code DefaultTimeoutMap}, 4.17): one that was put back by hours would keep it open for as long. */
    private boolean clockWentBack() {
        long millis = clock.getAsLong();
        long nanos = System.nanoTime();
        long before = TimeUnit.NANOSECONDS.toMillis(nanos - nanosAtScan);
        boolean back = scanned && millis - millisAtScan < before - CLOCK_STEP_MILLIS;
        scanned = true;
        millisAtScan = millis;
        nanosAtScan = nanos;
        return back;
    }

    void setClock(LongSupplier clock) {
        this.clock = clock;
    }

    private static <T> T bean(CamelContext camelContext, String name, Class<T> type) {
        return camelContext.getRegistry().lookupByNameAndType(name, type);
    }
}
