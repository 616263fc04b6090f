package io.github.waroutes.operate;

import java.time.Duration;
import java.util.Map;

import io.github.waroutes.state.RedisConnection;
import org.apache.camel.health.HealthCheckResultBuilder;

/**
 * The readiness check {@code whatsapp-redis}: its detail {@code redis} is {@code not used}, {@code answers} or {@code away}, its detail
 * {@code away_seconds} says for how long. The check stays up: webhooks are stored without Redis, and a gateway that is taken out of
 * service would get none. What needs Redis waits meanwhile.
 */
public class RedisHealth extends ReadinessCheck {

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
            builder.detail("redis", "not used").up();
            return;
        }
        Duration away = redis.awayFor();
        if (away.isZero()) {
            builder.detail("redis", "answers").up();
        } else {
            builder.message("Redis does not answer: messages wait, webhooks are stored").detail("redis", "away")
                    .detail("away_seconds", away.toSeconds()).up();
        }
    }
}
