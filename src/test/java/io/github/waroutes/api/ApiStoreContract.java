package io.github.waroutes.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.waroutes.state.StateStore;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

/** What holds wherever values are kept. */
abstract class ApiStoreContract {

    static final Duration LIMIT = Duration.ofSeconds(20);

    /** Empty values whose time is a day. */
    abstract StateStore values();

    /** Values whose time is short. */
    abstract StateStore values(Duration timeToLive);

    @Test
    void aValueTakesTheWayFromNothingToNothing() {
        StateStore values = values();
        assertThat(values.get("k")).isNull();
        assertThat(values.replace("k", null, "one")).isTrue();
        assertThat(values.get("k")).isEqualTo("one");
        assertThat(values.replace("k", "one", "two")).isTrue();
        assertThat(values.get("k")).isEqualTo("two");
        assertThat(values.replace("k", "two", null)).isTrue();
        assertThat(values.get("k")).isNull();
    }

    @Test
    void whatIsNotAsExpectedStays() {
        StateStore values = values();
        assertThat(values.replace("k", "one", "two")).isFalse();
        assertThat(values.replace("k", "one", null)).isFalse();
        assertThat(values.get("k")).isNull();
        values.replace("k", null, "one");
        assertThat(values.replace("k", null, "two")).isFalse();
        assertThat(values.replace("k", "other", "two")).isFalse();
        assertThat(values.replace("k", "other", null)).isFalse();
        assertThat(values.get("k")).isEqualTo("one");
    }

    @Test
    void keysHaveNothingToDoWithEachOther() {
        StateStore values = values();
        values.replace("a", null, "one");
        assertThat(values.replace("b", null, "two")).isTrue();
        assertThat(values.get("a")).isEqualTo("one");
    }

    @Test
    void ofManyAtOnceOneReplaces() throws Exception {
        StateStore values = values();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            for (String expected : new String[] {null, "first"}) {
                int done = 0;
                Callable<Boolean> call = () -> values.replace("k", expected, expected == null ? "first" : "second");
                for (Future<Boolean> one : threads.invokeAll(IntStream.range(0, 40).mapToObj(i -> call).toList())) {
                    done += one.get() ? 1 : 0;
                }
                assertThat(done).isEqualTo(1);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aValueIsForgottenWhenItsTimeIsOver() {
        StateStore values = values(Duration.ofMillis(200));
        values.replace("k", null, "one");
        await().atMost(LIMIT).until(() -> values.get("k") == null);
        assertThat(values.replace("k", null, "two")).isTrue();
    }

    // --- idempotency keys, over each kind of values

    private static org.apache.camel.Exchange request(String owner, String key, String body) {
        org.apache.camel.Exchange exchange = new org.apache.camel.support.DefaultExchange(new org.apache.camel.impl.DefaultCamelContext());
        ApiCall call = new ApiCall("messages");
        call.owner = owner;
        call.idempotencyKey = key;
        call.identify(body.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        call.on(exchange);
        return exchange;
    }

    @Test
    void aRequestIsNewUntilItIsDoneAndThenIsNot() {
        ApiRepeats repeats = new ApiRepeats(values());
        assertThat(repeats.isNew(request("t", "k", "a"))).isTrue();
        // not done yet: the other of two at once goes to the queue as well, under the same id
        assertThat(repeats.isNew(request("t", "k", "a"))).isTrue();
        assertThat(ApiCall.of(request("t", "k", "a")).id).isEqualTo(ApiCall.of(request("t", "k", "a")).id);
        repeats.done(request("t", "k", "a"));
        assertThat(repeats.isNew(request("t", "k", "a"))).isFalse();
        assertThat(repeats.isNew(request("other", "k", "a"))).isTrue();
    }

    @Test
    void anotherBodyUnderTheKeyIsRefusedWhileTheFirstIsGoingOnAndAfter() {
        ApiRepeats repeats = new ApiRepeats(values());
        repeats.isNew(request("t", "k", "a"));
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> repeats.isNew(request("t", "k", "b"))).isInstanceOfSatisfying(ApiException.class,
                e -> assertThat(e.getStatusCode()).isEqualTo(422));
        repeats.done(request("t", "k", "a"));
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> repeats.isNew(request("t", "k", "b"))).isInstanceOf(ApiException.class);
        // and the refused one takes nothing away
        repeats.release(request("t", "k", "b"));
        assertThat(repeats.isNew(request("t", "k", "a"))).isFalse();
    }

    @Test
    void aKeyIsFreeAfterAFailureButNotAfterASuccess() {
        ApiRepeats repeats = new ApiRepeats(values());
        repeats.isNew(request("t", "k", "a"));
        repeats.release(request("t", "k", "a"));
        assertThat(repeats.isNew(request("t", "k", "b"))).isTrue();
        repeats.done(request("t", "k", "b"));
        repeats.release(request("t", "k", "b"));
        assertThat(repeats.isNew(request("t", "k", "b"))).isFalse();
    }

    @Test
    void oneOfTwoThatFailsDoesNotUndoTheOther() {
        ApiRepeats repeats = new ApiRepeats(values());
        repeats.isNew(request("t", "k", "a"));
        repeats.isNew(request("t", "k", "a"));
        repeats.release(request("t", "k", "a"));
        repeats.done(request("t", "k", "a"));
        assertThat(repeats.isNew(request("t", "k", "a"))).isFalse();
    }
}
