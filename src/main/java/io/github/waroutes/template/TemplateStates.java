package io.github.waroutes.template;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppTemplateException;
import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.state.StateStore;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * What is known of each template: what Meta answered when it was last asked, and what its updates have said since. A state is
 * {@code {"name","language","id","status","category","quality","reason","next_category","previous_category","updated"}}; what is not known is
 * left out, {@code updated} is in seconds since 1970. Sources: WhatsApp Business Management API, "Message templates", and the webhook references
 * {@code message_template_status_update}, {@code message_template_quality_update}, {@code template_category_update} and
 * {@code message_template_components_update}. Safe for concurrent use.
 */
public class TemplateStates {

    /** Header: Meta's id of a template. */
    public static final String ID = "WhatsAppTemplateId";
    /** Exchange variable: the update as it was stored. */
    static final String UPDATE = "whatsappUpdate";
    /** In a stored state: when Meta was asked, in milliseconds; and when Meta says that the news happened, in seconds. */
    private static final String ASKED = "asked";
    private static final String AT = "_at";
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() { };
    private static final int TRIES = 100;

    private final StateStore store;
    private final Clock clock;
    private final ObjectMapper json = new ObjectMapper();
    private long freshMillis = 600_000;

    public TemplateStates(StateStore store) {
        this(store, Clock.systemUTC());
    }

