package io.github.waroutes.simulator.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.cloud.Templates;
import io.github.waroutes.simulator.common.SimulatedNumber;
import io.github.waroutes.simulator.common.SimulatedNumbers;
import io.github.waroutes.simulator.fault.FaultPlan;
import io.github.waroutes.simulator.people.Conversations;
import io.github.waroutes.simulator.people.UserMessages;
import io.github.waroutes.simulator.webhook.Callbacks;
import java.util.List;
import org.apache.camel.Header;

/** The settings that the chat page loads when it opens. */
public class PageSettings {

    private static final String GRAPH_VERSION = "v26.0";

    private final Callbacks callbacks;
    private final Templates templates;
    private final Conversations conversations;
    private final SimulatedNumbers numbers;

    public PageSettings(Callbacks callbacks, Templates templates, Conversations conversations, SimulatedNumbers numbers) {
        this.callbacks = callbacks;
        this.templates = templates;
        this.conversations = conversations;
        this.numbers = numbers;
    }

    /**
     * {@code GET /simulator/settings?number=…}: {@code {"display_phone_number","phone_number_id","account_id","webhook_url",
     * "graph_version","kinds":[…],"faults":[{"fault","endpoints":[…]}],"templates":[{"name","language","status","category"}]}},
     * and with more than one number {@code "name"} and {@code "numbers":[…]}, as {@link SimulatedNumber#toJson} has them.
     */
    public String settings(@Header("number") String name) {
        SimulatedNumber number = numbers.named(name);
        ObjectNode settings = JsonNodeFactory.instance.objectNode().put("display_phone_number", number.display())
                .put("phone_number_id", number.phoneNumberId()).put("account_id", number.accountId())
                .put("webhook_url", callbacks.of("messages", number))
                .put("graph_version", GRAPH_VERSION);
        UserMessages.KINDS.forEach(settings.putArray("kinds")::add);
        settings.set("faults", FaultPlan.kinds());
        ArrayNode list = settings.putArray("templates");
        for (JsonNode template : templates.of(number).list(template -> true, "1000", null, null, "").path("data")) {
            list.add(((ObjectNode) template).retain(List.of("name", "language", "status", "category")));
        }
        List<SimulatedNumber> all = numbers.all();
        if (all.size() > 1) {
            ArrayNode names = settings.put("name", number.name()).putArray("numbers");
            all.forEach(one -> names.add(one.toJson()));
        }
        return settings.toString();
    }

    /** {@code GET /simulator/users?number=…}, as {@link Conversations#users} describes it. */
    public String users(@Header("number") String name) {
        return conversations.of(numbers.named(name)).users().toString();
    }
}
