package io.github.waroutes.springboot;

import java.util.Iterator;
import java.util.Map;

import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;
import org.apache.camel.health.HealthCheckRegistry;
import org.springframework.boot.actuate.health.CompositeHealthContributor;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthContributor;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.actuate.health.NamedContributor;

/**
 * The component {@code whatsapp} of the application's health: the bundle's checks by name, as {@code whatsapp/broker}, each with {@code reason}
 * and {@code what_to_do}. They come with the routes, after Spring Boot has looked at the groups that name them, so any name is answered, and one
 * that no check has is unknown.
 */
final class WhatsAppHealth implements CompositeHealthContributor {

    private static final String PREFIX = "whatsapp-";

    private final CamelContext context;

    WhatsAppHealth(CamelContext context) {
        this.context = context;
    }

    @Override
    public HealthContributor getContributor(String name) {
        return (HealthIndicator) () -> health(PREFIX + name);
    }

    @Override
    public Iterator<NamedContributor<HealthContributor>> iterator() {
        return registry().stream().map(HealthCheck::getId).filter(id -> id.startsWith(PREFIX)).sorted()
                .map(id -> id.substring(PREFIX.length())).map(name -> NamedContributor.of(name, getContributor(name))).iterator();
    }

    private HealthCheckRegistry registry() {
        return HealthCheckRegistry.get(context);
    }

    private Health health(String id) {
        HealthCheck check = registry().getCheck(id).orElse(null);
        if (check == null) {
            return Health.unknown().withDetail("reason", "There is no such check" + (context.isStarted() ? "." : " yet: the routes have not started.")).build();
        }
        HealthCheck.Result result = check.call(Map.of());
        Health.Builder health = switch (result.getState()) {
            case UP -> Health.up();
            case DOWN -> Health.down();
            case UNKNOWN -> Health.unknown();
        };
        result.getDetails().forEach((key, value) -> {
            if (!HealthCheckHelper.isReservedKey(key)) {
                health.withDetail(key, value);
            }
        });
        return health.build();
    }
}
