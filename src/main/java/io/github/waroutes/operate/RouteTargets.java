package io.github.waroutes.operate;

import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.waroutes.number.BusinessNumber;
import io.github.waroutes.number.ConfiguredNumbers;
import io.github.waroutes.number.NumberRegistry;
import io.github.waroutes.number.NumberSettings;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Endpoint;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.StartupListener;
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDefinition;

/**
 * Proves at start that every {@code direct:} endpoint that a route of ours sends to has a route that begins there, and later the same of a
 * changed file of numbers. Camel looks for it only when
 * a message comes, and a misspelt {@code whatsapp.on.…} or {@code whatsapp.understanding} would fail for the first user.
 */
public class RouteTargets implements CamelContextAware, StartupListener {

    private static final String DIRECT = "direct:";

    private CamelContext camelContext;
    private boolean everybodys;

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext context) {
        if (camelContext != context) {
            camelContext = context;
            if (context.isStarted()) {
                // routes come one after another, and nobody says when the last is there
                return;
            }
            try {
                context.addStartupListener(this);
            } catch (Exception e) {
                throw RuntimeCamelException.wrapRuntimeException(e);
            }
        }
    }

    /** @param everybodys whether users' routes are looked at as well; a host may add targets of its own later */
    public void setEverybodys(boolean everybodys) {
        this.everybodys = everybodys;
    }

    /** @throws IllegalArgumentException naming the targets without a route */
    @Override
    public void onCamelContextStarted(CamelContext context, boolean alreadyStarted) {
        if (alreadyStarted) {
            // a route that was added or replaced later
            return;
        }
        NumberSettings settings = NumberSettings.in(context);
        NumberRegistry numbers = settings == null ? null : settings.registry();
        Set<String> missing = missing(context, Stream.concat(targets(context), numbers == null ? Stream.of() : numbersTargets(numbers.all())));
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException("no route begins at " + String.join(", ", missing) + ". Add the route, or correct the"
                    + " property that names it (whatsapp.on.…, whatsapp.understanding).");
        }
        if (numbers instanceof ConfiguredNumbers configured) {
            configured.setCheck(changed -> missing(context, numbersTargets(changed)).stream()
                    .map(target -> "no route begins at " + target + '.').toList());
        }
    }

    /** The targets that lose their route, or never had one, if some routes were replaced by others; not those that lack one already. */
    static Set<String> missingAfter(CamelContext context, Collection<RouteDefinition> old, Collection<RouteDefinition> fresh) {
        NumberSettings settings = NumberSettings.in(context);
        List<String> numbers = settings == null || settings.registry() == null ? List.of() : numbersTargets(settings.registry().all()).toList();
        List<RouteDefinition> before = routes(context).toList();
        List<RouteDefinition> after = Stream.concat(before.stream().filter(route -> !old.contains(route)), fresh.stream()).toList();
        Set<String> missing = missing(context, after.stream(), Stream.concat(targets(context, after.stream()), numbers.stream()));
        missing.removeAll(missing(context, before.stream(), Stream.concat(targets(context, before.stream()), numbers.stream())));
        return missing;
    }

    private static Set<String> missing(CamelContext context, Stream<String> targets) {
        return missing(context, routes(context), targets);
    }

    private static Set<String> missing(CamelContext context, Stream<RouteDefinition> routes, Stream<String> targets) {
        Set<String> begins = routes.map(route -> resolved(context, route, route.getInput().getEndpointUri()))
                .map(RouteTargets::name).collect(Collectors.toSet());
        return targets.map(RouteTargets::name).filter(target -> target.startsWith(DIRECT) && !begins.contains(target))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What the numbers have of their own: those routes are sent to by a variable. */
    private static Stream<String> numbersTargets(Collection<BusinessNumber> numbers) {
        return numbers.stream().flatMap(number -> number.settings().entrySet().stream())
                .filter(setting -> setting.getKey().startsWith("whatsapp.on.") || setting.getKey().equals("whatsapp.understanding"))
                .map(setting -> setting.getKey().equals("whatsapp.understanding") ? "direct:whatsapp-understanding-" + setting.getValue()
                        : setting.getValue());
    }

    private Stream<String> targets(CamelContext context) {
        if (everybodys) {
            return context.getEndpoints().stream().map(Endpoint::getEndpointUri);
        }
        return targets(context, routes(context).filter(OurRoutes::contain));
    }

    private static Stream<String> targets(CamelContext context, Stream<RouteDefinition> routes) {
        return routes.map(route -> ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), ToDefinition.class))
                .flatMap(Collection::stream).map(to -> context.resolvePropertyPlaceholders(to.getEndpointUri()));
    }

    /** A route that is made from a template has values of its own. */
    private static String resolved(CamelContext context, RouteDefinition route, String uri) {
        if (route.getTemplateParameters() == null) {
            return context.resolvePropertyPlaceholders(uri);
        }
        Properties own = new Properties();
        own.putAll(route.getTemplateParameters());
        context.getPropertiesComponent().setLocalProperties(own);
        try {
            return context.resolvePropertyPlaceholders(uri);
        } finally {
            context.getPropertiesComponent().setLocalProperties(null);
        }
    }

    private static Stream<RouteDefinition> routes(CamelContext context) {
        // a copy: a host may add a route meanwhile
        return List.copyOf(context.getCamelContextExtension().getContextPlugin(Model.class).getRouteDefinitions()).stream();
    }

    /** Without options, and in one form. */
    static String name(String uri) {
        return uri.replaceFirst("\\?.*", "").replaceFirst("^direct:(?://)?", DIRECT);
    }
}
