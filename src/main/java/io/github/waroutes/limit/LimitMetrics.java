package io.github.waroutes.limit;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

import io.github.waroutes.metric.ContextMeters;
import io.github.waroutes.metric.Meters;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows what the limits leave: {@code whatsapp_rate_limit_remaining{limit,id}} from the first use of a number on, and
 * {@code whatsapp_rate_limit_pairs}, how many pairs have to wait (a user is never a label), and
 * {@code whatsapp_rate_limit_waits_total{limit}}, how often a message was told to wait by the limit of its number, its pair or its app's calls.
 *
 * <table>
 * <caption>limits</caption>
 * <tr><th>limit</th><th>id</th><th>value</th></tr>
 * <tr><td>number</td><td>phone_number_id</td><td>messages that may leave at once</td></tr>
 * <tr><td>account</td><td>account id</td><td>users that may still be written to within 24 hours; infinite without a limit</td></tr>
 * <tr><td>app</td><td>app, or the name of another app</td><td>percent of the app's call budget</td></tr>
 * </table>
 */
public class LimitMetrics implements CamelContextAware {

    private static final Logger LOG = LoggerFactory.getLogger(LimitMetrics.class);

    private final Map<String, Counter> waits = new ConcurrentHashMap<>();
    private CamelContext camelContext;
    private ContextMeters gauges;

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
        this.gauges = ContextMeters.of(camelContext);
    }

    void used(Limits limits, SendRequest request) {
        used(limits, Limits.NUMBER, request.phoneNumberId());
        if (request.startsConversation()) {
            used(limits, Limits.ACCOUNT, request.accountId());
        }
        String app = limits.settings().appOf(request.phoneNumberId());
        used(limits, Limits.APP, app.equals(LimitSettings.FIRST_APP) ? Limits.APP : app);
    }

    private void used(Limits limits, String limit, String id) {
        if (gauges != null && gauges.isNew(limit + ' ' + id)) {
            gauges.add(remaining(limits, limit, id));
            if (gauges.isNew("pairs")) {
                gauges.add(Gauge.builder("whatsapp.rate.limit.pairs", limits, Limits::limitedPairs)
                        .description("Pairs of a number and a user that have to wait").strongReference(true)::register);
            }
        }
    }

    /** A limit told a message to wait. */
    void waits(String limit) {
        Counter counter = waits.get(limit);
        MeterRegistry registry = counter == null && camelContext != null ? Meters.of(camelContext) : null;
        if (registry != null) {
            counter = waits.computeIfAbsent(limit, name -> Counter.builder("whatsapp.rate.limit.waits")
                    .description("Messages that a limit told to wait").tag("limit", name).register(registry));
        }
        if (counter != null) {
            counter.increment();
        }
    }

    private static Function<MeterRegistry, Gauge> remaining(Limits limits, String limit, String id) {
        Supplier<Number> value = () -> {
            try {
                return limits.remaining(limit, id);
            } catch (RuntimeException e) {
                LOG.debug("What limit {} leaves cannot be read", limit, e);
                return Double.NaN;
            }
        };
        return Gauge.builder("whatsapp.rate.limit.remaining", value)
                .description("What a limit leaves")
                .tag("limit", limit)
                .tag("id", id)::register;
    }
}
