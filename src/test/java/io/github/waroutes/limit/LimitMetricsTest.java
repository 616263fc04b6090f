package io.github.waroutes.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.waroutes.TestRedis;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

class LimitMetricsTest {

    private static final String REMAINING = "whatsapp.rate.limit.remaining";

    private final LimitMetrics metrics = new LimitMetrics();

    private Limits limits(LimitState state, MeterRegistry registry) {
        DefaultCamelContext context = new DefaultCamelContext();
        if (registry != null) {
            context.getRegistry().bind("metrics", MeterRegistry.class, registry);
        }
        metrics.setCamelContext(context);
        Limits limits = new Limits(state);
        limits.setMetrics(metrics);
        return limits;
    }

    private static SendRequest send(String user, boolean template) {
        return new SendRequest("106540352242922", user, "102290129340398", template, false, false);
    }

    @Test
    void whatIsLeftShowsFromTheFirstUseOn() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Limits limits = limits(new LocalLimitState(new ManualTime()), registry);
        assertThat(registry.getMeters()).isEmpty();

        limits.reserve(send("a", true));
        limits.reserve(send("a", true));
        assertThat(registry.get(REMAINING).tags("limit", "number", "id", "106540352242922").gauge().value()).isEqualTo(6);
        assertThat(registry.get(REMAINING).tags("limit", "account", "id", "102290129340398").gauge().value()).isEqualTo(249);
        assertThat(registry.get(REMAINING).tags("limit", "app", "id", "app").gauge().value()).isEqualTo(100);
        assertThat(registry.get("whatsapp.rate.limit.pairs").gauge().value()).isZero();
        assertThat(registry.getMeters()).hasSize(4);

        metrics.getCamelContext().start();
        metrics.getCamelContext().stop();
        assertThat(registry.getMeters()).as("the next context in the host has gauges of its own").isEmpty();
        metrics.getCamelContext().getRegistry().bind("metrics", MeterRegistry.class, registry);
        metrics.getCamelContext().start();
        limits.reserve(send("a", true));
        assertThat(registry.getMeters()).as("and so has this one, once it is started again").hasSize(4);
    }

    @Test
    void pairsThatWaitAreCountedAndNotNamed() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Limits limits = limits(new LocalLimitState(new ManualTime()), registry);
        limits.settings().setTier("unlimited");
        limits.reserve(send("16505551234", true));
        limits.pairThrottled("106540352242922", "16505551234");
        limits.pairThrottled("106540352242922", "16505551235");
        assertThat(registry.scrape()).contains("whatsapp_rate_limit_pairs 2.0")
                .contains("whatsapp_rate_limit_remaining{id=\"102290129340398\",limit=\"account\"} +Inf").doesNotContain("1650555");
    }

    @Test
    void waitsAreCountedByTheLimitThatAskedForThem() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Limits limits = limits(new LocalLimitState(new ManualTime()), registry);
        limits.settings().setTier("unlimited");
        limits.reserve(send("a", true));
        assertThat(registry.find("whatsapp.rate.limit.waits").counters()).isEmpty();
        limits.pairThrottled("106540352242922", "a");
        limits.reserve(send("a", true));
        for (int user = 0; user < 20; user++) {
            limits.reserve(send("user" + user, true));
        }
        assertThat(registry.get("whatsapp.rate.limit.waits").tag("limit", "pair").counter().count()).isEqualTo(1);
        assertThat(registry.get("whatsapp.rate.limit.waits").tag("limit", "number").counter().count()).as("eight may leave at once").isEqualTo(13);
    }

    @Test
    void aStateThatDoesNotAnswerShowsAsUnknown() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (TestRedis redis = TestRedis.started()) {
            Limits limits = limits(new RedisLimitState(redis.connection(), new ManualTime()), registry);
            limits.reserve(send("a", false));
            redis.stopServer();
            assertThat(registry.get(REMAINING).tag("limit", "number").gauge().value()).isNaN();
        }
    }

    @Test
    void withoutARegistryNothingIsShownAndNothingFails() {
        assertThat(limits(new LocalLimitState(new ManualTime()), null).reserve(send("a", true)).reserved()).isTrue();
    }
}
