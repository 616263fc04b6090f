package io.github.waroutes.state;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.redisson.api.RedissonClient;
import org.redisson.api.redisnode.RedisNodes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Redis again and again whether it answers, in a thread of its own. While it does not, nobody else has to find that out, each by
 * a time-out of its own. Log events: {@code whatsapp.redis.away}, {@code whatsapp.redis.back}.
 */
final class RedisWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger("whatsapp");
    private static final long EVERY_MILLIS = 250;

    private final RedissonClient client;
    private final long timeoutMillis;
    private final Thread thread;
    private volatile boolean running = true;
    private volatile boolean away;
    private volatile long changedAt = System.nanoTime();

    /** @param timeoutMillis after which a silent Redis counts as away */
    RedisWatch(RedissonClient client, long timeoutMillis) {
        this.client = client;
        this.timeoutMillis = timeoutMillis;
        thread = new Thread(this::run, "whatsapp-redis-watch");
        thread.setDaemon(true);
        thread.start();
    }

    boolean isAway() {
        return away;
    }

    /** For how long Redis has been away; zero: it answers. */
    Duration awayFor() {
        long since = changedAt;
        return away ? Duration.ofNanos(System.nanoTime() - since) : Duration.ZERO;
    }

    private void run() {
        try {
            while (running) {
                note(!answers());
                Thread.sleep(EVERY_MILLIS);
            }
        } catch (InterruptedException e) {
            LOG.debug("Redis is watched no longer", e);
        }
    }

    private boolean answers() throws InterruptedException {
        try {
            return client.getRedisNodes(RedisNodes.SINGLE).getInstance().pingAsync(timeoutMillis, TimeUnit.MILLISECONDS)
                    .toCompletableFuture().get(timeoutMillis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            LOG.debug("Redis does not answer", e);
            return false;
        }
    }

    private void note(boolean now) {
        if (now == away || !running) {
            return;
        }
        changedAt = System.nanoTime();
        away = now;
        if (now) {
            LOG.atWarn().addKeyValue("event", "whatsapp.redis.away").log("whatsapp.redis.away");
        } else {
            LOG.atInfo().addKeyValue("event", "whatsapp.redis.back").log("whatsapp.redis.back");
        }
    }

    @Override
    public void close() {
        running = false;
        thread.interrupt();
    }
}
