package io.github.waroutes.operate;

import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.PlatformHttpComponent;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpEngine;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.support.PluginHelper;

/**
 * Puts the routes of the management API on the management server of the stand-alone gateway, by a component of their own: platform-http
 * itself is on the public port.
 */
public class ManagementServer extends MainListenerSupport {

    private static final String SCHEME = "whatsapp-management";
    private static final String ROUTES = "classpath:routes/management/management.camel.yaml";

    @Override
    public void afterConfigure(BaseMainSupport main) {
        CamelContext context = main.getCamelContext();
        if (!"true".equals(context.resolvePropertyPlaceholders("{{camel.management.enabled:false}}"))) {
            return;
        }
        int port = Integer.parseInt(context.resolvePropertyPlaceholders("{{camel.management.port:9876}}"));
        PlatformHttpComponent component = new PlatformHttpComponent(context);
        component.setEngine(new Engine(port));
        context.addComponent(SCHEME, component);
        try {
            PluginHelper.getRoutesLoader(context).loadRoutes(PluginHelper.getResourceLoader(context).resolveResource(ROUTES));
        } catch (Exception e) {
            throw new IllegalStateException("The routes of the management API cannot be loaded", e);
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
