package io.github.waroutes.limit;

import io.github.waroutes.TestRedis;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Against a real Redis server. */
class RedisLimitsPropertiesTest extends LimitsProperties {

    @RegisterExtension
    static final TestRedis redis = new TestRedis();

    @Override
    LimitState state(ManualTime time) {
        redis.empty();
        return new RedisLimitState(redis.connection(), time);
    }

    @Override
    int runs() {
        return 20;
    }
}
