package io.github.waroutes.delivery;

import io.github.waroutes.state.RedisConnection;
import io.github.waroutes.state.StateStores;
import io.github.waroutes.state.StateUnavailableException;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.component.redis.processor.aggregate.RedisAggregationRepository;
import org.apache.camel.support.DefaultExchangeHolder;
import org.redisson.api.BatchOptions;
import org.redisson.api.RBatch;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.Codec;
import org.redisson.client.codec.StringCodec;
import org.redisson.codec.SerializationCodec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Camel's repository in Redis, over the bundle's one connection. What differs from Camel 4.17.0:
 * <ul>
 * <li>only the classes that a report is made of are read from Redis, where Camel's codec would make any object;
 * <li>what is put aside until the report is handled is the whole report: Camel's has not the last event;
 * <li>nodes may share a Redis: a report that one of them has in hand is claimed, and another recovers it only when the claim has run
 * out. Camel's would handle it twice.
 * </ul>
 */
final class RedisDeliveryReports extends RedisAggregationRepository implements CamelContextAware {

    private static final Logger LOG = LoggerFactory.getLogger(RedisDeliveryReports.class);
    private static final Duration CLAIM = Duration.ofSeconds(60);
    private static final int ATTEMPTS = 3;
    private static final Set<String> CLASSES = Set.of(DefaultExchangeHolder.class.getName(), "java.util.HashMap", "java.util.LinkedHashMap",
            "java.lang.Number", "java.lang.Integer", "java.lang.Long", "java.lang.Boolean", "java.lang.String");

    private final Codec codec = new SerializationCodec(RedisDeliveryReports.class.getClassLoader(), CLASSES);
    private final Duration claim;
    private CamelContext context;
    private RedisConnection redis;

    RedisDeliveryReports(String prefix) {
        this(prefix, CLAIM);
    }

    RedisDeliveryReports(String prefix, Duration claim) {
        this.claim = claim;
        setMapName(prefix + "open");
        setPersistenceMapName(prefix + "completed");
        setDeadLetterUri("direct:whatsapp-delivery-report-failed");
        setMaximumRedeliveries(ATTEMPTS);
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        context = camelContext;
    }

    @Override
    public CamelContext getCamelContext() {
        return context;
    }

    @Override
    protected void doStart() throws Exception {
        redis = StateStores.connection(context);
        setRedisson(redis.ask(this::withCodec));
        super.doStart();
    }

    @Override
    public Exchange get(CamelContext camelContext, String key) {
        return redis.ask(client -> super.get(camelContext, key));
    }

    @Override
    public Exchange add(CamelContext camelContext, String key, Exchange exchange) {
        return redis.ask(client -> super.add(camelContext, key, asText(exchange)));
    }

    @Override
    public void remove(CamelContext camelContext, String key, Exchange exchange) {
        asText(exchange);
        redis.tell(client -> putAside(client, key, exchange));
    }

    private void putAside(RedissonClient client, String key, Exchange exchange) {
        RBatch batch = client.createBatch(BatchOptions.defaults().executionMode(BatchOptions.ExecutionMode.REDIS_WRITE_ATOMIC));
        batch.getBucket(claimOf(exchange.getExchangeId()), StringCodec.INSTANCE).setAsync("1", claim);
        batch.getMap(getPersistenceMapName(), codec)
                .fastPutAsync(exchange.getExchangeId(), DefaultExchangeHolder.marshal(exchange, true, false));
        batch.getMap(getMapName(), codec).fastRemoveAsync(key);
        batch.execute();
    }

    @Override
    public void confirm(CamelContext camelContext, String exchangeId) {
        redis.tell(client -> {
            super.confirm(camelContext, exchangeId);
            client.getBucket(claimOf(exchangeId), StringCodec.INSTANCE).delete();
        });
    }

    /** Camel asks this again and again, and never after it has thrown. */
    @Override
    public Set<String> scan(CamelContext camelContext) {
        try {
            return redis.ask(client -> abandoned(camelContext, client));
        } catch (StateUnavailableException e) {
            LOG.debug("Redis does not answer; abandoned reports are looked for again", e);
            return Set.of();
        }
    }

    private Set<String> abandoned(CamelContext camelContext, RedissonClient client) {
        Set<String> abandoned = new HashSet<>();
        for (String exchangeId : super.scan(camelContext)) {
            if (client.getBucket(claimOf(exchangeId), StringCodec.INSTANCE).setIfAbsent("1", claim)) {
                abandoned.add(exchangeId);
            }
        }
        return abandoned;
    }

    @Override
    public Exchange recover(CamelContext camelContext, String exchangeId) {
        try {
            return redis.ask(client -> super.recover(camelContext, exchangeId));
        } catch (StateUnavailableException e) {
            LOG.debug("Redis does not answer; the report is recovered once its claim has run out", e);
            return null;
        }
    }

    private static Exchange asText(Exchange exchange) {
        if (exchange.getMessage().getBody() instanceof Delivery delivery) {
            exchange.getMessage().setBody(delivery.toJson());
        }
        return exchange;
    }

    private String claimOf(String exchangeId) {
        return getPersistenceMapName() + ":claim:" + exchangeId;
    }

    // the connection's own codec writes text only, and Camel asks for its maps without naming another
    private RedissonClient withCodec(RedissonClient client) {
        return (RedissonClient) Proxy.newProxyInstance(RedissonClient.class.getClassLoader(), new Class<?>[] {RedissonClient.class},
                (proxy, method, arguments) -> {
                    if ("getMap".equals(method.getName()) && arguments.length == 1 && arguments[0] instanceof String name) {
                        return client.getMap(name, codec);
                    }
                    try {
                        return method.invoke(client, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
