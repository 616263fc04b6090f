package io.github.waroutes.update;

import org.apache.camel.Exchange;

/**
 * The exchange whose end is the end of a file that is made in it. Camel gives a Kamelet a copy of the exchange that calls it, which ends with the
 * Kamelet; what it brings back must stay as long as the caller's.
 */
public final class Owner {

    private static final String PROPERTY = "WhatsAppOwner";

    private Owner() {
    }

    /** Notes the caller of a Kamelet, unless it is within one. @return whether {@link #end} is to be called */
    public static boolean begin(Exchange caller) {
        boolean first = caller.getProperty(PROPERTY) == null;
        if (first) {
            caller.setProperty(PROPERTY, caller);
        }
        return first;
    }

    /** The Kamelet has come back. */
    public static void end(Exchange caller) {
        caller.removeProperty(PROPERTY);
    }

    /** The first caller, or the exchange itself outside Kamelets. */
    public static Exchange of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, exchange, Exchange.class);
    }
}
