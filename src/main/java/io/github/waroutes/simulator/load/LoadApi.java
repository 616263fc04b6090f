package io.github.waroutes.simulator.load;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.simulator.common.Json;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.SimulatorState;
import io.github.waroutes.simulator.people.Users;
import io.github.waroutes.simulator.webhook.WebhookSigner;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.apache.camel.Body;
import org.apache.camel.Header;
import org.apache.camel.spi.Registry;

/** The control API of the load, and the understanding that lets it know each answer. Refusals are {@link Refusal}s. */
public class LoadApi {

    private URI webhookUrl;
    private long retryDelay = 500;

    /** Where webhooks go. */
    public void setWebhookUrl(String webhookUrl) {
        this.webhookUrl = URI.create(webhookUrl);
    }

    /** Milliseconds before the first of four repetitions of a webhook, doubling. */
    public void setRetryDelay(long retryDelay) {
        this.retryDelay = retryDelay;
    }

    /** {@code POST /simulator/load}; the answer is the load, as {@link #show} gives it. */
    public String start(@Header("Content-Type") String contentType, @Body byte[] body, Registry registry) {
        if (!Json.isJson(contentType)) {
            throw Refusal.plain(415, "Content-Type must be application/json");
        }
        JsonNode request = Json.object(body).orElseThrow(() -> Refusal.plain(400,
                "The body must be a JSON object, such as {\"users\":100,\"per_second\":50,\"seconds\":60}"));
        LoadPlan plan;
        try {
            plan = LoadPlan.read(request);
        } catch (IllegalArgumentException e) {
            throw Refusal.plain(400, e.getMessage());
        }
        SimulatorState state = SimulatorState.in(registry);
        Users users = registry.lookupByNameAndType("simulatorUsers", Users.class);
        WebhookSigner signature = registry.lookupByNameAndType("simulatorSignature", WebhookSigner.class);
        return state.load().start(() -> new LoadRun(plan, users, signature,
                        state.callbacks().of("messages").map(URI::create).orElse(webhookUrl), Duration.ofMillis(retryDelay), state))
                .toString();
    }

    /** {@code GET /simulator/load}: how the load that runs goes, or how the last one went. */
    public String show(Registry registry) {
        return last(registry).report().toString();
    }

    /** {@code DELETE /simulator/load}: no more is said; the second time, no more is waited for. */
    public String stop(Registry registry) {
        LoadRun run = last(registry);
        run.stop();
        return run.report().toString();
    }

    /** The replies of an understanding that repeats what it heard. */
    public List<String> echo(@Body String heard) {
        return List.of("re: " + heard);
    }

    private static LoadRun last(Registry registry) {
        return SimulatorState.in(registry).load().last()
                .orElseThrow(() -> Refusal.plain(404, "There was no load yet: POST /simulator/load"));
    }
}
