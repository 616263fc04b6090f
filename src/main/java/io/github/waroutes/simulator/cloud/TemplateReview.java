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
     * {@code POST /simulator/templates/{name} {"status","language"?,"reason"?,"pacing"?}}: decides about a template.
     *
     * @return the webhook about it
     */
    public byte[] judge(@Header("name") String name, @Header("Content-Type") String contentType, @Body byte[] body,
            @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number, Exchange exchange) {
        Templates templates = all.of(number);
        JsonNode request = ControlRequest.object(contentType, body, "{\"status\":\"PAUSED\"}");
        ControlRequest.only(request, Set.of("status", "language", "reason", "pacing"),
                "The body takes language, pacing, reason, status; nothing else");
        String status = ControlRequest.text(request, "status", 32);
        if (!Templates.STATUSES.contains(status)) {
            throw bad("status must be one of " + String.join(", ", Templates.STATUSES.stream().sorted().toList()));
        }
        String reason = request.has("reason") ? ControlRequest.text(request, "reason", 100) : null;
        if (request.has("pacing") && !request.path("pacing").isBoolean()) {
            throw bad("pacing must be true or false");
        }
        Boolean pacing = request.has("pacing") ? request.path("pacing").booleanValue() : null;
        String language = request.has("language") ? ControlRequest.text(request, "language", 16) : null;
        List<JsonNode> judged = templates.named(name, language);
        if (judged.isEmpty()) {
            throw Refusal.plain(404, "There is no template of this name" + (language == null ? "" : " in this language"));
        }
        judged.forEach(template -> templates.judge(template.path("id").asText(), status, reason, pacing));
        exchange.setProperty(CallbackHandshake.FIELD, TemplateEvents.FIELD);
        return TemplateEvents.webhook(number.accountId(), Instant.now(), templates.named(name, language));
    }

    private static Refusal bad(String message) {
        return Refusal.plain(400, message);
    }
}
