package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.RouteFiles;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The description of the management API, against its routes; {@link WaitingFlowTest} holds real answers against it. */
class ManagementOpenApiTest {

    static JsonNode document() throws IOException {
        try (var in = ManagementOpenApiTest.class.getResourceAsStream("/whatsapp/management-openapi.yaml")) {
            return new ObjectMapper().valueToTree(new Load(LoadSettings.builder().build()).loadFromInputStream(in));
        }
    }

    /** What of an answer the description does not know; empty: nothing. */
    static TreeSet<String> unknown(JsonNode document, JsonNode schema, JsonNode answer, String at) {
        TreeSet<String> unknown = new TreeSet<>();
        JsonNode known = schema.has("$ref") ? document.at(schema.path("$ref").asText().substring(1)) : schema;
        if (answer.isArray()) {
            answer.forEach(item -> unknown.addAll(unknown(document, known.path("items"), item, at + "[]")));
        } else if (answer.isObject() && known.has("properties")) {
            answer.fields().forEachRemaining(field -> {
                JsonNode property = known.path("properties").path(field.getKey());
                unknown.addAll(property.isMissingNode() ? new TreeSet<>(java.util.Set.of(at + '.' + field.getKey()))
                        : unknown(document, property, field.getValue(), at + '.' + field.getKey()));
            });
            known.path("required").forEach(name -> {
                if (!answer.has(name.asText())) {
                    unknown.add(at + " has no " + name.asText());
                }
            });
        } else if (answer.isObject() != "object".equals(known.path("type").asText())) {
            unknown.add(at + " is not of the type " + known.path("type").asText());
        }
        return unknown;
    }

    @Test
    void eachRouteIsDescribedAndNothingElse() throws IOException {
        TreeSet<String> routes = new TreeSet<>();
        for (JsonNode entry : RouteFiles.read(Path.of("src/main/resources/routes/management/management.camel.yaml"))) {
            Map<String, String> parameters = new HashMap<>();
            entry.at("/templatedRoute/parameters").forEach(one -> parameters.put(one.path("name").asText(), one.path("value").asText()));
            if (entry.has("templatedRoute")) {
                routes.add(parameters.get("httpMethod") + " /manage/" + parameters.get("path"));
            } else if (entry.has("route")) {
                routes.add(entry.at("/route/from/parameters/httpMethodRestrict").asText() + ' '
                        + entry.at("/route/from/uri").asText().substring("whatsapp-management:".length()));
            }
        }
        TreeSet<String> described = new TreeSet<>();
        document().path("paths").fields().forEachRemaining(path -> path.getValue().fieldNames()
                .forEachRemaining(method -> described.add(method.toUpperCase(java.util.Locale.ROOT) + ' ' + path.getKey())));
        assertThat(described).hasSizeGreaterThan(10).isEqualTo(routes);
    }

    @Test
    void eachReferenceLeadsSomewhere() throws IOException {
        JsonNode document = document();
        assertThat(document.findValuesAsText("$ref")).isNotEmpty().allSatisfy(ref -> assertThat(document.at(ref.substring(1)).isMissingNode()).as(ref).isFalse());
    }
}
