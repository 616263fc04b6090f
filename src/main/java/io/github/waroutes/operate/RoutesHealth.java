package io.github.waroutes.operate;

import java.util.List;
import java.util.Map;

import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.ServiceStatus;
import org.apache.camel.health.HealthCheckResultBuilder;

/**
 * The part {@code whatsapp-routes} of readiness: down unless the route of the webhook takes requests, so until the start is over and from the
 * signal to stop on. Any other route that stands still is told, and so is an edit that was refused; webhooks are stored all the same.
 */
public class RoutesHealth extends HealthPart {

    private static final String WEBHOOK = "webhook-accept";

    /** Whether there was one of ours; an application may have its own. */
    private volatile boolean webhook;
    private volatile boolean started;

    public RoutesHealth() {
        super("whatsapp-routes");
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        CamelContext context = getCamelContext();
        ServiceStatus status = context.getStatus();
        if (!status.isStarted()) {
            if (status.isStopping() || status.isStopped() && started) {
                down(builder, "The gateway stops: webhooks are answered with 503, and Meta sends them again.", "Start it again, if it is to run.");
            } else {
                down(builder, "The gateway starts: its routes do not take requests yet.", "Wait.");
            }
            return;
        }
        started = true;
        webhook |= context.getRoute(WEBHOOK) != null;
        List<Route> routes = context.getRoutes();
        List<String> still = routes.stream().filter(Route::isAutoStartup).map(Route::getId)
                .filter(id -> context.getRouteController().getRouteStatus(id) != ServiceStatus.Started).toList();
        RouteReload reload = context.getRegistry().findSingleByType(RouteReload.class);
        String refused = reload == null ? null : reload.refused();
        if (reload != null && reload.lost() != null) {
            down(builder, reload.lost(), "Mend the file: it is read again when it changes. Or start the gateway again.");
        } else if (webhook && (context.getRoute(WEBHOOK) == null || still.contains(WEBHOOK))) {
            down(builder, "The route " + WEBHOOK + " does not run: webhooks are refused.", "Start it again, or the gateway.");
        } else if (refused != null) {
            up(builder, "An edit was refused, and the routes run as before it: " + refused, "Mend the file: it is read again when it changes.");
        } else if (!still.isEmpty()) {
            up(builder, "Of " + routes.size() + " routes these do not run: " + String.join(", ", still.subList(0, Math.min(10, still.size())))
                    + (still.size() > 10 ? " and " + (still.size() - 10) + " more." : "."), "Start them again, or the gateway; the log says why they stopped.");
        } else {
            up(builder, "All " + routes.size() + " routes run.");
        }
    }
}
