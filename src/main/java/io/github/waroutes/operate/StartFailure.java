package io.github.waroutes.operate;

import java.net.BindException;

import io.github.waroutes.error.Causes;
import io.github.waroutes.setting.SettingsException;
import org.apache.camel.TypeConversionException;

/** Says in one line why a start failed. */
public final class StartFailure {

    private StartFailure() {
    }

    /** The line: ours if the failure is one of configuration, else the last cause's own words. */
    public static String explain(Throwable failure) {
        Throwable root = failure;
        for (Throwable cause : Causes.chain(failure)) {
            String message = cause.getMessage();
            if (cause instanceof SettingsException) {
                return message;
            }
            if (message != null && !message.contains("\n") && (message.startsWith("whatsapp.") || isOurs(cause))) {
                return message;
            }
            if (cause instanceof BindException) {
                return "a port is in use by another process (camel.server.port or camel.management.port): " + message;
            }
            if (cause instanceof TypeConversionException wrong) {
                return "the configuration gives \"" + wrong.getValue() + "\" where " + article(wrong.getToType()) + " must be."
                        + " Look for that value in application.properties and in the environment.";
            }
            root = cause;
        }
        String message = root.getMessage() == null ? "" : ": " + root.getMessage().lines().findFirst().orElse("");
        return root.getClass().getSimpleName() + message;
    }

    private static boolean isOurs(Throwable failure) {
        StackTraceElement[] trace = failure.getStackTrace();
        return trace.length > 0 && trace[0].getClassName().startsWith("io.github.waroutes.");
    }

    private static String article(Class<?> type) {
        return type == boolean.class || type == Boolean.class ? "true or false" : "a number";
    }
}
