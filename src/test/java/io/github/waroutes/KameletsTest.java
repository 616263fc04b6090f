package io.github.waroutes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The Kamelets' files, held against the rules of Camel's catalogue of Kamelets and of its YAML; and the guide's tables, which are made of them. */
class KameletsTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path FOLDER = Path.of("src", "main", "resources", "kamelets");
    private static final Path GUIDE = Path.of("docs", "kamelets.md");
    private static final String SUFFIX = ".kamelet.yaml";
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{\\??([A-Za-z0-9.-]+)(?::[^}]*)?}}");
    private static final Pattern DIRECT = Pattern.compile("direct:[A-Za-z0-9_-]+");
    private static final String BEGIN = "<!-- generated from the Kamelets by KameletsTest; -Dwrite.tables=true rewrites it -->\n";
    private static final String END = "<!-- end -->\n";

    static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.sorted().toList();
        }
    }

    private static String type(JsonNode kamelet) {
        return kamelet.path("metadata").path("labels").path("camel.apache.org/kamelet.type").asText();
    }

    private static Map<String, JsonNode> parameters(JsonNode kamelet) {
        Map<String, JsonNode> parameters = new LinkedHashMap<>();
        kamelet.at("/spec/definition/properties").fields().forEachRemaining(field -> parameters.put(field.getKey(), field.getValue()));
        return parameters;
    }

    private static List<String> required(JsonNode kamelet) {
        List<String> required = new ArrayList<>();
        kamelet.at("/spec/definition/required").forEach(name -> required.add(name.asText()));
        return required;
    }

    @ParameterizedTest
    @MethodSource("files")
    void aFileFitsTheSchema(Path file) throws IOException {
        JsonNode schema = JSON.readTree(getClass().getResource("/kamelets/kamelet.schema.json"));
        assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(schema).validate(RouteFiles.read(file)))
                .extracting(ValidationMessage::getMessage).isEmpty();
    }

    /** The rules of the validator in apache/camel-kamelets, but for the name of the provider. */
    @ParameterizedTest
    @MethodSource("files")
    void theCatalogsRulesHold(Path file) {
        JsonNode kamelet = RouteFiles.read(file);
        String name = kamelet.at("/metadata/name").asText();
        String type = type(kamelet);
        assertThat(file.getFileName()).hasToString(name + SUFFIX);
        assertThat(name).startsWith("whatsapp-").endsWith("-" + type);
        assertThat(kamelet.at("/spec/definition/title").asText()).endsWith(type.substring(0, 1).toUpperCase(Locale.ROOT) + type.substring(1));
        String template = kamelet.at("/spec/template").toString();
        Set<String> used = new TreeSet<>();
        Matcher placeholder = PLACEHOLDER.matcher(template);
        while (placeholder.find()) {
            used.add(placeholder.group(1));
        }
        assertThat(used).isEqualTo(new TreeSet<>(parameters(kamelet).keySet()));
        assertThat(parameters(kamelet).keySet()).containsAll(required(kamelet));
        assertThat(template).contains(type.equals("source") ? "kamelet:sink" : "kamelet:source");
    }

    @ParameterizedTest
    @MethodSource("files")
    void aParameterIsRequiredOrHasADefaultAndItsExampleFits(Path file) {
        JsonNode kamelet = RouteFiles.read(file);
        parameters(kamelet).forEach((name, parameter) -> {
            assertThat(parameter.has("default")).as(name).isNotEqualTo(required(kamelet).contains(name));
            for (String key : List.of("default", "example")) {
                String value = parameter.path(key).asText();
                if (parameter.has(key) && parameter.has("pattern")) {
                    assertThat(value).as(name).matches(parameter.path("pattern").asText());
                }
                if (parameter.has(key) && parameter.has("enum")) {
                    assertThat(parameter.path("enum")).as(name).anyMatch(word -> word.asText().equals(value));
                }
            }
        });
    }

    /** There is none today: tokens and secrets are the gateway's settings. */
    @ParameterizedTest
    @MethodSource("files")
    void aSecretIsMarked(Path file) {
        parameters(RouteFiles.read(file)).forEach((name, parameter) -> {
            boolean marked = parameter.path("format").asText().equals("password") && !parameter.path("x-descriptors").isEmpty();
            assertThat(marked).as(name).isEqualTo(name.matches("(?i).*(token|secret|password|apikey).*"));
        });
    }

    @ParameterizedTest
    @MethodSource("files")
    void aKameletOnlyCallsEndpointsOfTheBundleAfterCamelsHeadersAreGone(Path file) throws IOException {
        JsonNode kamelet = RouteFiles.read(file);
        JsonNode from = kamelet.at("/spec/template/from");
        List<String> uris = from.findValues("uri").stream().map(JsonNode::asText).toList();
        assertThat(uris).allSatisfy(uri -> assertThat(uri).matches("kamelet:(source|sink)|direct:whatsapp-[a-z-]+|whatsapp-source:.*"));
        Set<String> routes = RouteFiles.of("whatsapp").stream().flatMap(path -> RouteFiles.routes(path).stream())
                .map(route -> route.at("/from/uri").asText()).collect(Collectors.toSet());
        Matcher direct = DIRECT.matcher(String.join(" ", uris));
        while (direct.find()) {
            assertThat(routes).contains(direct.group());
        }
        if (!type(kamelet).equals("source")) {
            assertThat(from.at("/steps/0/removeHeaders/pattern").asText()).isEqualTo("Camel*");
        }
        for (String dynamic : List.of("toD", "recipientList", "enrich", "script")) {
            assertThat(from.findValues(dynamic)).as(dynamic).isEmpty();
        }
    }

    /** As a route template the same steps must fit Camel's schema, which knows no Kamelets. */
    @ParameterizedTest
    @MethodSource("files")
    void theTemplateFitsCamelsSchema(Path file, @TempDir Path directory) throws IOException {
        JsonNode kamelet = RouteFiles.read(file);
        JsonNode route = JSON.createObjectNode().put("id", "a-kamelet").put("description", "It").set("from", kamelet.at("/spec/template/from"));
        Path asRoute = directory.resolve("kamelet.camel.yaml");
        Files.writeString(asRoute, JSON.createArrayNode().add(JSON.createObjectNode().set("route", route)).toString());
        assertThat(RouteFiles.problems(asRoute)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("files")
    void theIconIsASmallPictureOfItsOwn(Path file) throws IOException {
        String icon = icon(file);
        assertThat(icon).startsWith("<svg xmlns=\"http://www.w3.org/2000/svg\"").endsWith("</svg>").doesNotContain("<script", "href");
        for (Path other : files()) {
            assertThat(icon(other).equals(icon)).isEqualTo(other.equals(file));
        }
    }

    private static String icon(Path file) {
        String data = RouteFiles.read(file).path("metadata").path("annotations").path("camel.apache.org/kamelet.icon").asText();
        return new String(Base64.getDecoder().decode(data.substring(data.indexOf(',') + 1)), StandardCharsets.UTF_8);
    }

    @Test
    void noTwoSayTheSame() throws IOException {
        List<JsonNode> all = files().stream().map(RouteFiles::read).toList();
        assertThat(all).hasSizeGreaterThan(5);
        for (String what : List.of("/spec/definition/title", "/spec/definition/description")) {
            assertThat(all).extracting(kamelet -> kamelet.at(what).asText()).doesNotHaveDuplicates();
        }
    }

    @Test
    void theGuidesTableIsMadeOfTheFiles() throws IOException {
        Map<String, String> rows = new TreeMap<>();
        StringBuilder table = new StringBuilder();
        for (String type : List.of("source", "sink", "action")) {
            for (Path file : files()) {
                JsonNode kamelet = RouteFiles.read(file);
                if (type(kamelet).equals(type)) {
                    table.append(described(kamelet));
                    rows.put(file.toString(), type);
                }
            }
        }
        assertThat(rows).hasSameSizeAs(files());
        String guide = Files.readString(GUIDE);
        int begin = guide.indexOf(BEGIN) + BEGIN.length();
        int end = guide.indexOf(END, begin);
        assertThat(begin).isGreaterThan(BEGIN.length());
        if (Boolean.getBoolean("write.tables")) {
            Files.writeString(GUIDE, guide.substring(0, begin) + table + guide.substring(end));
        } else {
            assertThat(guide.substring(begin, end)).isEqualTo(table.toString());
        }
    }

    private static String described(JsonNode kamelet) {
        StringBuilder text = new StringBuilder("\n**`").append(kamelet.at("/metadata/name").asText()).append("`** ")
                .append(kamelet.at("/spec/definition/description").asText()).append('\n');
        if (!parameters(kamelet).isEmpty()) {
            text.append("\n| parameter | default | example | |\n|---|---|---|---|\n");
        }
        parameters(kamelet).forEach((name, parameter) -> {
            String value = parameter.path("default").asText();
            text.append("| `").append(name).append("` | ")
                    .append(required(kamelet).contains(name) ? "**required**" : value.isEmpty() ? "" : '`' + value + '`').append(" | `")
                    .append(parameter.path("example").asText()).append("` | ").append(parameter.path("description").asText()).append(" |\n");
        });
        return text.toString();
    }
}
