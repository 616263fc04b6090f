package io.github.waroutes.springboot;

import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.main.DefaultRoutesCollector;
import org.apache.camel.model.Model;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.apache.camel.support.PluginHelper;

/**
 * Loads the route files of the bundle once those of the application are there. {@code camel.main.routes-include-pattern} stays the application's;
 * {@code camel.main.routes-exclude-pattern} leaves out files of ours too, for those who have a better one.
 */
final class BundledRoutes implements CamelContextConfiguration {

    // no **: Camel 4.17 does not find such files inside a jar
    private static final String FILES = "classpath:routes/whatsapp/*.camel.yaml";
    private static final String ONE_OF_THEM = "inbound-receive";

    private final String excluded;

    /** @param excluded patterns of files, with commas between; null: none */
    BundledRoutes(String excluded) {
        this.excluded = excluded;
    }

    @Override
    public void beforeApplicationStart(CamelContext context) {
        if (context.getCamelContextExtension().getContextPlugin(Model.class).getRouteDefinition(ONE_OF_THEM) != null) {
            // the application names them in its own pattern
            return;
        }
        try {
            PluginHelper.getRoutesLoader(context).loadRoutes(new DefaultRoutesCollector().findRouteResourcesFromDirectory(context, excluded, FILES));
        } catch (Exception e) {
            throw RuntimeCamelException.wrapRuntimeException(e);
        }
    }

    @Override
    public void afterApplicationStart(CamelContext context) {
        // all is done
    }
}
