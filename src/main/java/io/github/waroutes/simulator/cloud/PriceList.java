package io.github.waroutes.simulator.cloud;

import io.github.waroutes.simulator.common.Siblings;
import io.github.waroutes.simulator.common.SimulatedNumber;
import io.github.waroutes.simulator.webhook.Price;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;

/** What messages cost: it counts the free-form messages of the month. Thread-safe. */
public class PriceList {

    private final Siblings<PriceList> numbers = new Siblings<>(this, key -> new PriceList());
    private YearMonth month;
    private int services;

    /** The prices of this number's messages; those of the first are in this itself. */
    PriceList of(SimulatedNumber number) {
        return numbers.of(number.key());
    }

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
        numbers.clear();
    }
}
