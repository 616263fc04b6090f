package io.github.waroutes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The project's route files, and Camel's own YAML schema to hold them against. */
public final class RouteFiles {

    private static final Path ROOT = Path.of("src", "main", "resources", "routes");
    private static final String SUFFIX = ".camel.yaml";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonSchema SCHEMA = schema();

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
        SCHEMA.validate(content).stream().filter(message -> !isPlaceholder(message.getInstanceNode())).map(ValidationMessage::getMessage).forEach(problems::add);
        for (JsonNode route : content.findValues("route")) {
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

    /** Camel takes a placeholder wherever a number may be; its schema does not say so. */
    private static boolean isPlaceholder(JsonNode node) {
        return node != null && node.asText().matches("\\{\\{[^{}]+}}");
    }

    /** The ids of the routes in a file, in its order. */
    public static List<String> routeIds(Path file) {
        return read(file).findValues("route").stream().map(route -> route.path("id").asText()).toList();
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
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4).getSchema(JSON.readTree(in));
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
