package io.github.waroutes.operate;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.main.MainHttpServer;
import org.apache.camel.component.platform.http.main.ManagementHttpServer;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.support.LifecycleStrategySupport;
import org.apache.camel.support.service.ServiceSupport;

/**
 * The health of the stand-alone gateway on its management port, part by part with reason and what to do: {@code /observe/health}, and below it
 * {@code /live}, {@code /ready} and {@code /started}. Until the routes take requests, and once they do not any more, all else is answered with
 * 503 on both ports, where Camel 4.17.0 would answer 404.
 */
public class HealthServer extends MainListenerSupport {

    /** Every part, not only those that are down. */
    private static final String FULL = "full";

    @Override
    public void afterConfigure(BaseMainSupport main) {
        CamelContext context = main.getCamelContext();
        // it is of readiness and of liveness at once, and down while the process starts and stops
        HealthCheckRegistry registry = HealthCheckRegistry.get(context);
        if (registry != null) {
            registry.getCheck("context").ifPresent(registry::unregister);
        }
        try {
            // as early as the servers, and after them
            context.addService(new Answers(context), true, true);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Answers extends ServiceSupport {

        private final CamelContext context;

        private Answers(CamelContext context) {
            this.context = context;
        }

        @Override
        protected void doStart() throws Exception {
            ManagementHttpServer management = context.hasService(ManagementHttpServer.class);
            if (management != null && management.isHealthCheckEnabled()) {
                String path = management.getHealthPath();
                serve(management, path, () -> HealthCheckHelper.invoke(context, FULL), false);
                serve(management, path + "/live", () -> HealthCheckHelper.invokeLiveness(context, FULL), false);
                serve(management, path + "/ready", () -> HealthCheckHelper.invokeReadiness(context, FULL), true);
                serve(management, path + "/started", () -> HealthCheckHelper.invoke(context, StartHealth.ID, Map.of()).stream().toList(), true);
            }
            MainHttpServer open = context.hasService(MainHttpServer.class);
            List<Route> closed = Stream.of(management == null ? null : management.getRouter(), open == null ? null : open.getRouter())
                    .filter(Objects::nonNull).map(router -> router.route().last()
                            .handler(request -> request.response().setStatusCode(503).putHeader("Retry-After", "1").end())).toList();
            context.addLifecycleStrategy(new LifecycleStrategySupport() {
                @Override
                public void onContextStarted(CamelContext started) {
                    closed.forEach(Route::disable);
                }

                @Override
                public void onContextStopping(CamelContext stopping) {
                    closed.forEach(Route::enable);
                }
            });
        }

        /** Before Camel's own, whose answer has reasons only on request, and escapes them twice. */
        private static void serve(ManagementHttpServer server, String path, Supplier<Collection<HealthCheck.Result>> parts, boolean readiness) {
            server.getRouter().route(HttpMethod.GET, path).order(-1).blockingHandler(request -> answer(request, parts.get(), readiness), false);
        }

        private static void answer(RoutingContext request, Collection<HealthCheck.Result> parts, boolean readiness) {
            ObjectNode answer = JsonNodeFactory.instance.objectNode();
            boolean up = HealthCheckHelper.isResultsUp(parts, readiness);
            answer.put("status", up ? "UP" : "DOWN");
            for (HealthCheck.Result part : parts) {
                ObjectNode check = answer.withArray("checks").addObject();
                check.put("name", part.getCheck().getId());
                check.put("status", part.getState().name());
                Map<String, Object> details = part.getDetails();
                if (!details.containsKey("reason")) {
                    // a check of an application
                    part.getMessage().ifPresent(message -> check.put("reason", message));
                }
                details.forEach((key, value) -> {
                    if (!HealthCheckHelper.isReservedKey(key)) {
                        check.putPOJO(key, value instanceof Number || value instanceof Boolean ? value : String.valueOf(value));
                    }
                });
            }
            request.response().setStatusCode(up ? 200 : 503).putHeader("Content-Type", "application/json").end(answer.toString());
        }
    }
}
