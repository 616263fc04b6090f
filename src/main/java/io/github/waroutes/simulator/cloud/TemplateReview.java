package io.github.waroutes.simulator.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.simulator.common.ControlRequest;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.common.SimulatedNumber;
import io.github.waroutes.simulator.common.SimulatedNumbers;
import io.github.waroutes.simulator.webhook.CallbackHandshake;
import io.github.waroutes.simulator.webhook.TemplateEvents;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;

/** Meta's decisions about templates, made through the control API. */
public class TemplateReview {

    private final Templates all;

    public TemplateReview(Templates templates) {
        this.all = templates;
    }

    /**
     * {@code POST /simulator/templates/{name}} decides about a template: {@code {"status","language"?,"reason"?,"pacing"?}}, or
     * {@code {"quality","language"?}}, or {@code {"category","language"?}}.
     *
     * @return the webhook about it
     */
    public byte[] judge(@Header("name") String name, @Header("Content-Type") String contentType, @Body byte[] body,
            @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number, Exchange exchange) {
        Templates templates = all.of(number);
        JsonNode request = ControlRequest.object(contentType, body, "{\"status\":\"PAUSED\"}");
        ControlRequest.only(request, Set.of("status", "quality", "category", "language", "reason", "pacing"),
                "The body takes category, language, pacing, quality, reason, status; nothing else");
        if (Stream.of("status", "quality", "category").filter(request::has).count() != 1) {
            throw bad("Give one of status, quality and category");
        }
        String language = request.has("language") ? ControlRequest.text(request, "language", 16) : null;
        List<JsonNode> judged = templates.named(name, language);
        if (judged.isEmpty()) {
            throw Refusal.plain(404, "There is no template of this name" + (language == null ? "" : " in this language"));
        }
        if (request.has("status")) {
            judgeStatus(request, templates, judged);
            exchange.setProperty(CallbackHandshake.FIELD, TemplateEvents.FIELD);
            return TemplateEvents.webhook(number.accountId(), Instant.now(), templates.named(name, language));
        }
        boolean quality = request.has("quality");
        String value = word(request, quality ? "quality" : "category", quality ? Templates.QUALITIES : Templates.CATEGORIES);
        String before = judged.get(0).at(quality ? "/quality_score/score" : "/category").asText("UNKNOWN");
        judged.forEach(template -> templates.rate(template.path("id").asText(), quality ? value : null, quality ? null : value));
        String field = quality ? TemplateEvents.QUALITY : TemplateEvents.CATEGORY;
        exchange.setProperty(CallbackHandshake.FIELD, field);
        return TemplateEvents.webhook(number.accountId(), Instant.now(), field, before, templates.named(name, language));
    }

    private static void judgeStatus(JsonNode request, Templates templates, List<JsonNode> judged) {
        String status = word(request, "status", Templates.STATUSES);
        String reason = request.has("reason") ? ControlRequest.text(request, "reason", 100) : null;
        if (request.has("pacing") && !request.path("pacing").isBoolean()) {
            throw bad("pacing must be true or false");
        }
        Boolean pacing = request.has("pacing") ? request.path("pacing").booleanValue() : null;
        judged.forEach(template -> templates.judge(template.path("id").asText(), status, reason, pacing));
    }

    private static String word(JsonNode request, String field, Set<String> words) {
        String word = ControlRequest.text(request, field, 32);
        if (!words.contains(word)) {
            throw bad(field + " must be one of " + String.join(", ", words.stream().sorted().toList()));
        }
        return word;
    }

    private static Refusal bad(String message) {
        return Refusal.plain(400, message);
    }
}
