package io.github.waroutes.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.waroutes.state.RedisConnection;
import org.apache.camel.spi.IdempotentRepository;
import org.apache.camel.support.processor.idempotent.MemoryIdempotentRepository;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdempotentRepositoriesTest {

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "  "})
    void withoutRedisThisProcessRemembersAsManyAsItIsTold(String url) throws Exception {
        IdempotentRepository repository = IdempotentRepositories.create(redis(url), 2, 1);
        assertThat(repository).isInstanceOfSatisfying(MemoryIdempotentRepository.class,
                memory -> assertThat(memory.getMaxCacheSize()).isEqualTo(2));
        repository.start();
        try {
            assertThat(repository.add("a")).isTrue();
            assertThat(repository.add("a")).isFalse();
            assertThat(repository.contains("a")).isTrue();
        } finally {
            repository.stop();
        }
    }

    @Test
    void withAUrlRedisRemembers() {
        assertThat(IdempotentRepositories.create(redis("redis://localhost:6379"), 2, 1)).isInstanceOf(RedisIdempotentRepository.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:6379", "http://localhost:6379", "redis://", "redis://a b", "6379"})
    void anAddressThatIsNoneStopsTheStart(String url) {
        assertThatIllegalArgumentException().isThrownBy(() -> IdempotentRepositories.create(redis(url), 2, 1))
                .withMessageStartingWith("whatsapp.redis.url is not an address.");
    }

    private static RedisConnection redis(String url) {
        RedisConnection redis = new RedisConnection();
        redis.setUrl(url);
        return redis;
    }
}
