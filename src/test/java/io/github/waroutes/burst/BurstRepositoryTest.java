package io.github.waroutes.burst;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.github.waroutes.TestGateway;
import io.github.waroutes.TestRedis;
import io.github.waroutes.state.RedisConnection;
import io.github.waroutes.state.RedisClients;
import io.github.waroutes.state.StateUnavailableException;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.processor.aggregate.DefaultAggregateController;
import org.apache.camel.processor.aggregate.MemoryAggregationRepository;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.redisson.codec.SerializationCodec;

/** Against a real Redis server. */
class BurstRepositoryTest {

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private BurstRepository repository;

    /** One a test: it is stopped in the middle of one. */
    @RegisterExtension
    final TestRedis redis = new TestRedis();

    @BeforeEach
    void start() {
        repository = (BurstRepository) BurstRepositories.create(redis.connection(), 1000);
        repository.start();
    }

    @AfterEach
    void stop() {
        repository.stop();
    }

    private Exchange burst(String text) {
        Exchange exchange = new DefaultExchange(camel);
        exchange.getIn().setBody(text);
        exchange.getIn().setHeader("WhatsAppTimestamp", 1760000000L);
        exchange.getIn().setHeader(BurstStrategy.LENGTH, 3);
        return exchange;
    }

    @Test
    void anOpenBurstComesBackAsItWas() {
        Exchange burst = burst("one");
        repository.add(camel, "key", burst);
        Exchange back = repository.get(camel, "key");
        assertThat(back.getExchangeId()).isEqualTo(burst.getExchangeId());
        assertThat(back.getIn().getBody()).isEqualTo("one");
        assertThat(back.getIn().getHeaders()).containsEntry("WhatsAppTimestamp", 1760000000L).containsEntry(BurstStrategy.LENGTH, 3);
    }

    @Test
    void anEndedBurstIsThereToRecoverUntilItIsConfirmed() {
        Exchange burst = burst("one");
        repository.add(camel, "key", burst);
        repository.remove(camel, "key", burst);
        assertThat(repository.getKeys()).isEmpty();
        assertThat(repository.scan(camel)).containsExactly(burst.getExchangeId());
        assertThat(repository.recover(camel, burst.getExchangeId()).getIn().getBody()).isEqualTo("one");

        repository.confirm(camel, burst.getExchangeId());
        assertThat(repository.scan(camel)).isEmpty();
    }

    @Test
    void aForeignClassInRedisIsNotMade() {
        RedisClients.further(redis.connection(), new SerializationCodec()).getMap(BurstRepository.MAP).put("key", new java.io.File("x"));
        assertThatThrownBy(() -> repository.get(camel, "key")).hasStackTraceContaining("java.io.File");
    }

    @Test
    void aRedisThatWasAwayNeitherEndsTheRecoveryNorLeavesABurstOpen() {
        AtomicInteger ended = new AtomicInteger();
        camel.getRegistry().bind("whatsappBurstController", new DefaultAggregateController() {
            @Override
            public int forceCompletionOfAllGroups() {
                return ended.incrementAndGet();
            }
        });
        assertThat(repository.scan(camel)).isEmpty();
        assertThat(ended).hasValue(0);

        redis.stopServer();
        assertThatThrownBy(() -> repository.get(camel, "key")).isInstanceOf(StateUnavailableException.class);
        assertThat(repository.scan(camel)).isEmpty();
        assertThat(ended).hasValue(0);

        redis.startServer();
        await().atMost(TestGateway.LIMIT).untilAsserted(() -> {
            repository.scan(camel);
            assertThat(ended).hasValue(1);
        });
        repository.scan(camel);
        assertThat(ended).hasValue(1);
    }

    @Test
    void withoutAWindowRedisIsNotAsked() {
        RedisConnection dead = new RedisConnection();
        dead.setUrl("redis://127.0.0.1:1");
        assertThat(BurstRepositories.create(dead, 0)).isInstanceOf(MemoryAggregationRepository.class);
    }

    @Test
    void aWindowWithoutRedisIsRefused() {
        assertThatIllegalStateException().isThrownBy(() -> BurstRepositories.create(new RedisConnection(), 2000))
                .withMessageStartingWith("whatsapp.burst.window is 2000, and whatsapp.redis.url is not set.");
        assertThatIllegalArgumentException().isThrownBy(() -> BurstRepositories.create(redis.connection(), -1))
                .withMessageStartingWith("whatsapp.burst.window is -1.");
    }

    @Test
    void aClockThatIsPutBackLeavesNoBurstOpen() {
        AtomicInteger ended = new AtomicInteger();
        camel.getRegistry().bind("whatsappBurstController", new DefaultAggregateController() {
            @Override
            public int forceCompletionOfAllGroups() {
                return ended.incrementAndGet();
            }
        });
        AtomicLong clock = new AtomicLong(1_760_000_000_000L);
        repository.setClock(clock::get);
        repository.scan(camel);
        clock.addAndGet(6 * 3_600_000);
        repository.scan(camel);
        assertThat(ended).as("a clock that is put forward ends them itself").hasValue(0);
        clock.addAndGet(-6 * 3_600_000);
        repository.scan(camel);
        assertThat(ended).hasValue(1);
    }
}
