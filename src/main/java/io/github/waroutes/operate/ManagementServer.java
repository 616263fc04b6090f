package io.github.waroutes.operate;

import java.util.List;
import java.util.Map;

import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.component.platform.http.PlatformHttpComponent;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpEngine;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.support.PluginHelper;

/**
 * Puts the routes of the management API, and of the console page, on the management server of the stand-alone gateway, by a component of
 * their own: platform-http itself is on the public port.
 */
public class ManagementServer extends MainListenerSupport {

    private static final String SCHEME = "whatsapp-management";
    private static final List<String> ROUTES = List.of("classpath:routes/management/management.camel.yaml", "classpath:routes/management/console.camel.yaml");

    @Override
    public void afterConfigure(BaseMainSupport main) {
        CamelContext context = main.getCamelContext();
        if (!"true".equals(context.resolvePropertyPlaceholders("{{camel.management.enabled:false}}"))) {
            return;
        }
        int port = Integer.parseInt(context.resolvePropertyPlaceholders("{{camel.management.port:9876}}"));
        context.addComponent(SCHEME, new Component(context, new Engine(port)));
        try {
            for (String file : ROUTES) {
                PluginHelper.getRoutesLoader(context).loadRoutes(PluginHelper.getResourceLoader(context).resolveResource(file));
            }
        } catch (Exception e) {
            throw new IllegalStateException("The routes of the management API cannot be loaded", e);
        }
    }

    /** Its engine is the endpoints' only: one that is set on a component becomes everybody's. */
    private static final class Component extends PlatformHttpComponent {

        private final Engine engine;

        private Component(CamelContext context, Engine engine) {
            super(context);
            this.engine = engine;
            engine.setCamelContext(context);
        }

        @Override
        protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
            PlatformHttpEndpoint endpoint = (PlatformHttpEndpoint) super.createEndpoint(uri, remaining, parameters);
            endpoint.setPlatformHttpEngine(engine);
            return endpoint;
        }
    }

    private static final class Engine extends VertxPlatformHttpEngine {

        private final int port;

        private Engine(int port) {
            this.port = port;
        }

        @Override
        public int getServerPort() {
            return port;
        }
    }
}
