package io.github.waroutes.simulator.cloud;

import io.github.waroutes.simulator.common.GraphClock;
import io.github.waroutes.simulator.common.NumberStates;
import java.time.Duration;

/** The state of the Graph API besides files and conversations. */
public record CloudStores(Templates templates, Account account, Limits limits, Quota quota, PriceList prices, NumberStates states, GraphClock clock,
        NumberEdges edges) {

    /** Resets it to its state at the start. */
    public void reset() {
        templates.reset();
        account.reset();
        limits.reset();
        quota.reset();
        prices.reset();
        states.reset();
        edges.reset();
        clock.setAhead(Duration.ZERO);
    }
}
