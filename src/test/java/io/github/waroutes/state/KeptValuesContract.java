package io.github.waroutes.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

/** What holds for values that stay, wherever they are kept. */
abstract class KeptValuesContract {

    /** Of this process; each call is another start. */
    abstract KeptValues opened();

    @Test
    void whatIsPutStaysUntilItIsRemoved() {
        KeptValues values = opened();
        assertThat(values.isEmpty()).isTrue();
        values.put("a", "{\"one\": \"Grüße\"}");
        values.put("b", "2");
        values.put("b", "3");
        values.put("c", "4");
        assertThat(values.remove("c")).isEqualTo("4");
        assertThat(values.remove("c")).isNull();
        assertThat(values.isEmpty()).isFalse();

        KeptValues after = opened();
        assertThat(after.get("a")).isEqualTo("{\"one\": \"Grüße\"}");
        assertThat(after.values()).containsExactly("{\"one\": \"Grüße\"}", "3");
        assertThat(after.size()).isEqualTo(2);
        assertThat(after.get("c")).isNull();
        after.remove("a");
        after.remove("b");
        assertThat(after.isEmpty() || after.size() == 0).isTrue();
        assertThat(opened().values()).isEmpty();
    }

    @Test
    void thousandsOfChangesLeaveWhatIsTrueNow() {
        KeptValues values = opened();
        IntStream.range(0, 1_300).forEach(i -> values.put("key" + i % 10, "value" + i));
        assertThat(values.size()).isEqualTo(10);
        assertThat(opened().get("key9")).isEqualTo("value1299");
    }

    @Test
    void whatIsPutShowsAtOnceInTheSameProcess() {
        KeptValues values = opened();
        assertThat(values.isEmpty()).isTrue();
        values.put("a", "1");
        assertThat(values.isEmpty()).isFalse();
        values.remove("a");
        await().atMost(Duration.ofSeconds(10)).until(values::isEmpty);
    }
}
