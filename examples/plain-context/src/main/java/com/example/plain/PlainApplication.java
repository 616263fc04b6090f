package com.example.plain;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

import io.github.waroutes.operate.StartFailure;
import io.github.waroutes.setting.SettingsCheck;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServerConfiguration;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;

/** A program that makes its CamelContext itself, and puts the WhatsApp routes beside its own. */
public final class PlainApplication {

    private PlainApplication() {
    }

    public static void main(String... args) throws IOException {
        CamelContext context = new DefaultCamelContext();
        try {
            start(context, properties());
        } catch (Exception e) {
            System.err.println("The shop cannot start: " + StartFailure.explain(e, context));
            System.exit(StartFailure.code(e));
        }
        Runtime.getRuntime().addShutdownHook(new Thread(context::stop));
    }

    static Properties properties() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = PlainApplication.class.getResourceAsStream("/application.properties")) {
            properties.load(in);
        }
        return properties;
    }

    static void start(CamelContext context, Properties properties) throws Exception {
        context.getPropertiesComponent().setInitialProperties(properties);
        // all that is wrong with the settings, at once
        SettingsCheck.check(context);

        VertxPlatformHttpServerConfiguration server = new VertxPlatformHttpServerConfiguration();
        server.setBindPort(Integer.parseInt(context.resolvePropertyPlaceholders("{{shop.port}}")));
        context.addService(new VertxPlatformHttpServer(server));

        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:shop-answer").routeId("shop-answer")
                        .transform(constant("We are open from nine to six."))
                        .to("direct:whatsapp-reply");
            }
        });
        PluginHelper.getRoutesLoader(context).loadRoutes(
                PluginHelper.getPackageScanResourceResolver(context).findResources("classpath:routes/whatsapp/*.camel.yaml"));
        context.start();
    }
}