    TemplateStates(StateStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /** @param minutes how long an answer of Meta's is used before Meta is asked again; 0: it is always asked */
    public void setFreshMinutes(long minutes) {
        freshMillis = minutes * 60_000;
    }

    /**
     * In: an update about a template, as it was stored. Out: body Meta's {@code value} object, a map; headers {@code WhatsAppTemplate},
     * {@code WhatsAppTemplateLanguage} and {@value #ID}. What it says of the template's state is taken up, unless newer news of the same kind
     * came first: Meta promises no order.
     */
    public void update(Exchange exchange) {
        Message message = exchange.getMessage();
        exchange.setVariable(UPDATE, message.getBody());
        JsonNode entry = read(message.getBody(byte[].class)).path("entry").path(0);
        JsonNode value = entry.at("/changes/0/value");
        String name = text(value, "message_template_name");
        String language = text(value, "message_template_language");
        String id = text(value, "message_template_id");
        set(message, OutboundHeaders.TEMPLATE, name);
        set(message, OutboundHeaders.TEMPLATE_LANGUAGE, language);
        set(message, ID, id);
        message.setBody(json.convertValue(value.isObject() ? value : json.createObjectNode(), OBJECT));
        String account = account(message);
        if (account != null && name != null && language != null) {
            String field = entry.at("/changes/0/field").asText();
            long at = entry.path("time").asLong(clock.instant().getEpochSecond());
            change(account, name, language, state -> {
                if (id != null) {
                    state.put("id", id);
                }
                if (at >= number(state.get(field + AT))) {
                    state.put(field + AT, at);
                    state.put("updated", Math.max(at, number(state.get("updated"))));
                    take(field, value, state);
                }
                return state;
            });
        }
    }

    private static void take(String field, JsonNode value, Map<String, Object> state) {
        switch (field) {
            case "message_template_status_update" -> {
                put(state, "status", text(value, "event"));
                put(state, "category", text(value, "message_template_category"), state.get("category"));
                String reason = text(value, "reason");
                put(state, "reason", "NONE".equals(reason) ? null : reason);
            }
            case "message_template_quality_update" -> put(state, "quality", text(value, "new_quality_score"));
            case "template_category_update" -> {
                // new_category is the one in force; correct_category, with it, the one that it will have a day later
                put(state, "category", text(value, "new_category"), state.get("category"));
                put(state, "next_category", text(value, "correct_category"));
                put(state, "previous_category", text(value, "previous_category"), state.get("previous_category"));
            }
            default -> {
                // other words of the template, and nothing of its state
            }
        }
    }

    /** In: the list of templates in the body, as Meta answers. What they say is taken up; a template that is told twice has the later one. */
    public void listed(Exchange exchange) {
        String account = account(exchange.getMessage());
        for (Object one : exchange.getMessage().getBody(List.class)) {
            JsonNode template = json.valueToTree(one);
            String name = text(template, "name");
            String language = text(template, "language");
            if (account != null && name != null && language != null) {
                change(account, name, language, state -> {
                    put(state, "id", text(template, "id"), state.get("id"));
                    put(state, "status", text(template, "status"), state.get("status"));
                    put(state, "category", text(template, "category"), state.get("category"));
                    String quality = text(template.path("quality_score"), "score");
                    put(state, "quality", quality == null ? text(template, "quality_score") : quality, state.get("quality"));
                    String reason = text(template, "rejected_reason");
                    put(state, "reason", "NONE".equals(reason) ? null : reason, state.get("reason"));
                    if ("APPROVED".equals(state.get("status"))) {
                        state.remove("reason");
                    }
                    state.put(ASKED, clock.millis());
                    return state;
                });
            }
        }
    }

    /** The template in the header {@code WhatsAppTemplate} was changed or deleted, in one language or in all: Meta is asked when its state is next wanted. */
    public void forget(Exchange exchange) {
        Message message = exchange.getMessage();
        String name = message.getHeader(OutboundHeaders.TEMPLATE, String.class);
        if (name != null) {
            store.put(key(account(message), name, ""), Long.toString(clock.millis()));
        }
    }

    /** The state of the template that the headers name, if Meta was asked lately; null otherwise. */
    public Map<String, Object> fresh(Exchange exchange) {
        Map<String, Object> state = named(exchange);
        if (state == null) {
            return null;
        }
        long asked = number(state.get(ASKED));
        String forgotten = store.get(key(account(exchange.getMessage()), name(exchange.getMessage()), ""));
        return clock.millis() - asked < freshMillis && (forgotten == null || Long.parseLong(forgotten) < asked) ? shown(state) : null;
    }

    /**
     * The state of the template that the headers name, after Meta was asked; the body is what Meta answered.
     *
     * @throws WhatsAppTemplateException 404 if Meta has none of this name and language
     */
    public Map<String, Object> asked(Exchange exchange) {
        Message message = exchange.getMessage();
        String language = language(message);
        for (Object one : message.getBody(List.class)) {
            if (one instanceof Map<?, ?> template && language.equals(template.get("language"))) {
                return shown(named(exchange));
            }
        }
        store.take(key(account(message), name(message), language));
        throw new WhatsAppTemplateException(ErrorDetails.builder("The account has no template of this name and language").statusCode(404).build(), name(message));
    }

    /** Of the list in the body, those whose name is the one in the header: Meta finds parts of names too. */
    public List<Object> exact(Exchange exchange) {
        String name = name(exchange.getMessage());
        List<Object> found = new ArrayList<>();
        for (Object one : exchange.getMessage().getBody(List.class)) {
            if (one instanceof Map<?, ?> template && name.equals(template.get("name"))) {
                found.add(one);
            }
        }
        return found;
    }

    /** Sets the header {@value #ID} to that of the template of the language in the header, which is in the list in the variable {@code whatsappFound}; none without one. */
    public void identify(Exchange exchange) {
        Message message = exchange.getMessage();
        String language = language(message);
        message.removeHeader(ID);
        for (Object one : exchange.getVariable("whatsappFound", List.class)) {
            if (one instanceof Map<?, ?> template && language.equals(template.get("language"))) {
                message.setHeader(ID, template.get("id"));
            }
        }
    }

    private static String account(Message message) {
        return message.getHeader(UpdateHeaders.ACCOUNT_ID, String.class);
    }

    private Map<String, Object> named(Exchange exchange) {
        Message message = exchange.getMessage();
        String state = store.get(key(account(message), name(message), language(message)));
        return state == null ? null : json.convertValue(read(state.getBytes(StandardCharsets.UTF_8)), OBJECT);
    }

    private static Map<String, Object> shown(Map<String, Object> state) {
        state.keySet().removeIf(key -> key.equals(ASKED) || key.endsWith(AT));
        return state;
    }

    private void change(String account, String name, String language, UnaryOperator<Map<String, Object>> change) {
        String key = key(account, name, language);
        for (int left = TRIES; left > 0; left--) {
            String before = store.get(key);
            Map<String, Object> state = new LinkedHashMap<>();
            state.put("name", name);
            state.put("language", language);
            if (before != null) {
                state.putAll(json.convertValue(read(before.getBytes(StandardCharsets.UTF_8)), OBJECT));
            }
            if (store.replace(key, before, write(change.apply(state)))) {
                return;
            }
        }
        throw new IllegalStateException("The state of a template changes too often");
    }

    /** @throws WhatsAppTemplateException if the header is missing */
    static String name(Message message) {
        return required(message, OutboundHeaders.TEMPLATE, "the template's name");
    }

    private static String language(Message message) {
        return required(message, OutboundHeaders.TEMPLATE_LANGUAGE, "its language");
    }

    private static String required(Message message, String header, String meaning) {
        String value = message.getHeader(header, String.class);
        if (value == null || value.isBlank()) {
            throw new WhatsAppTemplateException(ErrorDetails.builder("The header " + header + " is missing: " + meaning).build(), null);
        }
        return value.strip();
    }

    private static String key(String account, String name, String language) {
        return account + '/' + name + '/' + language;
    }

    private static void set(Message message, String header, String value) {
        if (value != null) {
            message.setHeader(header, value);
        }
    }

    private static void put(Map<String, Object> state, String key, String value) {
        put(state, key, value, null);
    }

    private static void put(Map<String, Object> state, String key, String value, Object otherwise) {
        if (value == null && otherwise == null) {
            state.remove(key);
        } else {
            state.put(key, value == null ? otherwise : value);
        }
    }

    private static long number(Object value) {
        return value instanceof Number number ? number.longValue() : 0;
    }

    private static String text(JsonNode node, String key) {
        JsonNode value = node.path(key);
        return (value.isTextual() || value.isNumber()) && !value.asText().isBlank() ? value.asText() : null;
    }

    private JsonNode read(byte[] text) {
        try {
            return json.readTree(text);
        } catch (IOException e) {
            throw new IllegalArgumentException("The update or the template's state is not JSON");
        }
    }

    private String write(Map<String, Object> state) {
        try {
            return json.writeValueAsString(state);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
