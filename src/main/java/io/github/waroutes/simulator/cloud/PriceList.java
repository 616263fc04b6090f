package io.github.waroutes.simulator.cloud;

import io.github.waroutes.simulator.common.KeyedInstances;
import io.github.waroutes.simulator.common.SimulatedNumber;
import io.github.waroutes.simulator.webhook.Price;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;

/** The prices of messages; counts the free-form messages of the month. Thread-safe. */
public class PriceList {

    private final KeyedInstances<PriceList> numbers = new KeyedInstances<>(this, key -> new PriceList());
    private YearMonth month;
    private int services;

    /** The instance for this number; that for the first is this one. */
    PriceList of(SimulatedNumber number) {
        return numbers.of(number.key());
    }

    /**
     * @param category  service, or that of the template in lower-case
     * @param freeUntil null unless the user came from an advertisement
     */
    synchronized Price price(String category, Instant freeUntil) {
        YearMonth current = YearMonth.now(ZoneOffset.UTC);
        if (category.equals(Price.SERVICE)) {
            services = current.equals(month) ? services + 1 : 1;
            month = current;
        }
        return Price.of(category, services, freeUntil);
    }

    /** Resets the count. */
    synchronized void reset() {
        services = 0;
        numbers.clear();
    }
}
