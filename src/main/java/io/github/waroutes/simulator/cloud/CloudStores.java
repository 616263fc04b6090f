package io.github.waroutes.simulator.cloud;

/** What the Graph API remembers besides files and conversations. */
public record CloudStores(Templates templates, Account account, Limits limits, Quota quota, PriceList prices) {

    /** As it was at the start. */
    public void reset() {
        templates.reset();
        account.reset();
        limits.reset();
        quota.reset();
        prices.reset();
    }
}
