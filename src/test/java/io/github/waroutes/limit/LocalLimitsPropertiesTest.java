package io.github.waroutes.limit;

class LocalLimitsPropertiesTest extends LimitsProperties {

    @Override
    LimitState state(ManualTime time) {
        return new LocalLimitState(time);
    }

    @Override
    int runs() {
        return 3000;
    }
}
