package io.github.waroutes.media;

import java.time.Duration;

import io.github.waroutes.state.RedisConnection;
import org.redisson.api.RBucket;
import org.redisson.api.RedissonClient;

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
        return redis.ask(client -> bucket(client, BY_CONTENT + content).get());
    }

    @Override
    public void remember(String content, String mediaId) {
        redis.tell(client -> {
            // the way back first: what can be found can be forgotten
            bucket(client, BY_ID + mediaId).set(content, timeToLive);
            bucket(client, BY_CONTENT + content).set(mediaId, timeToLive);
        });
    }

    @Override
    public void forget(String mediaId) {
        redis.tell(client -> {
            String content = bucket(client, BY_ID + mediaId).getAndDelete();
            if (content != null) {
                // the same content may have a newer id by now
                bucket(client, BY_CONTENT + content).compareAndSet(mediaId, null);
            }
        });
    }

    private static RBucket<String> bucket(RedissonClient client, String key) {
        return client.getBucket(key);
    }
}
