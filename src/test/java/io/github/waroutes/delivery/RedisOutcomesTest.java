package io.github.waroutes.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Against a real Redis server. */
class RedisOutcomesTest extends OutcomesContract {

    private static TestRedis redis;

    @BeforeAll
    static void startRedis() throws IOException {
        redis = new TestRedis();
    }

    @AfterAll
    static void stopRedis() throws IOException {
        redis.close();
    }

    @Override
    OutcomeJournal reopened() {
        return new RedisOutcomeJournal(redis::client, Duration.ofDays(30));
    }

    @Override
    void erase() {
        redis.empty();
    }

    @Test
    void aStatusOnOneNodeSettlesWhatWaitsOnAnother() {
        DeliveryTracker deaf = new DeliveryTracker(new LocalStateStore(10, Duration.ofDays(1)), new TestClock());
        Outcomes here = new Outcomes(reopened(), deaf, Duration.ofMinutes(10));
        Outcomes there = new Outcomes(reopened(), deaf, Duration.ofMinutes(10));
        here.unknown("one", TestClock.START);
        assertThat(there.settle("one", DeliveryState.SENT)).isTrue();
        assertThat(here.ask("one", TestClock.START)).isEqualTo(Verdict.SETTLED_SENT);
    }
}
