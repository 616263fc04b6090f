package io.github.waroutes.simulator.webhook;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;

/**
 * The price of a message, as reported in its statuses. Source: WhatsApp Cloud API, "status messages webhook reference" and "Pricing": since
 * October 2026 a number's first 1000 free-form messages of a month are free; everything is free for 72 h after a user came from an
 * advertisement.
 *
 * @param type      regular, free_customer_service or free_entry_point
 * @param freeUntil when the time after an advertisement ends, or null
 */
public record Price(boolean billable, String type, String category, Instant freeUntil) {

    public static final String SERVICE = "service";
    private static final int FREE_SERVICES = 1000;

    /**
     * @param category  service, or that of the template in lower-case
     * @param services  how many free-form messages there have been this month
     * @param freeUntil null unless the user came from an advertisement
     */
    public static Price of(String category, int services, Instant freeUntil) {
        if (freeUntil != null) {
            return new Price(false, "free_entry_point", "referral_conversion", freeUntil);
        }
        boolean free = category.equals(SERVICE) && services <= FREE_SERVICES;
        return new Price(!free, free ? "free_customer_service" : "regular", category, null);
    }

    void putInto(ObjectNode status) {
        status.putObject("pricing").put("billable", billable).put("pricing_model", "PMP").put("type", type)
                .put("category", category);
    }
}
