package io.github.waroutes.operate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;

import io.github.waroutes.number.UpdateSources;
import org.apache.camel.CamelContext;
import org.apache.camel.NamedNode;
import org.apache.camel.RouteConfigurationsBuilder;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.model.FromDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteDefinitionHelper;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.support.RouteWatcherReloadStrategy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An edited file of routes takes effect while the gateway runs ({@code camel.main.routesReloadEnabled}), or is refused, with file and line,
 * and the routes of before go on. Camel 4.17.0 by itself stops and removes the old route before it knows whether the new one starts
 * ({@code RouteWatcherReloadStrategy}), and by default all other routes too; only its watching of the directory is used here.
 */
public class RouteReload extends MainListenerSupport {

    private static final Logger LOG = LoggerFactory.getLogger("whatsapp");
    /** What is being handled by the old route may take so long to end. */
    private static final int STOP_SECONDS = 10;
    private static final String KAMELET = "kamelet:";
    /** What a route is proved with that begins with a Kamelet; nothing begins there. */
    private static final String PROOF = "direct:whatsapp-reload-proof";
    /** An editor writes a file in several steps: it counts once it stays the same for so long. */
    private static final int SETTLED_MILLIS = 100;

    private final Map<Path, byte[]> seen = new HashMap<>();
    private final Map<Path, String> refused = new ConcurrentSkipListMap<>();
    private CamelContext context;
    private volatile String lost;

    /** @throws IllegalStateException if a reload would empty the gateway, or could never happen */
    @Override
    public void afterConfigure(BaseMainSupport main) {
        context = main.getCamelContext();
        RouteWatcherReloadStrategy watcher = context.hasService(RouteWatcherReloadStrategy.class);
        if (watcher == null) {
            return;
        }
        if (watcher.isRemoveAllRoutes()) {
            throw new IllegalStateException("camel.main.routesReloadRemoveAllRoutes = true would remove the gateway's own routes at the first"
                    + " edit: leave it out.");
        }
        if (!Files.isDirectory(Path.of(watcher.getFolder()))) {
            throw new IllegalStateException("camel.main.routesReloadDirectory " + watcher.getFolder() + " is no directory: make it, or give the"
                    + " one that your routes are in.");
        }
        watcher.setResourceReload((name, resource) -> look(Path.of(name)));
        context.getRegistry().bind("whatsappRouteReload", this);
    }

    /** Why the edit of a file was refused; null: none is. */
    String refused() {
        return refused.values().stream().findFirst().orElse(null);
    }

    /** Why routes are gone that an edit replaced; null: none are. */
    String lost() {
        return lost;
    }

    /** In the watcher's thread, the only one. */
    private void look(Path file) {
        List<RouteDefinition> fresh = new ArrayList<>();
        try {
            byte[] now = settled(file);
            boolean same = seen.containsKey(file) && Arrays.equals(seen.get(file), now);
            seen.put(file, now);
            List<RouteDefinition> old = model().getRouteDefinitions().stream().filter(route -> isOf(file, route)).toList();
            if (same) {
                return;
            }
            if (now == null && old.isEmpty()) {
                refused.remove(file);
                return;
            }
            if (now == null || now.length == 0) {
                throw new IllegalStateException(file + (now == null ? " is gone: " : " is empty: ") + ids(old) + " run until the next start.");
            }
            fresh.addAll(read(file, now));
            prove(file, old, fresh);
            replace(old, fresh);
            refused.remove(file);
            LOG.atInfo().addKeyValue("event", "whatsapp.routes.changed").addKeyValue("file", file.toString())
                    .addKeyValue("routes", ids(fresh)).log("whatsapp.routes.changed");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        } catch (Exception | LinkageError | StackOverflowError e) {
            refuse(file, StartFailure.explain(e, id -> fresh.stream().filter(route -> id.equals(route.getRouteId())).findFirst().orElse(null)));
            return;
        }
        // what another file lacked may be there now
        for (Path other : List.copyOf(refused.keySet())) {
            if (seen.remove(other) != null) {
                look(other);
            }
        }
    }

    private void refuse(Path file, String why) {
        String reason = (why.contains(file.getFileName().toString()) ? "" : file + ": ") + why + (why.endsWith(".") ? "" : ".");
        refused.put(file, reason);
        LOG.atWarn().addKeyValue("event", "whatsapp.routes.refused").addKeyValue("file", file.toString()).addKeyValue("reason", reason)
                .log("whatsapp.routes.refused: {}{}", lost == null ? "the routes run as before. " : "", reason);
    }

    /** What is in the file; null: it is gone. */
    private byte[] settled(Path file) throws IOException, InterruptedException {
        byte[] before;
        byte[] now = content(file);
        do {
            before = now;
            Thread.sleep(SETTLED_MILLIS);
            now = content(file);
        } while (!Arrays.equals(before, now) || context.getStatus().isStarting());
        return now;
    }

