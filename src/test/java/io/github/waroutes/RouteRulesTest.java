package io.github.waroutes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
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
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every route file, read as data. */
class RouteRulesTest {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{([A-Za-z0-9.-]+)(?::([^{}]*))?}}");
    private static final Pattern DIRECT = Pattern.compile("direct:[A-Za-z0-9_-]+");

    /** Ends of endpoints that the words of a property complete; the value is what completes them in these files. */
    private static final Map<String, List<String>> CHOSEN = Map.of("direct:whatsapp-understanding-",
            List.of("direct:whatsapp-understanding-intents", "direct:whatsapp-understanding-rasa", "direct:whatsapp-understanding-openai"));

    static Stream<Path> files() {
        return RouteFiles.all().stream();
    }

    private static List<JsonNode> routes(Path file) {
        return RouteFiles.routes(file);
    }

    /** Every {@code uri} below a node, those of consumers left out if asked. */
    private static List<String> uris(JsonNode node, boolean consumers) {
        List<String> uris = new ArrayList<>();
        if (node.isArray()) {
            node.forEach(element -> uris.addAll(uris(element, consumers)));
        }
        node.fields().forEachRemaining(field -> {
            if (field.getKey().equals("from") && !consumers) {
                uris.addAll(uris(field.getValue().path("steps"), false));
            } else if ((field.getKey().equals("uri") || field.getKey().equals("deadLetterUri")) && field.getValue().isTextual()) {
                uris.add(field.getValue().asText());
            } else {
                uris.addAll(uris(field.getValue(), consumers));
            }
        });
        return uris;
    }

    @ParameterizedTest
    @MethodSource("files")
    void theFileFitsCamelsSchema(Path file) {
        assertThat(RouteFiles.problems(file)).isEmpty();
    }

    @Test
    void whatDoesNotFitCamelsSchemaIsFoundHoweverDeepItIs() throws IOException {
        String route = """
                [{"route":{"id":"a-b","from":{"uri":"direct:a","steps":[{"choice":{"when":[{"simple":"${body}","steps":[{"%s":{"name":"x","constant":"y"}}]}]}}]}}}]""";
        assertThat(RouteFiles.schemaProblems(new ObjectMapper().readTree(route.formatted("setHeader")))).isEmpty();
        assertThat(RouteFiles.schemaProblems(new ObjectMapper().readTree(route.formatted("setHeeder")))).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyRouteHasAnIdOfAreaAndVerbAndADescription(Path file) throws IOException {
        boolean ours = file.getParent().endsWith("whatsapp");
        Set<String> documented = documented();
        String area = file.getFileName().toString().replace(".camel.yaml", "");
        assertThat(routes(file)).allSatisfy(route -> {
            String id = route.path("id").asText();
            // what people call or replace has the name that the guides give it
            if (!ours || !documented.contains("direct:whatsapp-" + id)) {
                assertThat(id).matches("[a-z]+(-[a-z]+)+");
                assertThat(!ours || id.startsWith(area + "-")).as(id + " begins with " + area).isTrue();
            }
            assertThat(route.path("description").asText()).isNotBlank();
        });
    }

    @Test
    void aRouteHasTheNameOfItsEndpoint() {
        assertThat(RouteFiles.of("whatsapp").stream().flatMap(file -> routes(file).stream())).filteredOn(route -> route.at("/from/uri").asText().startsWith("direct:whatsapp-"))
                .allSatisfy(route -> assertThat(route.at("/from/uri").asText()).isEqualTo("direct:whatsapp-" + route.path("id").asText()));
    }

    @Test
    void everyEndpointOfTheGuidesIsThere() throws IOException {
        Set<String> consumers = files().flatMap(file -> routes(file).stream()).map(route -> route.at("/from/uri").asText()).collect(Collectors.toSet());
        assertThat(documented()).hasSizeGreaterThan(35);
        assertThat(consumers).containsAll(documented());
    }

    /** The endpoints that the guides name, but for those with a placeholder ({@code …-NAME}) and for names that a user chooses. */
    private static Set<String> documented() {
        Set<String> documented = new TreeSet<>();
        for (Path guide : Guides.all()) {
            // that page has every endpoint there is; a benchmark has some of its own
            if (!guide.endsWith("routes.md") && !guide.startsWith("bench")) {
                DIRECT.matcher(Guides.text(guide)).results().forEach(direct -> documented.add(direct.group()));
            }
        }
        documented.removeIf(endpoint -> endpoint.startsWith("direct:whatsapp-understanding-") || !endpoint.matches("direct:whatsapp-[a-z-]+"));
        CHOSEN.values().forEach(documented::addAll);
        return documented;
    }

    /**
     * Camel looks for the policy of an exception's cause first, and takes the nearest class: a subclass of ours that is not named itself can
     * lose against {@code java.lang.Exception}, to which its cause is as near.
     */
    @Test
    void aPolicyForAnExceptionOfOursNamesItsSubclasses() {
        JavaClasses classes = OurClasses.read();
        List<String> missing = new ArrayList<>();
        RouteFiles.all().forEach(file -> RouteFiles.read(file).findParents("onException").forEach(list -> list.path("onException").findValues("exception").forEach(named -> {
            Set<String> names = new HashSet<>();
            named.forEach(name -> names.add(name.asText()));
            names.stream().filter(classes::contain).flatMap(name -> classes.get(name).getAllSubclasses().stream())
                    .map(JavaClass::getName).filter(name -> !names.contains(name)).forEach(missing::add);
        })));
        assertThat(missing).isEmpty();
    }

    @Test
    void theFilesHoldRoutes() {
        assertThat(files().mapToInt(file -> routes(file).size()).sum()).isGreaterThan(50);
    }

    @Test
    void noTwoRoutesShareAnId() {
        assertThat(files().flatMap(file -> RouteFiles.routeIds(file).stream())).doesNotHaveDuplicates();
    }

    @Test
    void everyDirectTargetHasExactlyOneConsumer() {
        List<String> consumers = files().flatMap(file -> routes(file).stream())
                .map(route -> route.at("/from/uri").asText()).filter(uri -> uri.startsWith("direct:")).toList();
        assertThat(consumers).doesNotHaveDuplicates();
        Set<String> targets = new TreeSet<>();
        files().forEach(file -> uris(RouteFiles.read(file), false).forEach(uri -> {
            Matcher direct = DIRECT.matcher(uri);
            while (direct.find()) {
                targets.addAll(CHOSEN.getOrDefault(direct.group(), List.of(direct.group())));
            }
        }));
        assertThat(targets).hasSizeGreaterThan(30);
        assertThat(new HashSet<>(consumers)).containsAll(targets);
    }

    @ParameterizedTest
    @MethodSource("files")
    void noEndpointIsMadeOfWhatCameIn(Path file) {
        JsonNode content = RouteFiles.read(file);
        // a number's own routes are of the configuration: no message sets these variables
        assertThat(content.findValues("toD").stream().map(to -> to.path("uri").asText()).toList())
                .isSubsetOf("${variable.whatsappOwnRoute}", "direct:whatsapp-understanding-${variable.whatsappOwnUnderstanding}");
        for (String dynamic : List.of("recipientList", "routingSlip", "dynamicRouter", "enrich", "pollEnrich")) {
            assertThat(content.findValues(dynamic)).as(dynamic).isEmpty();
        }
        assertThat(content.findValues("wireTap")).allSatisfy(tap -> assertThat(tap.path("dynamicUri").asBoolean(true)).isFalse());
        assertThat(uris(content, true)).filteredOn(uri -> !uri.contains("${variable.whatsappOwn")).allSatisfy(uri -> assertThat(uri).doesNotContain("${").doesNotContain("simple{"));
    }

    /** Headers that choose where a call goes come from a bean that has checked them, or from a constant. */
    @ParameterizedTest
    @MethodSource("files")
    void noHeaderThatSteersACallIsMadeOfABody(Path file) {
        for (JsonNode header : RouteFiles.read(file).findValues("setHeader")) {
            if (header.path("name").asText().matches("CamelHttp(Uri|Path|Query|Url|RawQuery)")) {
                assertThat(header.path("expression").path("simple").isMissingNode()).as(header.toString()).isTrue();
                assertThat(header.toString()).doesNotContain("${body");
            }
        }
    }

    /** The simulator is a room of its own: it stands for Meta, so it has made-up values where the gateway asks for the real ones. */
    @ParameterizedTest
    @ValueSource(strings = {"whatsapp", "simulator"})
    void aPlaceholderHasTheSameDefaultWhereverItIsUsed(String room) throws IOException {
        Map<String, Set<String>> defaults = new TreeMap<>();
        for (Path file : RouteFiles.of(room)) {
            Matcher placeholder = PLACEHOLDER.matcher(Files.readString(file));
            while (placeholder.find()) {
                String value = placeholder.group(2) == null ? "(none)" : placeholder.group(2);
                defaults.computeIfAbsent(placeholder.group(1), key -> new TreeSet<>()).add(value);
            }
        }
        assertThat(defaults).hasSizeGreaterThan(room.equals("whatsapp") ? 40 : 3);
        assertThat(defaults.entrySet()).allSatisfy(property -> assertThat(property.getValue()).as(property.getKey()).hasSize(1));
    }
}
