package io.github.waroutes.state;

import java.time.Duration;
import java.util.Set;

import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;

/**
 * Where the state of this room is kept: in this process, or in Redis for all nodes. The connection is looked up when it is first
 * needed, as Camel 4.17 makes the beans of different files in any order.
 */
public class StateStores implements CamelContextAware {

    private CamelContext context;
    private boolean shared;

    /** @param url the address of Redis; empty: in this process */
    public void setRedisUrl(String url) {
        RedisConnection.requireLibraries(url);
        shared = url != null && !url.isBlank();
    }

    public boolean isShared() {
        return shared;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        context = camelContext;
    }

    @Override
    public CamelContext getCamelContext() {
        return context;
    }

    /**
     * @param name before the keys in Redis, as in {@code whatsapp:NAME:}
     * @param size how many values this process keeps
     */
    public StateStore store(String name, long size, Duration timeToLive) {
        return shared
                ? new RedisStateStore(this::redis, "whatsapp:" + name + ':', timeToLive)
                : new LocalStateStore(size, timeToLive);
    }

    /**
     * @param redis  the connection; not configured: in this process
     * @param prefix before the keys in Redis
     * @param size   how many values this process keeps; 0: by the heap
     * @param hours  how long a value is kept after it was written
     */
    public static StateStore create(RedisConnection redis, String prefix, long size, long hours) {
        return redis.isConfigured()
                ? new RedisStateStore(() -> redis, prefix, Duration.ofHours(hours))
                : new LocalStateStore(HeapShare.entries(size, 15_000, "whatsapp.api.idempotency.size"), Duration.ofHours(hours));
    }

    /** The connection of this context. */
    public RedisConnection redis() {
        return connection(context);
    }

    /** @throws IllegalStateException if the registry has no connection, or more than one */
    public static RedisConnection connection(CamelContext context) {
        Set<RedisConnection> found = context == null ? Set.of() : context.getRegistry().findByType(RedisConnection.class);
        if (found.size() != 1) {
            throw new IllegalStateException("whatsapp.redis.url is set, and there is no bean that connects to it, or more than one."
                    + " Load routes/whatsapp/state.camel.yaml too, or bind one " + RedisConnection.class.getName() + '.');
        }
        return found.iterator().next();
    }
}
