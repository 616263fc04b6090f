package io.github.waroutes.simulator.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.cloud.Account;
import io.github.waroutes.simulator.cloud.Templates;
import io.github.waroutes.simulator.fault.FaultPlan;
import io.github.waroutes.simulator.people.Conversations;
import io.github.waroutes.simulator.people.UserMessages;
import io.github.waroutes.simulator.webhook.Callbacks;
import java.util.List;

/** What the chat page asks for when it opens. */
public class PageSettings {

    private static final String GRAPH_VERSION = "v26.0";

    private final Callbacks callbacks;
    private final Templates templates;
    private final Conversations conversations;
    private String phoneNumberId;
    private String displayPhoneNumber;
    private String accountId;

    public PageSettings(Callbacks callbacks, Templates templates, Conversations conversations) {
        this.callbacks = callbacks;
        this.templates = templates;
        this.conversations = conversations;
    }

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

    /**
     * {@code GET /simulator/settings}: {@code {"display_phone_number","phone_number_id","account_id","webhook_url",
     * "graph_version","kinds":[…],"faults":[{"fault","endpoints":[…]}],"templates":[{"name","language","status","category"}]}}.
     */
    public String settings() {
        ObjectNode settings = JsonNodeFactory.instance.objectNode().put("display_phone_number", displayPhoneNumber)
                .put("phone_number_id", phoneNumberId).put("account_id", accountId)
                .put("webhook_url", callbacks.of("messages"))
                .put("graph_version", GRAPH_VERSION);
        UserMessages.KINDS.forEach(settings.putArray("kinds")::add);
        settings.set("faults", FaultPlan.kinds());
        ArrayNode list = settings.putArray("templates");
        for (JsonNode template : templates.list(template -> true, "1000", null, null, "").path("data")) {
            list.add(((ObjectNode) template).retain(List.of("name", "language", "status", "category")));
        }
        return settings.toString();
    }

    /** {@code GET /simulator/users}, as {@link Conversations#users} describes it. */
    public String users() {
        return conversations.users().toString();
    }
}
