package io.github.waroutes.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import org.junit.jupiter.api.Test;

class GraphCallRecorderTest {

    @Test
    void theOldestCallsGiveWayWhenTheirBodiesAreLargeTogether() {
        GraphCallRecorder calls = new GraphCallRecorder(Clock.systemUTC(), 10_100);
        for (int n = 0; n < 20; n++) {
            calls.end(calls.begin("POST", "/" + n, body(2_000)), 200, "{}", null);
        }

        assertThat(calls.list()).extracting(GraphCall::path).containsExactly("/16", "/17", "/18", "/19");
        assertThat(calls.list()).allMatch(call -> call.status() == 200);
    }

    @Test
    void aBodyAboveOneMebibyteIsKeptAsItsLength() {
        GraphCallRecorder calls = new GraphCallRecorder(Clock.systemUTC());
        calls.end(calls.begin("POST", "/a", body(GraphCallRecorder.MAX_BODY + 1)), 400, "{}", null);

        assertThat(calls.list().get(0).body().path("bytes").asInt()).isEqualTo(GraphCallRecorder.MAX_BODY + 1);
        assertThat(calls.list().get(0).body()).hasSize(1);
    }

    @Test
    void nothingIsKeptOnceItHasStopped() {
        GraphCallRecorder calls = new GraphCallRecorder(Clock.systemUTC());
        long before = calls.begin("GET", "/a", null);
        calls.stop();
        calls.end(before, 200, "{}", null);
        calls.end(calls.begin("GET", "/b", null), 200, "{}", null);

        assertThat(calls.list()).isEmpty();
    }

    private static byte[] body(int length) {
        return ("{\"text\":\"" + "x".repeat(length - 11) + "\"}").getBytes(StandardCharsets.US_ASCII);
    }
}
