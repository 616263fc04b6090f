package io.github.waroutes.operate;

import java.util.Map;

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
 * detail {@code stopped} of the readiness check {@code whatsapp-numbers}. The check stays up: other numbers send, all of them receive, and
 * a gateway that is taken out of service would get no webhooks. The log event {@code whatsapp.number.stopped} says which number, and why.
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
        NumberGate numbers = getCamelContext().getRegistry().lookupByNameAndType("whatsappNumbers", NumberGate.class);
        return numbers == null ? 0 : numbers.stopped();
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        builder.detail("stopped", stopped()).up();
    }
}
