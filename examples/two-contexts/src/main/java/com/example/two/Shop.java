package com.example.two;

import java.util.Properties;

import io.github.waroutes.setting.SettingsCheck;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServerConfiguration;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;

/** A shop with a CamelContext of its own: its own number, webhook, queues and routes. */
final class Shop implements AutoCloseable {

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final int port;

    Shop(String name, Properties properties) throws Exception {
        // it is in metrics and in thread names
        context.getCamelContextExtension().setName(name);
        context.getPropertiesComponent().setInitialProperties(properties);
        SettingsCheck.check(context);
        VertxPlatformHttpServerConfiguration server = new VertxPlatformHttpServerConfiguration();
        port = Integer.parseInt(properties.getProperty("shop.port"));
        server.setBindPort(port);
        context.addService(new VertxPlatformHttpServer(server));
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:shop-answer").routeId("shop-answer").transform(simple("{{shop.hours}}")).to("direct:whatsapp-reply");
            }
        });
        PluginHelper.getRoutesLoader(context).loadRoutes(
                PluginHelper.getPackageScanResourceResolver(context).findResources("classpath:routes/whatsapp/*.camel.yaml"));
    }

    void open() {
        context.start();
    }

    int port() {
        return port;
    }

    CamelContext context() {
        return context;
    }

    @Override
    public void close() {
        context.stop();
    }
}
