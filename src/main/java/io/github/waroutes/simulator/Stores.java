package io.github.waroutes.simulator;

import io.github.waroutes.simulator.cloud.CloudStores;
import io.github.waroutes.simulator.common.SimulatedNumbers;
import io.github.waroutes.simulator.fault.FaultPlan;
import io.github.waroutes.simulator.media.MediaStore;
import io.github.waroutes.simulator.people.Conversations;
import io.github.waroutes.simulator.webhook.Callbacks;
import io.github.waroutes.simulator.webhook.OwedStatuses;
import io.github.waroutes.simulator.webhook.WebhookPool;

/** Everything the simulator remembers, for the program that runs it; the rooms are given what they need of it. */
public record Stores(MediaStore files, Conversations conversations, FaultPlan faults, Callbacks callbacks, OwedStatuses owed,
        WebhookPool pool, CloudStores cloud, SimulatedNumbers numbers) {

    /** The name it has in the registry. */
    static final String BEAN = "simulatorStores";

    /**
     * Resets everything to its state at the start: no conversation, file or fault, the configured templates, unused limits, no callback of
     * the account or the number. The app's callback stays.
     */
    void reset() {
        files.reset();
        conversations.reset();
        faults.clear();
        callbacks.reset();
        cloud.reset();
        numbers.reset();
    }
}
