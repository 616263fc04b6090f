package io.github.waroutes.message;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonNodePath;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;

/**
 * Our JSON Schemas of the Cloud API's messages, {@code /whatsapp/schemas/*.json}, compiled once, and what they find in words.
 * A message that no schema knows is checked against the envelope only.
 */
final class MessageSchemas {

    private static final String FOLDER = "/whatsapp/schemas/";
    /** Never fetched: every schema under it is given to the validator as text. */
    private static final String BASE = "https://waroutes.invalid/schemas/";
    private static final String SHARED = "common";
    private static final String ENVELOPE = "envelope";
    private static final String READ = "read";
    private static final String INTERACTIVE = "interactive-";
    private static final List<String> TYPES = List.of("text", "image", "audio", "video", "document", "sticker", "location",
            "contacts", "reaction", "pin", "template");
    private static final List<String> INTERACTIVE_TYPES = List.of("button", "list", "cta_url", "flow", "product", "product_list",
            "catalog_message", "location_request_message", "address_message", "carousel", "request_contact_info", "voice_call",
            "call_permission_request");
    /** What these would say about their parts is told by the keyword itself. */
    private static final Set<String> ALTERNATIVES = Set.of("oneOf", "not");

    /** Compiled when the first message of the type comes, so that a start does not wait for types nobody sends. */
    private final Map<String, JsonSchema> schemas = new ConcurrentHashMap<>();
    private final JsonSchemaFactory factory;
    private final SchemaValidatorsConfig config;

    MessageSchemas() {
        Map<String, String> texts = new HashMap<>();
        read(texts, SHARED);
        read(texts, ENVELOPE);
        read(texts, READ);
        TYPES.forEach(type -> read(texts, type));
        INTERACTIVE_TYPES.forEach(type -> read(texts, INTERACTIVE + type));
        factory = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012,
                builder -> builder.schemaLoaders(loaders -> loaders.schemas(texts)));
        config = SchemaValidatorsConfig.builder().errorMessageKeyword("errorMessage").build();
    }

    private JsonSchema compiled(String name) {
        return schemas.computeIfAbsent(name, key -> {
            JsonSchema schema = factory.getSchema(SchemaLocation.of(BASE + key + ".json"), config);
            schema.initializeValidators();
            return schema;
        });
    }

    private static void read(Map<String, String> texts, String name) {
        String file = name + ".json";
        try (InputStream in = MessageSchemas.class.getResourceAsStream(FOLDER + file)) {
            if (in == null) {
                throw new IllegalStateException("The resource " + FOLDER + file + " is missing");
            }
            texts.put(BASE + file, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds what is wrong with a message, in the order of the schema. */
    void find(JsonNode message, Collection<MessageProblem> problems) {
        for (ValidationMessage found : schema(message).validate(message)) {
            if (!insideAlternative(found.getEvaluationPath())) {
                problems.add(problem(found));
            }
        }
    }

    private JsonSchema schema(JsonNode message) {
        if (message.has("status")) {
            return compiled(READ);
        }
        String type = message.path("type").asText("text");
        String inner = message.path(type).path("type").asText();
        String name = "interactive".equals(type) && INTERACTIVE_TYPES.contains(inner) ? INTERACTIVE + inner
                : TYPES.contains(type) ? type : ENVELOPE;
        return compiled(name);
    }

    private static boolean insideAlternative(JsonNodePath evaluated) {
        // the last element is the keyword that speaks
        for (JsonNodePath path = evaluated.getParent(); path != null && path.getNameCount() > 0; path = path.getParent()) {
            if (ALTERNATIVES.contains(path.getName(-1))) {
                return true;
            }
        }
        return false;
    }

    private static MessageProblem problem(ValidationMessage found) {
        String field = field(found.getInstanceLocation());
        JsonNode rule = found.getSchemaNode();
        JsonNode value = found.getInstanceNode();
        return switch (found.getType()) {
            case "maxLength" -> new MessageProblem("text-length", field, MessageRules.length(rule.asInt(), value.textValue()));
            case "minLength" -> new MessageProblem("text-length", field, "must not be empty");
            case "maxItems" -> new MessageProblem("count", field, MessageRules.atMost(rule.asInt(), "entries", value.size()));
            case "minItems" -> new MessageProblem("count", field,
                    "needs at least " + rule.asInt() + (rule.asInt() == 1 ? " entry" : " entries") + ", and has " + value.size());
            case "maximum" -> new MessageProblem("range", field, "may be at most " + rule.asText());
            case "minimum" -> new MessageProblem("range", field, "must be at least " + rule.asText());
            case "required" -> new MessageProblem("schema", join(field, found.getProperty()), "is missing");
            case "type" -> new MessageProblem("schema", named(field), "must be of type " + words(rule, " or "));
            case "const" -> new MessageProblem("schema", field, "must be " + rule.asText());
            case "enum" -> new MessageProblem("schema", field, "must be one of " + words(rule, ", "));
            // our schemas put these into words themselves
            default -> new MessageProblem("schema", named(field), found.getError());
        };
    }

    private static String words(JsonNode rule, String between) {
        return rule.isArray() ? StreamSupport.stream(rule.spliterator(), false).map(JsonNode::asText)
                .collect(Collectors.joining(between)) : rule.asText();
    }

    private static String field(JsonNodePath location) {
        StringBuilder field = new StringBuilder();
        for (int i = 0; i < location.getNameCount(); i++) {
            Object element = location.getElement(i);
            if (element instanceof Integer index) {
                field.append('[').append(index).append(']');
            } else {
                field.append(field.isEmpty() ? "" : ".").append(element);
            }
        }
        return field.toString();
    }

    private static String join(String parent, String name) {
        return parent.isEmpty() ? name : parent + '.' + name;
    }

    private static String named(String field) {
        return field.isEmpty() ? "the message" : field;
    }
}
