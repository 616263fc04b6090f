package io.github.waroutes.operate;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import io.github.waroutes.metric.ContextMeters;
import io.github.waroutes.metric.Meters;
import io.github.waroutes.number.NumberRegistry;
import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.send.NumberGate;
import io.micrometer.core.instrument.Gauge;
import org.apache.camel.CamelContext;
import org.apache.camel.StartupListener;
import org.apache.camel.health.HealthCheckResultBuilder;

/**
 * Shows how many business numbers wait for a person (a token, an account, a payment): the gauge {@code whatsapp_numbers_stopped}, and the
 * detail {@code stopped} of the part {@code whatsapp-numbers} of readiness. Further details tell the numbers one by one, {@code number.} and the
 * name: {@code ok}, or since when it rests, until when, and for which error; an account or an app that rests is told by the number that was
 * refused ({@code account.}, {@code app.}). It stays up: other numbers send, all
 * of them receive, and a gateway that is taken out of service would get no webhooks.
 */
public class NumbersHealth extends HealthPart implements StartupListener {

    public NumbersHealth() {
        super("whatsapp-numbers");
    }

    /** Registers the check, and, once the application has its meters, the gauge. */
    @Override
    public void watch() throws Exception {
        super.watch();
        getCamelContext().addStartupListener(this);
    }

    @Override
    public void onCamelContextStarted(CamelContext context, boolean alreadyStarted) {
        if (Meters.of(context) == null || !Meters.isKept(context, "whatsappNumbersHealth", this)) {
            return;
        }
        ContextMeters meters = ContextMeters.of(context);
        if (!meters.isNew(this)) {
            return;
        }
        meters.add(Gauge.builder("whatsapp.numbers.stopped", this, NumbersHealth::stopped)
                .description("Business numbers that wait for a person: see whatsapp.number.stopped in the log").strongReference(true)::register);
    }

    private long stopped() {
        NumberGate numbers = numbers();
        return numbers == null ? 0 : numbers.stopped();
    }

    private NumberGate numbers() {
        return getCamelContext().getRegistry().lookupByNameAndType("whatsappNumbers", NumberGate.class);
    }

    /** Its name; of one that nobody has named the end of its id. */
    private static String name(NumberRegistry registry, String phoneNumberId) {
        String name = registry == null ? null : registry.nameOf(phoneNumberId);
        return name != null ? name : "…" + phoneNumberId.substring(Math.max(0, phoneNumberId.length() - 4));
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        long stopped = stopped();
        builder.detail("stopped", stopped);
        NumberGate numbers = numbers();
        NumberSettings settings = NumberSettings.in(getCamelContext());
        NumberRegistry registry = settings == null ? null : settings.registry();
        if (registry != null) {
            registry.all().forEach(number -> builder.detail("number." + number.name(), "ok"));
        }
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        List<NumberGate.Rest> rests = numbers == null ? List.of() : List.copyOf(numbers.rests());
        for (NumberGate.Rest rest : rests) {
            builder.detail(rest.scope() + '.' + name(registry, rest.phoneNumberId()), (rest.stopped() ? "stopped" : "throttled") + " since "
                    + now.minusSeconds(rest.since().toSeconds()) + " until " + now.plusSeconds(Math.max(0, rest.left().toSeconds()))
                    + ", error " + rest.error());
        }
        if (rests.isEmpty()) {
            up(builder, "No number waits.");
        } else {
            up(builder, rests.stream().map(rest -> rest.scope() + ' ' + name(registry, rest.phoneNumberId()) + (rest.stopped() ? " is stopped" : " waits")
                    + " (error " + rest.error() + ')').collect(Collectors.joining(", ", "", ": ")) + "nothing is sent there, and nothing is lost.",
                    stopped == 0 ? "Nothing: it goes on by itself." : "The command numbers, and the console page, say what to do about each.");
        }
    }
}
