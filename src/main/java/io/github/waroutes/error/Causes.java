package io.github.waroutes.error;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

import org.apache.camel.Exchange;

/** What caused a failure. Unlike Camel's own {@code ObjectHelper.getException}, which fills the heap, it ends where causes form a loop. */
public final class Causes {

    private Causes() {
    }

    /** The failure itself, its cause, the cause of that and so on, each once; empty without a failure. */
    public static List<Throwable> chain(Throwable failure) {
        List<Throwable> chain = new ArrayList<>();
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Throwable cause = failure; cause != null && seen.add(cause); cause = cause.getCause()) {
            chain.add(cause);
        }
        return chain;
    }

    /** The failure itself or the first of its causes that is of this type; null without one, and without a failure. */
    public static <T> T find(Class<T> type, Throwable failure) {
        return chain(failure).stream().filter(type::isInstance).map(type::cast).findFirst().orElse(null);
    }

    /** As {@link #find}, of the failure that an error handler or a {@code doCatch} has caught on this exchange. */
    public static <T> T caught(Class<T> type, Exchange exchange) {
        return find(type, exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class));
    }

    /** The failure that the exchange has now, otherwise the one that was caught on it; null without one. */
    public static Throwable thrown(Exchange exchange) {
        return exchange.getException() != null
                ? exchange.getException()
                : exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
    }
}
