package io.github.waroutes.operate;

import java.net.BindException;

/** Says in one line why a start failed. */
public final class StartFailure {

    private StartFailure() {
    }

    /** The line: ours if the failure is one of configuration, else the last cause's own words. */
    public static String explain(Throwable failure) {
        Throwable root = failure;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = cause.getMessage();
            if (message != null && message.startsWith("whatsapp.") && !message.contains("\n")) {
                return message;
            }
            if (cause instanceof BindException) {
                return "a port is in use by another process (camel.server.port or camel.management.port): " + message;
            }
            root = cause;
        }
        String message = root.getMessage() == null ? "" : ": " + root.getMessage().lines().findFirst().orElse("");
        return root.getClass().getSimpleName() + message;
    }
}