    private static byte[] content(Path file) throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private List<RouteDefinition> read(Path file, byte[] content) throws Exception {
        List<RouteDefinition> routes = new ArrayList<>();
        for (RoutesBuilder builder : PluginHelper.getRoutesLoader(context).findRoutesBuilders(List.of(ResourceHelper.fromBytes("file:" + file, content)))) {
            if (builder instanceof RouteConfigurationsBuilder configurations) {
                configurations.updateRouteConfigurationsToCamelContext(context);
            }
            if (builder instanceof RouteBuilder loaded) {
                loaded.prepareModel(context);
                routes.addAll(loaded.getRouteCollection().getRoutes());
            }
        }
        RouteDefinitionHelper.forceAssignIds(context, routes);
        return routes;
    }

    /** Finds what can be found without touching the routes that run. */
    private void prove(Path file, List<RouteDefinition> old, List<RouteDefinition> fresh) throws Exception {
        if (fresh.isEmpty() && !old.isEmpty()) {
            throw new IllegalStateException(file + " has no route any more: " + ids(old) + " run until the next start.");
        }
        Set<String> ids = new HashSet<>();
        for (RouteDefinition route : fresh) {
            RouteDefinition other = model().getRouteDefinition(route.getRouteId());
            if (!ids.add(route.getRouteId()) || other != null && !old.contains(other)) {
                throw new IllegalStateException(place(file, route) + "there is another route with the id " + route.getRouteId()
                        + ". Give this one an id of its own.");
            }
        }
        for (RouteDefinition route : fresh) {
            // makes every step and endpoint, and starts nothing: a Kamelet that a route begins with would start beside the one that it replaces
            FromDefinition input = route.getInput();
            String begins = input.getEndpointUri();
            if (begins.startsWith(KAMELET)) {
                input.setUri(PROOF);
            }
            try {
                model().getModelReifierFactory().createRoute(context, route);
            } finally {
                if (begins.startsWith(KAMELET)) {
                    input.setUri(begins);
                }
            }
        }
        Set<String> missing = RouteTargets.missingAfter(context, old, fresh);
        if (!missing.isEmpty()) {
            String step = fresh.stream().flatMap(route -> ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), ToDefinition.class).stream())
                    .filter(to -> missing.contains(RouteTargets.name(context.resolvePropertyPlaceholders(to.getEndpointUri()))))
                    .map(to -> place(file, to)).findFirst().orElse(file + ": ");
            throw new IllegalStateException(step + "no route would begin at " + String.join(", ", missing) + ". Add or keep the route, or correct"
                    + " what sends there.");
        }
    }

    private static String place(Path file, NamedNode node) {
        return file + (node.getLineNumber() > 0 ? ", line " + node.getLineNumber() : "") + ": ";
    }

    private void replace(List<RouteDefinition> old, List<RouteDefinition> fresh) throws Exception {
        UpdateSources sources = context.hasComponent(UpdateSources.NAME) instanceof UpdateSources there ? there : null;
        if (sources != null) {
            sources.hold();
        }
        try {
            exchange(old, fresh);
        } finally {
            if (sources != null) {
                sources.release();
            }
        }
    }

    private void exchange(List<RouteDefinition> old, List<RouteDefinition> fresh) throws Exception {
        try {
            remove(old);
            model().addRouteDefinitions(fresh);
            lost = null;
        } catch (Exception | LinkageError e) {
            try {
                remove(fresh);
                model().addRouteDefinitions(old);
            } catch (Exception | LinkageError again) {
                lost = "The routes " + ids(fresh) + " did not start, and those of before do not start again.";
                LOG.error(lost, again);
            }
            throw e;
        }
    }

    private void remove(Collection<RouteDefinition> routes) throws Exception {
        for (RouteDefinition route : routes) {
            if (model().getRouteDefinition(route.getRouteId()) == route) {
                // first the Kamelet that it begins with; one that a step calls may serve other routes as well
                for (RouteDefinition other : List.copyOf(model().getRouteDefinitions())) {
                    Map<String, Object> parameters = other.getTemplateParameters();
                    if (Boolean.TRUE.equals(other.isKamelet()) && parameters != null && parameters.get("parentProcessorId") == null
                            && route.getRouteId().equals(parameters.get("parentRouteId"))) {
                        remove(other);
                    }
                }
                remove(route);
            }
        }
    }

    private void remove(RouteDefinition route) throws Exception {
        context.getRouteController().stopRoute(route.getRouteId(), STOP_SECONDS, TimeUnit.SECONDS);
        model().removeRouteDefinition(route);
    }

    private Model model() {
        return context.getCamelContextExtension().getContextPlugin(Model.class);
    }

    private static boolean isOf(Path file, RouteDefinition route) {
        String location = route.getResource() == null ? null : route.getResource().getLocation();
        return location != null && location.startsWith("file:")
                && Path.of(location.substring("file:".length())).toAbsolutePath().normalize().equals(file.toAbsolutePath().normalize());
    }

    private static List<String> ids(Collection<RouteDefinition> routes) {
        return routes.stream().map(RouteDefinition::getRouteId).toList();
    }
}
