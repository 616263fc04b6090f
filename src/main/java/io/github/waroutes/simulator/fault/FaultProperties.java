package io.github.waroutes.simulator.fault;

/** Exchange properties about the fault of a request; that of a webhook is in its delivery. */
public final class FaultProperties {

    /** The name of the fault. */
    public static final String FAULT = "simulatorStruck";
    /** The name of the {@link FaultPlan.Endpoint} that was called. */
    public static final String ENDPOINT = "simulatorEndpoint";
    /** By how many milliseconds the fault delays the response. */
    public static final String DELAY = "simulatorDelay";

    private FaultProperties() {
    }
}
