package io.github.waroutes.simulator.cloud;

/** The state of the Graph API besides files and conversations. */
public record CloudStores(Templates templates, Account account, Limits limits, Quota quota, PriceList prices) {

    /** Resets it to its state at the start. */
    public void reset() {
        templates.reset();
        account.reset();
        limits.reset();
        quota.reset();
        prices.reset();
    }
}
