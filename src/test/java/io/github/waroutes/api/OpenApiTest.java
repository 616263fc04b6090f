package io.github.waroutes.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.github.waroutes.message.MessageChecks;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The description of the send API for tools: its examples are what the API takes, and its problem types are those there are. */
class OpenApiTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static JsonNode document;

    @BeforeAll
    static void read() throws IOException {
        try (InputStream in = OpenApiTest.class.getResourceAsStream("/whatsapp/openapi.json")) {
            document = JSON.readTree(in);
        }
    }

    private static List<JsonNode> messages() {
        return document.at("/paths/~1api~1messages/post/requestBody/content/application~1json/examples").findValues("value").stream()
                // a template's components have a value of that name nowhere
                .filter(JsonNode::isObject).toList();
    }

    @Test
    void eachExampleOfAMessageIsOneThatTheChecksTake() {
        MessageChecks checks = new MessageChecks();
        assertThat(messages()).hasSizeGreaterThan(25).allSatisfy(message -> {
            com.fasterxml.jackson.databind.node.ObjectNode metas = message.deepCopy();
            metas.remove("reference");
            assertThat(checks.problems(metas)).as(message.toString()).isEmpty();
        });
    }

    @Test
    void thereIsAnExampleOfEachTypeThatTheChecksKnow() throws IOException {
        Set<String> shown = messages().stream().map(message -> message.path("type").asText()
                + (message.path("type").asText().equals("interactive") ? '-' + message.at("/interactive/type").asText() : "")).collect(Collectors.toCollection(TreeSet::new));
        try (Stream<Path> schemas = Files.list(Path.of("src/main/resources/whatsapp/schemas"))) {
            Set<String> known = schemas.map(file -> file.getFileName().toString().replace(".json", "")).collect(Collectors.toCollection(TreeSet::new));
            known.removeAll(Set.of("common", "envelope", "numbers", "read"));
            assertThat(shown).isEqualTo(known);
        }
    }

    @Test
    void eachProblemTypeIsDocumentedForToolsAndForPeople() throws IOException {
        Set<String> types = document.at("/components/schemas/Problem/properties/type/oneOf").findValuesAsText("const").stream()
                .map(type -> type.replace(Problem.TYPE, "")).collect(Collectors.toCollection(TreeSet::new));
        assertThat(types).isEqualTo(new TreeSet<>(Problem.TITLES.keySet()));
        String guide = Files.readString(Path.of("docs/send-api.md"));
        assertThat(types).allSatisfy(type -> assertThat(guide).contains("| `" + type + "` |"));
        Set<String> raised = new HashSet<>();
        try (Stream<Path> files = Files.list(Path.of("src/main/java/io/github/waroutes/api"))) {
            for (Path file : files.toList()) {
                java.util.regex.Pattern.compile("new ApiException\\(\\d+, \"([a-z-]+)\"").matcher(Files.readString(file)).results().forEach(found -> raised.add(found.group(1)));
            }
        }
        assertThat(types).containsAll(raised);
    }

    @Test
    void eachExampleFitsItsSchema() {
        JsonSchemaFactory factory = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);
        List<JsonNode> contents = document.findParents("schema").stream().filter(content -> content.has("example") || content.has("examples")).toList();
        assertThat(contents).hasSizeGreaterThan(20).allSatisfy(content -> {
            com.fasterxml.jackson.databind.node.ObjectNode schema = JSON.createObjectNode();
            schema.set("components", document.path("components"));
            schema.putArray("allOf").add(content.path("schema"));
            List<JsonNode> examples = content.has("example") ? List.of(content.path("example"))
                    : content.path("examples").properties().stream().map(one -> one.getValue().path("value")).toList();
            examples.forEach(example -> assertThat(factory.getSchema(schema).validate(example)).as(example.toString()).isEmpty());
        });
    }

    @Test
    void eachOperationHasATagASummaryAndAnExampleOfItsBody() {
        document.path("paths").forEach(path -> path.forEach(operation -> {
            assertThat(operation.path("tags")).as(operation.path("operationId").asText()).hasSize(1);
            assertThat(operation.path("summary").asText()).isNotBlank();
            operation.at("/requestBody/content").forEach(content -> assertThat(content.has("example") || content.has("examples") || content.path("schema").isEmpty())
                    .as(operation.path("operationId").asText()).isTrue());
        }));
        assertThat(document.findValuesAsText("operationId")).doesNotHaveDuplicates();
    }
}
