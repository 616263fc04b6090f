package io.github.waroutes.simulator.load;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.simulator.cloud.AcceptedMessages;
import io.github.waroutes.simulator.common.ControlRequest;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.common.SimulatedNumbers;
import io.github.waroutes.simulator.fault.FaultPlan;
import io.github.waroutes.simulator.people.Conversations;
import io.github.waroutes.simulator.people.Users;
import io.github.waroutes.simulator.webhook.Callbacks;
import io.github.waroutes.simulator.webhook.Deliveries;
import io.github.waroutes.simulator.webhook.WebhookSigner;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.apache.camel.Body;
import org.apache.camel.Header;

/** The control API of the load, and the understanding by which it recognises each answer. Refusals are {@link Refusal}s. */
public class LoadApi {

    private final LoadControl control;
    private final Callbacks callbacks;
    private final LoadRun.Surroundings around;
    private long retryDelay = 500;

    public LoadApi(LoadControl control, Callbacks callbacks, Users users, Conversations conversations, FaultPlan faults,
            Deliveries deliveries, WebhookSigner signer, AcceptedMessages accepted,
            SimulatedNumbers numbers) {
        this.control = control;
        this.callbacks = callbacks;
        this.around = new LoadRun.Surroundings(users, conversations, faults, deliveries, signer, accepted, numbers);
    }

    /** Milliseconds before the first of four repetitions of a webhook, doubling. */
    public void setRetryDelay(long retryDelay) {
        this.retryDelay = retryDelay;
    }

    /** {@code POST /simulator/load}; the answer is the load, as {@link #show} gives it. */
    public String start(@Header("Content-Type") String contentType, @Body byte[] body) {
        JsonNode request = ControlRequest.object(contentType, body, "{\"users\":100,\"per_second\":50,\"seconds\":60}");
        LoadPlan plan;
        try {
            plan = LoadPlan.read(request);
        } catch (IllegalArgumentException e) {
            throw Refusal.plain(400, e.getMessage());
        }
        return control.start(() -> new LoadRun(plan, around,
                URI.create(callbacks.of("messages", around.numbers().first())), Duration.ofMillis(retryDelay)))
                .toString();
    }

    /** {@code GET /simulator/load}: the progress of the running load, or the result of the last one. */
    public String show() {
        return last().report().toString();
    }

    /** {@code DELETE /simulator/load}: stops sending; the second time, stops waiting too. */
    public String stop() {
        LoadRun run = last();
        run.stop();
        return run.report().toString();
    }

    /** The replies of an understanding that repeats its input. */
    public List<String> echo(@Body String heard) {
        return List.of("re: " + heard);
    }

    private LoadRun last() {
        return control.last()
                .orElseThrow(() -> Refusal.plain(404, "There was no load yet: POST /simulator/load"));
    }
}
