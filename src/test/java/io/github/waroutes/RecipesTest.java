package io.github.waroutes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The folders of {@code examples/recipes}, read as data; what they do is tested there. */
class RecipesTest {

    private static final Path RECIPES = Path.of("examples", "recipes");
    private static final Pattern PROFILE = Pattern.compile("-P([a-z0-9,-]+) dependency:copy-dependencies");

    static List<Path> recipes() throws IOException {
        try (Stream<Path> folders = Files.list(RECIPES)) {
            return folders.filter(folder -> Files.exists(folder.resolve("application.properties"))).sorted().toList();
        }
    }

    private static List<Path> files(Path recipe) {
        try (Stream<Path> files = Files.list(recipe)) {
            return files.filter(file -> file.toString().endsWith(".camel.yaml")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void itsRoutesFitCamelsSchemaAndHaveNamesOfTheirOwn(Path recipe) {
        List<Path> files = files(recipe);
        assertThat(files).isNotEmpty().allSatisfy(file -> {
            assertThat(RouteFiles.problems(file)).isEmpty();
            assertThat(RouteFiles.routeIds(file)).isNotEmpty().allMatch(id -> id.matches("[a-z]+(-[a-z]+)*"));
        });
    }

    @Test
    void noTwoRoutesOfARecipeOrOfOursShareAnId() throws IOException {
        List<String> ours = RouteFiles.all().stream().flatMap(file -> RouteFiles.routeIds(file).stream()).toList();
        assertThat(recipes()).hasSizeGreaterThan(7).allSatisfy(recipe -> assertThat(files(recipe).stream().flatMap(file -> RouteFiles.routeIds(file).stream()))
                .doesNotHaveDuplicates().doesNotContainAnyElementsOf(ours));
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void itsGuideSaysHowItIsRun(Path recipe) throws IOException {
        String guide = Files.readString(recipe.resolve("README.md"));
        assertThat(guide).contains("-Droutes=examples/recipes/" + recipe.getFileName());
        assertThat(Files.readString(RECIPES.resolve("README.md"))).contains("](" + recipe.getFileName() + ")");
        assertThat(RECIPES.resolve("src/test/java/io/github/waroutes/recipes")).satisfies(tests -> {
            try (Stream<Path> files = Files.list(tests)) {
                assertThat(files).anyMatch(file -> read(file).contains("new Recipe(\"" + recipe.getFileName() + '"'));
            }
        });
        String pom = Files.readString(RECIPES.resolve("pom.xml"));
        Matcher profile = PROFILE.matcher(guide);
        while (profile.find()) {
            assertThat(profile.group(1).split(",")).allSatisfy(name -> assertThat(pom).contains("<id>" + name + "</id>"));
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A recipe runs on the gateway that it is shipped with. */
    @Test
    void theirVersionsAreTheGateways() throws IOException {
        String ours = Files.readString(Path.of("pom.xml"));
        String theirs = Files.readString(RECIPES.resolve("pom.xml"));
        for (String name : List.of("camel", "netty", "vertx", "jackson", "artemis", "opennlp", "bouncycastle", "logback", "logstash-encoder", "slf4j", "junit", "assertj", "awaitility", "wiremock")) {
            assertThat(version(name, theirs)).as(name).isEqualTo(version(name, ours));
        }
        Matcher project = Pattern.compile("<artifactId>whatsapp-cloud-routes</artifactId>\\s*<version>([^<]+)").matcher(ours);
        assertThat(project.find()).isTrue();
        assertThat(version("whatsapp-cloud-routes", theirs)).isEqualTo(project.group(1));
    }

    private static String version(String name, String pom) {
        Matcher version = Pattern.compile('<' + name + "\\.version>([^<]+)").matcher(pom);
        assertThat(version.find()).as(name).isTrue();
        return version.group(1);
    }

    /** As for our own files: what people write, or call their files, does not become an endpoint. A pollEnrich has digits only, which a pattern has let through. */
    @ParameterizedTest
    @MethodSource("recipes")
    void noEndpointIsMadeOfWhatPeopleWrite(Path recipe) {
        for (Path file : files(recipe)) {
            JsonNode content = RouteFiles.read(file);
            for (String dynamic : List.of("toD", "recipientList", "routingSlip", "dynamicRouter", "enrich")) {
                assertThat(content.findValues(dynamic)).as(dynamic).isEmpty();
            }
            // of SQL it is a parameter
            content.findValues("uri").stream().map(JsonNode::asText).filter(uri -> !uri.startsWith("sql:")).forEach(uri -> assertThat(uri).doesNotContain("${"));
        }
    }
}
