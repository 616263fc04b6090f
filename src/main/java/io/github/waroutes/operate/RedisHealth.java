package io.github.waroutes.operate;

import java.time.Duration;
import java.util.Map;

import io.github.waroutes.state.RedisConnection;
import org.apache.camel.health.HealthCheckResultBuilder;

/**
 * The part {@code whatsapp-redis} of readiness: its detail {@code redis} is {@code not used}, {@code answers} or {@code away}, its detail
 * {@code away_seconds} says for how long. It stays up: webhooks are stored without Redis, and a gateway that is taken out of
 * service would get none. What needs Redis waits meanwhile.
 */
public class RedisHealth extends HealthPart {

    private RedisConnection redis;

    public RedisHealth() {
        super("whatsapp-redis");
    }

    public void setRedis(RedisConnection redis) {
        this.redis = redis;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        if (!redis.isConfigured()) {
            up(builder.detail("redis", "not used"), "Redis is not used.");
            return;
        }
        Duration away = redis.awayFor();
        if (away.isZero()) {
            up(builder.detail("redis", "answers"), "Redis answers.");
        } else {
            up(builder.detail("redis", "away").detail("away_seconds", away.toSeconds()),
                    "Redis does not answer: webhooks are stored, what needs Redis waits, the send API answers 503.",
                    "See whether the server of whatsapp.redis.url runs and can be reached from here; all goes on by itself when it is back.");
        }
    }
}
