package io.github.waroutes.simulator.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.common.Json;
import java.time.Instant;
import java.util.List;

/** The webhook about a template's status. Source: WhatsApp Cloud API, "message_template_status_update webhook reference". */
public final class TemplateEvents {

    public static final String FIELD = "message_template_status_update";

    private TemplateEvents() {
    }

    /** One webhook with a change for each template. */
    public static byte[] webhook(String accountId, Instant at, List<? extends JsonNode> templates) {
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("object", "whatsapp_business_account");
        ObjectNode entry = root.putArray("entry").addObject().put("id", accountId).put("time", at.getEpochSecond());
        ArrayNode changes = entry.putArray("changes");
        for (JsonNode template : templates) {
            changes.addObject().<ObjectNode>set("value", value(template, at)).put("field", FIELD);
        }
        return Json.escapedBytes(root);
    }

    private static ObjectNode value(JsonNode template, Instant at) {
        String status = template.path("status").asText();
        ObjectNode value = JsonNodeFactory.instance.objectNode().put("event", status)
                .put("message_template_id", template.path("id").asLong())
                .put("message_template_name", template.path("name").asText())
                .put("message_template_language", template.path("language").asText())
                .put("message_template_category", template.path("category").asText())
                .put("reason", template.path("rejected_reason").asText("NONE"));
        if (status.equals("PAUSED")) {
            value.putObject("other_info").put("title", "FIRST_PAUSE")
                    .put("description", "Users found messages from this template of low quality; it is paused for 3 hours");
        } else if (status.equals("DISABLED")) {
            value.putObject("disable_info").put("disable_date", at.getEpochSecond());
        }
        return value;
    }
}
