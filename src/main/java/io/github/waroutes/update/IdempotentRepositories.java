package io.github.waroutes.update;

import java.time.Duration;

import io.github.waroutes.state.HeapShare;
import io.github.waroutes.state.RedisConnection;
import org.apache.camel.spi.IdempotentRepository;
import org.apache.camel.support.processor.idempotent.MemoryIdempotentRepository;

/** Makes the repository of updates already handled: in this process, or shared in Redis. */
public final class IdempotentRepositories {

    private IdempotentRepositories() {
    }

    /**
     * @param redis the connection; not configured: in this process
     * @param size  how many ids this process remembers; 0: by the heap
     * @param hours how long Redis remembers an id
     */
    public static IdempotentRepository create(RedisConnection redis, int size, long hours) {
        return redis.isConfigured()
                ? new RedisIdempotentRepository(redis, Duration.ofHours(hours))
                : MemoryIdempotentRepository.memoryIdempotentRepository(
                        Math.toIntExact(HeapShare.entries(size, 50_000, "whatsapp.handled.size")));
    }
}
