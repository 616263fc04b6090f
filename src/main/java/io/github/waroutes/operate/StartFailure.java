package io.github.waroutes.operate;

import java.io.FileNotFoundException;
import java.net.BindException;
import java.nio.file.NoSuchFileException;
import java.security.UnrecoverableKeyException;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.waroutes.error.Causes;
import io.github.waroutes.setting.SettingsException;
import org.apache.camel.CamelContext;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.FailedToStartRouteException;
import org.apache.camel.NamedNode;
import org.apache.camel.PropertyBindingException;
import org.apache.camel.TypeConversionException;
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.util.SensitiveUtils;
import org.apache.camel.util.URISupport;

/** Says in one line why a start failed, and where: file, line, route, step and property, as far as Camel knew them. */
public final class StartFailure {

    /** Where the YAML parser was; Camel's own messages end alike. */
    private static final Pattern YAML_PLACE = Pattern.compile("\\R in (\\S[^\\r\\n]*), line (\\d+), column \\d+:");
    private static final Pattern STEP = Pattern.compile("at: >>> (.*?) <<< in route:", Pattern.DOTALL);

    private static final int WRONG = 1;
    /** sysexits.h, EX_TEMPFAIL. */
    private static final int AGAIN = 75;

    private StartFailure() {
    }

    /** As the other one, without a context. */
    public static String explain(Throwable failure) {
        return explain(failure, (CamelContext) null);
    }

    /**
     * The line: ours if the failure is one of configuration, else the last cause's own words, with what the others know.
     *
     * @param context the one that could not start, whose routes tell their lines; null: none
     */
    public static String explain(Throwable failure, CamelContext context) {
        return explain(failure, id -> context == null ? null : context.getCamelContextExtension().getContextPlugin(Model.class).getRouteDefinition(id));
    }

    /**
     * The line, if a class or a setting of ours stopped the start, or a route that could not be read, made or started; null: the failure is
     * something else's, which a host may know better.
     */
    public static String explainOursOrARoute(Throwable failure) {
        boolean known = ours(failure) != null || Causes.chain(failure).stream().anyMatch(cause -> cause instanceof FailedToCreateRouteException
                || cause instanceof FailedToStartRouteException || cause.getMessage() != null && YAML_PLACE.matcher(cause.getMessage()).find());
        return known ? explain(failure) : null;
    }

    /** As the other one, with routes by id, which tell their lines; null: none of that id. */
    static String explain(Throwable failure, Function<String, RouteDefinition> routes) {
        Throwable ours = ours(failure);
        if (ours != null) {
            return ours.getMessage();
        }
        String where = "";
        Throwable root = failure;
        for (Throwable cause : Causes.chain(failure)) {
            String message = cause.getMessage();
            if (cause instanceof BindException) {
                return "a port is in use by another process (camel.server.port or camel.management.port): " + message;
            }
            if (cause instanceof PropertyBindingException binding) {
                return property(binding);
            }
            if (cause instanceof TypeConversionException wrong) {
                return where + "the configuration gives \"" + wrong.getValue() + "\" where " + article(wrong.getToType()) + " must be."
                        + " Look for that value in application.properties and in the environment.";
            }
            if (cause instanceof UnrecoverableKeyException) {
                return "camel.ssl.keystorePassword does not open camel.ssl.keyStore. Correct one of them.";
            }
            if (cause instanceof NoSuchFileException || cause instanceof FileNotFoundException) {
                return message + " is not there. Make it, or correct the property that names it (camel.main.routesIncludePattern).";
            }
            Matcher yaml = YAML_PLACE.matcher(message == null ? "" : message);
            // of two places the first is where the block begins, and the second where the problem is; each is followed by the lines there, indented
            String place = null;
            List<String> words = List.of();
            while (yaml.find()) {
                words = message.substring(0, yaml.start()).lines().filter(line -> !line.startsWith(" ")).toList();
                place = yaml.group(1) + ", line " + yaml.group(2) + ": ";
            }
            if (place != null) {
                return place + String.join(": ", words);
            }
            if (cause instanceof FailedToCreateRouteException route && route.getRouteId() != null) {
                where = where(route, routes);
            }
            if (cause instanceof FailedToStartRouteException start) {
                RouteDefinition route = routes.apply(start.getRouteId());
                where = route == null || route.getResource() == null ? "" : place(route, route.getLineNumber());
            }
            root = cause;
        }
        String message = root.getMessage() == null ? "" : ": " + root.getMessage().lines().findFirst().orElse("");
        return where + root.getClass().getSimpleName() + message;
    }

    /**
     * The exit code: {@value #AGAIN} if a later start may succeed with nothing changed, as what did not answer, or what had the port or the
     * directory, is elsewhere; {@value #WRONG} if somebody must change something first. What watches a process starts it again after the one and
     * not after the other.
     */
    public static int code(Throwable failure) {
        return ours(failure) instanceof IllegalStateException || Causes.find(BindException.class, failure) != null ? AGAIN : WRONG;
    }

    private static Throwable ours(Throwable failure) {
        for (Throwable cause : Causes.chain(failure)) {
            String message = cause.getMessage();
            if (cause instanceof SettingsException
                    || message != null && !message.contains("\n") && (message.startsWith("whatsapp.") || isOurs(cause))) {
                return cause;
            }
        }
        return null;
    }

    private static String place(RouteDefinition route, int line) {
        return route.getResource().getLocation() + (line > 0 ? ", line " + line : "") + ", ";
    }

    private static String where(FailedToCreateRouteException failure, Function<String, RouteDefinition> routes) {
        Matcher found = STEP.matcher(failure.getMessage());
        String step = found.find() ? found.group(1) : null;
        RouteDefinition route = routes.apply(failure.getRouteId());
        String place = failure.getLocation() == null ? "" : failure.getLocation() + ", ";
        if (route != null && route.getResource() != null) {
            int line = ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), ProcessorDefinition.class).stream()
                    .filter(node -> node.toString().equals(step)).mapToInt(NamedNode::getLineNumber).filter(number -> number > 0)
                    .findFirst().orElse(route.getLineNumber());
            place = place(route, line);
        }
        return place + "route " + failure.getRouteId() + (step == null ? "" : ", step " + URISupport.sanitizeUri(step)) + ": ";
    }

    private static String property(PropertyBindingException failure) {
        TypeConversionException wrong = Causes.find(TypeConversionException.class, failure);
        String key = failure.getOptionPrefix() == null || failure.getOptionKey() == null ? failure.getPropertyName()
                : failure.getOptionPrefix() + (failure.getOptionPrefix().endsWith(".") ? "" : ".") + failure.getOptionKey();
        String value = key + (SensitiveUtils.containsSensitive(key) ? " is wrong" : " is " + failure.getValue());
        if (wrong != null) {
            return value + ", and " + article(wrong.getToType()) + " must be there.";
        }
        return failure.getCause() == null ? key + " is no option of Camel's." : value + ", which cannot be read.";
    }

    private static boolean isOurs(Throwable failure) {
        StackTraceElement[] trace = failure.getStackTrace();
        return trace.length > 0 && trace[0].getClassName().startsWith("io.github.waroutes.");
    }

    private static String article(Class<?> type) {
        return type == boolean.class || type == Boolean.class ? "true or false" : type.isEnum() ? "another word" : "a number";
    }
}
