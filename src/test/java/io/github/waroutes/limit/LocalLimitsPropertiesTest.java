package io.github.waroutes.limit;

class LocalLimitsPropertiesTest extends LimitsProperties {

    @Override
    LimitState state(ManualTime time) {
        return new LocalLimitState(time);
    }

    /** Every mutation of the limits that three thousand runs find, the first eight hundred find too. */
    @Override
    int runs() {
        return 1000;
    }
}
