package io.github.waroutes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The project's route files, and Camel's own YAML schema to hold them against. */
public final class RouteFiles {

    private static final Path ROOT = Path.of("src", "main", "resources", "routes");
    private static final String SUFFIX = ".camel.yaml";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonSchema SCHEMA = schema();
    /** By folder: reading all its files for each of them takes seconds. */
    private static final Map<Path, Map<String, JsonNode>> TEMPLATES = new ConcurrentHashMap<>();

    private RouteFiles() {
    }

    /** Every file under {@code src/main/resources/routes}, whatever its name. */
    public static List<Path> all() {
        return in(ROOT);
    }

    /** The files of one room, such as {@code simulator}. */
    public static List<Path> of(String room) {
        return in(ROOT.resolve(room));
    }

    /**
     * What is wrong with a route file, one line a problem; empty when it is fine. Looked at are the file's suffix, Camel's
     * schema ({@code schema/camelYamlDsl.json} in camel-yaml-dsl), that each route has an id and a description,
     * and that no key is used that only some of the Camel versions from 4.17 on know.
     */
    public static List<String> problems(Path file) {
        List<String> problems = new ArrayList<>();
        if (!file.getFileName().toString().endsWith(SUFFIX)) {
            problems.add("the file's name does not end in " + SUFFIX);
        }
        JsonNode content = read(file);
        problems.addAll(schemaProblems(content));
        for (JsonNode route : routes(file)) {
            if (route.path("id").asText().isBlank() || route.path("description").asText().isBlank()) {
                problems.add("a route has no id or no description: " + route.path("id").asText());
            }
        }
        // its name since Camel 4.18.1 is routePolicyRef: a policy is given in Java, which runs before and after
        if (!content.findValues("routePolicy").isEmpty() || !content.findValues("routePolicyRef").isEmpty()) {
            problems.add("a route names its policy, with a key that not every Camel version knows");
        }
        return problems;
    }

    /** What Camel's schema has against routes. */
    public static List<String> schemaProblems(JsonNode content) {
        return SCHEMA.validate(content).stream().filter(message -> !isPlaceholder(message.getInstanceNode())).map(ValidationMessage::getMessage).toList();
    }

    /** Camel takes a placeholder wherever a number may be; its schema does not say so. */
    private static boolean isPlaceholder(JsonNode node) {
        return node != null && node.asText().matches("\\{\\{[^{}]+}}");
    }

    /** The ids of the routes in a file, in its order. */
    public static List<String> routeIds(Path file) {
        return routes(file).stream().map(route -> route.path("id").asText()).toList();
    }

    /** The routes of a file, in its order, those too that are made from a template of the same folder. */
    public static List<JsonNode> routes(Path file) {
        Map<String, JsonNode> templates = TEMPLATES.computeIfAbsent(file.getParent(), RouteFiles::templates);
        List<JsonNode> routes = new ArrayList<>();
        for (JsonNode item : read(file)) {
            if (item.has("route")) {
                routes.add(item.path("route"));
            } else if (item.has("templatedRoute")) {
                routes.add(made(item.path("templatedRoute"), templates));
            }
        }
        return routes;
    }

    private static Map<String, JsonNode> templates(Path folder) {
        Map<String, JsonNode> templates = new HashMap<>();
        in(folder).stream().filter(file -> file.toString().endsWith(SUFFIX)).forEach(file -> read(file).findValues("routeTemplate").forEach(template -> templates.put(template.path("id").asText(), template)));
        return templates;
    }

    private static JsonNode made(JsonNode wanted, Map<String, JsonNode> templates) {
        JsonNode template = templates.get(wanted.path("routeTemplateRef").asText());
        if (template == null) {
            throw new IllegalArgumentException("There is no template for " + wanted);
        }
        Map<String, String> values = new HashMap<>();
        template.path("parameters").forEach(parameter -> values.put(parameter.path("name").asText(), parameter.path("defaultValue").textValue()));
        wanted.path("parameters").forEach(parameter -> {
            if (!values.containsKey(parameter.path("name").asText())) {
                throw new IllegalArgumentException("The template does not ask for this: " + parameter);
            }
            values.put(parameter.path("name").asText(), parameter.path("value").asText());
        });
        String text = template.path("route").toString();
        for (Map.Entry<String, String> value : values.entrySet()) {
            if (value.getValue() == null) {
                throw new IllegalArgumentException("The template asks for " + value.getKey() + ": " + wanted);
            }
            text = text.replace("{{" + value.getKey() + "}}", value.getValue());
        }
        try {
            return ((ObjectNode) JSON.readTree(text)).put("id", wanted.path("routeId").asText());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file's content as data. */
    public static JsonNode read(Path file) {
        try {
            Load yaml = new Load(LoadSettings.builder().setLabel(file.toString()).build());
            return JSON.valueToTree(yaml.loadFromString(Files.readString(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonSchema schema() {
        try (InputStream in = RouteFiles.class.getResourceAsStream("/schema/camelYamlDsl.json")) {
            // with what each reference leads to, kept for each place, the schema takes 300 MB
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4).getSchema(JSON.readTree(in), SchemaValidatorsConfig.builder().cacheRefs(false).build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> in(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
