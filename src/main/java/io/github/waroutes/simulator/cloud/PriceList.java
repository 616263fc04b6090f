package io.github.waroutes.simulator.cloud;

import io.github.waroutes.simulator.webhook.Price;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;

/** What messages cost: it counts the free-form messages of the month. Thread-safe. */
public class PriceList {

    private YearMonth month;
    private int services;

    /**
     * @param category  service, or that of the template in lower-case
     * @param freeUntil null unless the user came by an advertisement
     */
    synchronized Price price(String category, Instant freeUntil) {
        YearMonth current = YearMonth.now(ZoneOffset.UTC);
        if (category.equals(Price.SERVICE)) {
            services = current.equals(month) ? services + 1 : 1;
            month = current;
        }
        return Price.of(category, services, freeUntil);
    }

    /** Counts anew. */
    synchronized void reset() {
        services = 0;
    }
}
