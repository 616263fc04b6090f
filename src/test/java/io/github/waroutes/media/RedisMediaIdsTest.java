package io.github.waroutes.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

import io.github.waroutes.TestRedis;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.redisson.api.RBucket;

/** Against a real Redis server. */
class RedisMediaIdsTest extends MediaIdsContract {

    @RegisterExtension
    static final TestRedis redis = new TestRedis();

    @Override
    MediaIds ids() {
        redis.empty();
        return new RedisMediaIds(redis.connection(), TIME_TO_LIVE);
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
        UploadedMedia one = UploadedMedia.create(redis.connection(), 10, 29);
        UploadedMedia two = UploadedMedia.create(redis.connection(), 10, 29);
        assertThat(one.claim(upload("shared"))).isNull();
        one.keep(upload("shared"), "1");
        assertThat(two.claim(upload("shared"))).isEqualTo("1");
        two.forget("1");
        assertThat(one.claim(upload("shared"))).isNull();
    }
}
