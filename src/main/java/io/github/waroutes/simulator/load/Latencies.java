package io.github.waroutes.simulator.load;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import io.micrometer.core.instrument.distribution.ValueAtPercentile;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Percentiles of times, in a histogram of two significant digits whose size does not depend on how many there are. Thread-safe. */
public final class Latencies {

    private static final double[] PERCENTILES = {0.5, 0.9, 0.99, 0.999};
    private static final String[] NAMES = {"p50", "p90", "p99", "p99_9"};
    /** Longer than any load: micrometer forgets what is older. */
    private static final Duration EVER = Duration.ofDays(365);

    private final Timer timer = Timer.builder("latency").publishPercentiles(PERCENTILES).percentilePrecision(2)
            .distributionStatisticExpiry(EVER).distributionStatisticBufferLength(1).register(new SimpleMeterRegistry());

    public void record(long nanos) {
        timer.record(Math.max(0, nanos), TimeUnit.NANOSECONDS);
    }

    /** {@code {"p50","p90","p99","p99_9","max"}} in milliseconds; empty when there are none. */
    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        HistogramSnapshot snapshot = timer.takeSnapshot();
        if (snapshot.count() > 0) {
            double max = snapshot.max(TimeUnit.MILLISECONDS);
            ValueAtPercentile[] values = snapshot.percentileValues();
            for (int i = 0; i < values.length; i++) {
                // the histogram rounds up to its digits
                json.put(NAMES[i], rounded(Math.min(max, values[i].value(TimeUnit.MILLISECONDS))));
            }
            json.put("max", rounded(max));
        }
        return json;
    }

    private static double rounded(double millis) {
        return Math.round(millis * 10) / 10.0;
    }
}
