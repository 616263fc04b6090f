package io.github.waroutes.state;

import org.redisson.client.RedisException;

/** Redis was found not to answer, and was not asked again: nothing was read or written. */
public class RedisAwayException extends RedisException {

    private static final long serialVersionUID = 1L;

    RedisAwayException() {
        super("Redis does not answer (whatsapp.redis.url); it is asked again as soon as it does");
    }
}
