package io.github.waroutes.update;

import java.time.Duration;

import org.apache.camel.spi.IdempotentRepository;
import org.apache.camel.support.processor.idempotent.MemoryIdempotentRepository;

/** Makes the repository of updates already handled: in this process, or shared in Redis. */
public final class IdempotentRepositories {

    private IdempotentRepositories() {
    }

    /**
     * @param redisUrl as in {@code redis://host:6379}; blank: in this process
     * @param size     how many ids this process remembers
     * @param hours    how long Redis remembers an id
     */
    public static IdempotentRepository create(String redisUrl, int size, long hours) {
        return redisUrl == null || redisUrl.isBlank()
                ? MemoryIdempotentRepository.memoryIdempotentRepository(size)
                : new RedisIdempotentRepository(redisUrl, Duration.ofHours(hours));
    }
}
