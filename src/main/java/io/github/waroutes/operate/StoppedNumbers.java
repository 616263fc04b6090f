package io.github.waroutes.operate;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

import io.github.waroutes.number.NumberRegistry;
import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.send.NumberGate;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.camel.CamelContext;
import org.apache.camel.StartupListener;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * Shows how many business numbers wait for a person (a token, an account, a payment): the gauge {@code whatsapp_numbers_stopped}, and the
 * detail {@code stopped} of the readiness check {@code whatsapp-numbers}. Further details tell the numbers one by one, {@code number.} and the
 * name: {@code ok}, or since when it rests, until when, and for which error; an account or an app that rests is told by the number that was
 * refused ({@code account.}, {@code app.}). The check stays up: other numbers send, all
 * of them receive, and a gateway that is taken out of service would get no webhooks.
 */
public class StoppedNumbers extends AbstractHealthCheck implements StartupListener {

    public StoppedNumbers() {
        super("whatsapp", "whatsapp-numbers");
    }

    /** Registers the check, and, once the application has its meters, the gauge. */
    public void watch() throws Exception {
        HealthCheckRegistry registry = HealthCheckRegistry.get(getCamelContext());
        if (registry != null) {
            registry.unregister(this);
            registry.register(this);
        }
        getCamelContext().addStartupListener(this);
    }

    @Override
    public void onCamelContextStarted(CamelContext context, boolean alreadyStarted) {
        context.getRegistry().findByType(MeterRegistry.class).stream().findFirst().ifPresent(
                meters -> Gauge.builder("whatsapp.numbers.stopped", this, StoppedNumbers::stopped)
                        .description("Business numbers that wait for a person: see whatsapp.number.stopped in the log").strongReference(true)
                        .register(meters));
    }

    private long stopped() {
        NumberGate numbers = numbers();
        return numbers == null ? 0 : numbers.stopped();
    }

    private NumberGate numbers() {
        return getCamelContext().getRegistry().lookupByNameAndType("whatsappNumbers", NumberGate.class);
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    /** Its name; of one that nobody has named the end of its id. */
    private static String name(NumberRegistry registry, String phoneNumberId) {
        String name = registry == null ? null : registry.nameOf(phoneNumberId);
        return name != null ? name : "…" + phoneNumberId.substring(Math.max(0, phoneNumberId.length() - 4));
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        builder.detail("stopped", stopped()).up();
        NumberGate numbers = numbers();
        NumberSettings settings = NumberSettings.in(getCamelContext());
        NumberRegistry registry = settings == null ? null : settings.registry();
        if (registry != null) {
            registry.all().forEach(number -> builder.detail("number." + number.name(), "ok"));
        }
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        for (NumberGate.Rest rest : numbers == null ? List.<NumberGate.Rest>of() : numbers.rests()) {
            builder.detail(rest.scope() + '.' + name(registry, rest.phoneNumberId()), (rest.stopped() ? "stopped" : "throttled") + " since "
                    + now.minusSeconds(rest.since().toSeconds()) + " until " + now.plusSeconds(Math.max(0, rest.left().toSeconds()))
                    + ", error " + rest.error());
        }
    }
}
