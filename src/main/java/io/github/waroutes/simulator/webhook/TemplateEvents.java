package io.github.waroutes.simulator.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.common.Json;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;

/**
 * The webhooks about a template's status, quality and category. Source: WhatsApp Cloud API, webhook references of
 * {@code message_template_status_update}, {@code message_template_quality_update} and {@code template_category_update}.
 */
public final class TemplateEvents {

    public static final String FIELD = "message_template_status_update";
    public static final String QUALITY = "message_template_quality_update";
    public static final String CATEGORY = "template_category_update";

    private TemplateEvents() {
    }

    /** One webhook with a change of the status for each template. */
    public static byte[] webhook(String accountId, Instant at, List<? extends JsonNode> templates) {
        return webhook(accountId, at, FIELD, templates, template -> value(template, at));
    }

    /** One webhook with a change of the quality, or of the category, for each template. */
    public static byte[] webhook(String accountId, Instant at, String field, String before, List<? extends JsonNode> templates) {
        String what = field.equals(QUALITY) ? "quality_score" : "category";
        return webhook(accountId, at, field, templates, template -> {
            ObjectNode value = about(template);
            String now = template.at(field.equals(QUALITY) ? "/quality_score/score" : "/category").asText();
            return value.put("previous_" + what, before).put("new_" + what, now);
        });
    }

    private static byte[] webhook(String accountId, Instant at, String field, List<? extends JsonNode> templates, Function<JsonNode, ObjectNode> value) {
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("object", "whatsapp_business_account");
        ObjectNode entry = root.putArray("entry").addObject().put("id", accountId).put("time", at.getEpochSecond());
        ArrayNode changes = entry.putArray("changes");
        for (JsonNode template : templates) {
            changes.addObject().<ObjectNode>set("value", value.apply(template)).put("field", field);
        }
        return Json.escapedBytes(root);
    }

    private static ObjectNode value(JsonNode template, Instant at) {
        String status = template.path("status").asText();
        ObjectNode value = about(template).put("event", status).put("message_template_category", template.path("category").asText())
                .put("reason", template.path("rejected_reason").asText("NONE"));
        if (status.equals("PAUSED")) {
            value.putObject("other_info").put("title", "FIRST_PAUSE")
                    .put("description", "Users found messages from this template of low quality; it is paused for 3 hours");
        } else if (status.equals("DISABLED")) {
            value.putObject("disable_info").put("disable_date", at.getEpochSecond());
        }
        return value;
    }

    private static ObjectNode about(JsonNode template) {
        return JsonNodeFactory.instance.objectNode().put("message_template_id", template.path("id").asLong())
                .put("message_template_name", template.path("name").asText())
                .put("message_template_language", template.path("language").asText());
    }
}
