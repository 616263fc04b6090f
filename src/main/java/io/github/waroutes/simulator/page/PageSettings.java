package io.github.waroutes.simulator.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.cloud.Account;
import io.github.waroutes.simulator.fault.FaultPlan;
import io.github.waroutes.simulator.SimulatorState;
import io.github.waroutes.simulator.cloud.Templates;
import io.github.waroutes.simulator.people.UserMessages;
import java.util.List;
import org.apache.camel.spi.Registry;

/** What the chat page asks for when it opens. */
public class PageSettings {

    private static final String GRAPH_VERSION = "v26.0";

    private String phoneNumberId;
    private String displayPhoneNumber;
    private String accountId;
    private String webhookUrl;
    private String templates = "";

    /** The business phone number's id. */
    public void setPhoneNumberId(String phoneNumberId) {
        this.phoneNumberId = phoneNumberId;
    }

    /** The business phone number, digits only. */
    public void setDisplayPhoneNumber(String displayPhoneNumber) {
        this.displayPhoneNumber = displayPhoneNumber;
    }

    /** The WhatsApp Business Account. */
    public void setAccountId(String accountId) {
        this.accountId = accountId;
    }

    /** Where webhooks go. */
    public void setWebhookUrl(String webhookUrl) {
        this.webhookUrl = webhookUrl;
    }

    /** The templates there are from the start, as {@link Templates} takes them. */
    public void setTemplates(String templates) {
        this.templates = templates;
    }

    /**
     * {@code GET /simulator/settings}: {@code {"display_phone_number","phone_number_id","account_id","webhook_url",
     * "graph_version","kinds":[…],"faults":[{"fault","endpoints":[…]}],"templates":[{"name","language","status","category"}]}}.
     */
    public String settings(Registry registry) {
        ObjectNode settings = JsonNodeFactory.instance.objectNode().put("display_phone_number", displayPhoneNumber)
                .put("phone_number_id", phoneNumberId).put("account_id", accountId)
                .put("webhook_url", SimulatorState.in(registry).callbacks().of("messages").orElse(webhookUrl))
                .put("graph_version", GRAPH_VERSION);
        UserMessages.KINDS.forEach(settings.putArray("kinds")::add);
        settings.set("faults", FaultPlan.kinds());
        ArrayNode list = settings.putArray("templates");
        for (JsonNode template : SimulatorState.in(registry).templates(templates).list(template -> true, "1000", null, null, "").path("data")) {
            list.add(((ObjectNode) template).retain(List.of("name", "language", "status", "category")));
        }
        return settings.toString();
    }

    /** {@code GET /simulator/users}, as {@link SimulatorState#users} describes it. */
    public String users(Registry registry) {
        return SimulatorState.in(registry).users().toString();
    }
}
