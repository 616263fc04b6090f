package io.github.waroutes.simulator.fault;

/** The exchange properties that tell of the fault that struck a request; a webhook's is in its delivery. */
public final class Struck {

    /** The name of the fault. */
    public static final String FAULT = "simulatorStruck";
    /** The name of the {@link FaultPlan.Endpoint} that was called, where faults can strike. */
    public static final String ENDPOINT = "simulatorEndpoint";
    /** By how many milliseconds the fault delays the answer. */
    public static final String DELAY = "simulatorDelay";

    private Struck() {
    }
}
