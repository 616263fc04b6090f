package io.github.waroutes.operate;

import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Route;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;

/**
 * Proves at start that every {@code direct:} endpoint that is sent to has a route that begins there. Camel looks for it only when a
 * message comes, and a misspelt {@code whatsapp.on.…} or {@code whatsapp.understanding} would fail for the first user.
 */
public class RouteTargets extends MainListenerSupport {

    private static final String DIRECT = "direct://";

    /** @throws IllegalStateException naming the targets without a route */
    @Override
    public void afterStart(BaseMainSupport main) {
        CamelContext context = main.getCamelContext();
        Set<String> begins = context.getRoutes().stream().map(Route::getEndpoint).map(RouteTargets::name)
                .collect(Collectors.toSet());
        Set<String> missing = new TreeSet<>();
        for (Endpoint endpoint : context.getEndpoints()) {
            if (endpoint.getEndpointUri().startsWith(DIRECT) && !begins.contains(name(endpoint))) {
                missing.add(name(endpoint).replace(DIRECT, "direct:"));
            }
        }
        if (!missing.isEmpty()) {
            throw new IllegalStateException("no route begins at " + String.join(", ", missing) + ". Add the route, or correct the"
                    + " property that names it (whatsapp.on.…, whatsapp.understanding).");
        }
    }

    private static String name(Endpoint endpoint) {
        String uri = endpoint.getEndpointUri();
        int options = uri.indexOf('?');
        return options < 0 ? uri : uri.substring(0, options);
    }
}
