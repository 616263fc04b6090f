package io.github.waroutes.media;

import java.time.Duration;

import io.github.waroutes.state.RedisConnection;
import org.redisson.api.RBucket;

/** In Redis, for all nodes; and by id too, so that an id can be forgotten. */
class RedisMediaIds implements MediaIds {

    private static final String BY_CONTENT = "whatsapp:media:content:";
    private static final String BY_ID = "whatsapp:media:id:";

    private final RedisConnection redis;
    private final Duration timeToLive;

    RedisMediaIds(RedisConnection redis, Duration timeToLive) {
        this.redis = redis;
        this.timeToLive = timeToLive;
    }

    @Override
    public String find(String content) {
        return bucket(BY_CONTENT + content).get();
    }

    @Override
    public void remember(String content, String mediaId) {
        // the way back first: what can be found can be forgotten
        bucket(BY_ID + mediaId).set(content, timeToLive);
        bucket(BY_CONTENT + content).set(mediaId, timeToLive);
    }

    @Override
    public void forget(String mediaId) {
        String content = bucket(BY_ID + mediaId).getAndDelete();
        if (content != null) {
            // the same content may have a newer id by now
            bucket(BY_CONTENT + content).compareAndSet(mediaId, null);
        }
    }

    private RBucket<String> bucket(String key) {
        return redis.client().getBucket(key);
    }
}
