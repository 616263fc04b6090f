package io.github.waroutes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.operate.DeadLetters;
import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.update.UpdateHeaders;
import org.junit.jupiter.api.Test;

/** The pages of the reference that are made from route files, OpenAPI documents and the comments of constants. */
class ReferenceTest {

    private static final Pattern HEADER = Pattern.compile(Javadoc.COMMENT + "public static final String \\w+ = \"(WhatsApp\\w+)\"", Pattern.DOTALL);
    private static final List<String> METHODS = List.of("get", "post", "put", "patch", "delete");

    @Test
    void thePageOfHeaders() throws IOException {
        Map<String, List<Class<?>>> parts = new LinkedHashMap<>();
        parts.put("Of an update, and of a reply to it", List.of(UpdateHeaders.class));
        parts.put("Of a message to send", List.of(OutboundHeaders.class, NumberSettings.class));
        parts.put("Of a dead letter", List.of(DeadLetters.class));
        parts.put("Of a message from a queue", List.of(QueueConstants.class));
        StringBuilder page = new StringBuilder();
        for (Map.Entry<String, List<Class<?>>> part : parts.entrySet()) {
            page.append("## ").append(part.getKey()).append("\n\n| header | |\n|---|---|\n");
            for (Class<?> type : part.getValue()) {
                Matcher header = HEADER.matcher(Javadoc.source(type));
                while (header.find()) {
                    page.append(row("`" + header.group(2) + "`", Javadoc.markdown(header.group(1))));
                }
            }
            page.append('\n');
        }
        Generated.part("docs/headers.md", "the constants of headers", ReferenceTest.class, page.toString());
    }

    @Test
    void thePageOfRoutes() throws IOException {
        StringBuilder page = new StringBuilder();
        for (String room : List.of("whatsapp", "management")) {
            for (Path file : RouteFiles.of(room)) {
                List<JsonNode> routes = RouteFiles.routes(file);
                if (!routes.isEmpty()) {
                    page.append("## ").append(file.getFileName()).append("\n\n| route | begins at | |\n|---|---|---|\n");
                    routes.forEach(route -> page.append(row("`" + route.path("id").asText() + "`", "`" + route.at("/from/uri").asText() + "`",
                            route.path("description").asText())));
                    page.append('\n');
                }
            }
        }
        assertThat(page).contains("direct:whatsapp-reply");
        Generated.part("docs/routes.md", "the route files", ReferenceTest.class, page.toString());
    }

    @Test
    void thePageOfHttp() throws IOException {
        StringBuilder page = new StringBuilder();
        page.append("## Send API\n\n").append(table(RouteFiles.read(Path.of("src/main/resources/whatsapp/openapi.json"))));
        page.append("\n## Management\n\n").append(table(RouteFiles.read(Path.of("src/main/resources/whatsapp/management-openapi.yaml"))));
        Generated.part("docs/http.md", "the OpenAPI documents", ReferenceTest.class, page.append('\n').toString());
    }

    private static String table(JsonNode document) {
        StringBuilder table = new StringBuilder("| call | | parameters | answers |\n|---|---|---|---|\n");
        document.path("paths").fields().forEachRemaining(path -> path.getValue().fields().forEachRemaining(method -> {
            JsonNode call = method.getValue();
            if (METHODS.contains(method.getKey())) {
                List<String> parameters = new ArrayList<>();
                for (JsonNode parameter : List.of(path.getValue().path("parameters"), call.path("parameters"))) {
                    parameter.forEach(one -> parameters.add(parameter(resolved(document, one))));
                }
                List<String> answers = new ArrayList<>();
                call.path("responses").fieldNames().forEachRemaining(status -> answers.add(status.equals("default") ? "else a problem" : status));
                table.append(row("`" + method.getKey().toUpperCase(java.util.Locale.ROOT) + " " + path.getKey() + "`", call.path("summary").asText(),
                        parameters.stream().filter(text -> !text.isEmpty()).collect(Collectors.joining(", ")), String.join(", ", answers)));
            }
        }));
        return table.toString();
    }

    private static JsonNode resolved(JsonNode document, JsonNode node) {
        return node.has("$ref") ? document.at(node.path("$ref").asText().substring(1)) : node;
    }

    /** Those in the path are in the path. */
    private static String parameter(JsonNode parameter) {
        String name = "`" + parameter.path("name").asText() + "`";
        return switch (parameter.path("in").asText()) {
            case "header" -> "header " + name;
            case "query" -> name;
            default -> "";
        };
    }

    private static String row(String... cells) {
        return "| " + String.join(" | ", List.of(cells).stream().map(cell -> cell.replace("|", "\\|")).toList()) + " |\n";
    }
}
