package io.github.waroutes.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;

import io.github.waroutes.TestGateway;
import io.github.waroutes.state.RedisConnection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.redisson.api.RBucket;
import redis.embedded.RedisServer;

/** Against a real Redis server. */
class RedisMediaIdsTest extends MediaIdsContract {

    private static RedisServer server;
    private static RedisConnection redis;

    @BeforeAll
    static void startRedis() throws IOException {
        int port = TestGateway.freePort();
        server = RedisServer.newRedisServer().port(port).bind("127.0.0.1").setting("save \"\"").build();
        server.start();
        redis = new RedisConnection();
        redis.setUrl("redis://127.0.0.1:" + port);
    }

    @AfterAll
    static void stopRedis() throws IOException {
        redis.close();
        server.stop();
    }

    @Override
    MediaIds ids() {
        redis.client().getKeys().flushall();
        return new RedisMediaIds(redis, TIME_TO_LIVE);
    }

    @Override
    void pass(Duration time) {
        redis.client().getKeys().getKeysStream().forEach(key -> {
            RBucket<String> bucket = redis.client().getBucket(key);
            long left = bucket.remainTimeToLive() - time.toMillis();
            assertThat(bucket.remainTimeToLive()).as("every key has its time").isPositive();
            if (left > 0) {
                bucket.expire(Duration.ofMillis(left));
            } else {
                bucket.delete();
            }
        });
    }

    @Test
    void allKeysAreWhereTheBundleKeepsMedia() {
        ids().remember("a", "1");
        assertThat(redis.client().getKeys().getKeys()).hasSize(2).allMatch(key -> key.startsWith("whatsapp:media:"));
    }

    @Test
    void twoNodesShareWhatTheyKnow() throws Exception {
        UploadedMedia one = UploadedMedia.create(redis, 10, 29);
        UploadedMedia two = UploadedMedia.create(redis, 10, 29);
        assertThat(one.claim(upload("shared"))).isNull();
        one.keep(upload("shared"), "1");
        assertThat(two.claim(upload("shared"))).isEqualTo("1");
        two.forget("1");
        assertThat(one.claim(upload("shared"))).isNull();
    }
}
