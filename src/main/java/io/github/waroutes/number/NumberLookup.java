package io.github.waroutes.number;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;

/** The numbers of a context for a bean that has found them once: the beans of the route files are made in any order, so it asks late. */
public final class NumberLookup {

    private volatile NumberSettings found;

    /** Null if the context has none. */
    public NumberSettings in(CamelContext context) {
        if (found == null) {
            found = NumberSettings.in(context);
        }
        return found;
    }

    /** What metrics call the number of the current message. */
    public String label(Exchange exchange) {
        NumberSettings settings = in(exchange.getContext());
        return settings == null ? NumberSettings.OTHER : settings.label(exchange);
    }

    /** Meta's id of the number that the current message names, by name or by id; of the first without either. */
    public String phoneNumberId(Exchange exchange) {
        NumberSettings settings = in(exchange.getContext());
        String name = exchange.getMessage().getHeader(NumberSettings.NAME, String.class);
        if (settings != null && name != null && !name.isBlank()) {
            return settings.idOf(name);
        }
        String id = exchange.getMessage().getHeader("WhatsAppPhoneNumberId", String.class);
        return id != null && !id.isBlank() || settings == null ? String.valueOf(id) : settings.registry().first().phoneNumberId();
    }

    /** What was found so far, or null. */
    public NumberSettings found() {
        return found;
    }
}
