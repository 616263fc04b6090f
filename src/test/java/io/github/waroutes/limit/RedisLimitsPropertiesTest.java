package io.github.waroutes.limit;

import java.io.IOException;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Against a real Redis server. */
class RedisLimitsPropertiesTest extends LimitsProperties {

    private static LocalRedis redis;

    @BeforeAll
    static void startRedis() throws IOException {
        redis = new LocalRedis();
    }

    @AfterAll
    static void stopRedis() throws IOException {
        redis.close();
    }

    @Override
    LimitState state(ManualTime time) {
        redis.client().getKeys().flushall();
        return new RedisLimitState(redis.client(), time);
    }

    @Override
    int runs() {
        return 20;
    }
}
