package io.github.waroutes.send;

import io.github.waroutes.delivery.DeliveryState;
import io.github.waroutes.delivery.DeliveryTracker;
import io.github.waroutes.delivery.Statuses;
import io.github.waroutes.state.LocalStateStore;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

import io.github.waroutes.TestClock;
import io.github.waroutes.TestRedis;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Against a real Redis server. */
class RedisOutcomesTest extends OutcomesContract {

    @RegisterExtension
    static final TestRedis redis = new TestRedis();

    @Override
    OutcomeJournal peeked() {
        return reopened();
    }

    @Override
    OutcomeJournal reopened() {
        return new RedisOutcomeJournal(redis::connection, Duration.ofDays(30));
    }

    @Override
    void erase() {
        redis.empty();
    }

    @Test
    void aStatusOnOneNodeSettlesWhatWaitsOnAnother() {
        DeliveryTracker deaf = new DeliveryTracker(new LocalStateStore(10, Duration.ofDays(1)), new TestClock());
        Outcomes here = new Outcomes(reopened(), deaf, Duration.ofMinutes(10), new TestClock(), System::nanoTime);
        Outcomes there = new Outcomes(reopened(), deaf, Duration.ofMinutes(10), new TestClock(), System::nanoTime);
        here.begin("one", null, here.attempt(null, false, Statuses.NUMBER));
        assertThat(there.settle("one", Statuses.NUMBER, DeliveryState.SENT)).isTrue();
        assertThat(here.ask("one", Statuses.NUMBER).verdict()).isEqualTo(Verdict.SETTLED_SENT);
    }

    @Test
    void anEntryExpiresByItself() {
        reopened().replace("a", null, new Outcome(TestClock.START, Verdict.WAITING));
        assertThat(redis.client().getBucket("whatsapp:outcome:a").remainTimeToLive())
                .isBetween(Duration.ofDays(29).toMillis(), Duration.ofDays(30).toMillis());
    }
}
