package io.github.waroutes.graph;

import java.io.IOException;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppServiceException;
import org.apache.camel.Exchange;
import org.apache.camel.Variable;

/** Reads what the Graph API answers when all went well. */
public class GraphAnswers {

    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() { };

    private final ObjectMapper json = new ObjectMapper();

    /**
     * The answer as a map.
     *
     * @throws WhatsAppServiceException if it is not a JSON object: whether the request was carried out is then unknown
     */
    public Map<String, Object> read(byte[] body) {
        try {
            Map<String, Object> answer = body == null ? null : json.readValue(body, OBJECT);
            if (answer != null) {
                return answer;
            }
        } catch (IOException e) {
            // reported below without the parser's message, which quotes the answer
        }
        throw new WhatsAppServiceException(ErrorDetails.builder("The Graph API answered with success, but not with JSON")
                .statusCode(200)
                .retryClass(RetryClass.TRANSIENT)
                .scope(ErrorScope.SERVICE)
                .outcomeUnknown(true)
                .build());
    }

    /** Sets the variable {@code whatsappSentId} to the wamid in the answer, which is in the variable {@code whatsappSent}; none if it has none. */
    @SuppressWarnings("unchecked")
    public void keepMessageId(Exchange exchange) {
        exchange.setVariable("whatsappSentId", messageId(exchange.getVariable("whatsappSent", Map.class)));
    }

    /** The wamid of the message that was accepted, null if the answer names none. */
    public String messageId(@Variable("whatsappSent") Map<String, Object> answer) {
        return answer.get("messages") instanceof List<?> messages && !messages.isEmpty()
                && messages.get(0) instanceof Map<?, ?> message && message.get("id") != null
                        ? message.get("id").toString()
                        : null;
    }
}
