package io.github.waroutes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

/** {@code whatsapp/metrics.json} declares every metric; routes and beans use no other, and the guide's table is made from it. */
public class MetricsTest {

    private static final Pattern ENDPOINT = Pattern.compile("micrometer:([a-z]+):([a-z.]+)");
    /** A meter in Java, up to where it is registered. */
    private static final Pattern BUILDER = Pattern.compile("(Counter|Gauge|Timer|DistributionSummary|TimeGauge|FunctionCounter)\\s*"
            + "\\.builder\\(([^,)]*)(.*?)(?:\\.register\\(|::register)", Pattern.DOTALL);
    private static final Pattern TAG = Pattern.compile("\\.tag\\(\"([a-z_]+)\"");
    /** Other ways to a meter, which this test could not see into. */
    private static final Pattern OTHER = Pattern.compile("\\.(?:counter|timer|summary|gauge)\\(\\s*\"|\"micrometer:[a-z]");

    /** As {@code metrics.json} has it; the tag that Camel adds to each of its counters is not in it. */
    public record Metric(String name, String kind, String unit, List<String> tags, String description) {

        /** As Prometheus has it; a histogram has this with {@code _bucket}, {@code _sum} and {@code _count}. */
        public String shownAs() {
            return name.replace('.', '_') + switch (kind) {
                case "counter" -> "_total";
                case "histogram" -> "_seconds";
                default -> unit == null ? "" : "_" + unit;
            };
        }

        String use() {
            return kind + ' ' + new TreeSet<>(tags);
        }
    }

    /** What Micrometer's own binders show, of which the dashboard and the alerts use these; the name is Prometheus's. */
    public record Library(String name, String description) {
    }

    public record Declared(List<Metric> metrics, List<Library> libraries) {
    }

    public static Declared file() throws IOException {
        return new ObjectMapper().readValue(Path.of("src/main/resources/whatsapp/metrics.json").toFile(), Declared.class);
    }

    public static List<Metric> declared() throws IOException {
        return file().metrics();
    }

    @Test
    void routesAndBeansUseTheDeclaredMetricsAndNoOthers() throws IOException {
        Map<String, String> expected = declared().stream()
                .collect(Collectors.toMap(Metric::name, Metric::use, (one, other) -> "declared twice", TreeMap::new));
        Map<String, TreeSet<String>> used = new TreeMap<>();
        RouteFiles.all().forEach(file -> inRoutes(RouteFiles.read(file), used));
        inJava(used);
        assertThat(used).hasSizeGreaterThan(15).allSatisfy((name, uses) -> assertThat(uses).as(name).containsExactly(expected.get(name)));
        assertThat(expected.keySet()).isEqualTo(used.keySet());
    }

    private static void inRoutes(JsonNode node, Map<String, TreeSet<String>> used) {
        String uri = node.path("uri").asText();
        if (uri.startsWith("micrometer:")) {
            Matcher endpoint = ENDPOINT.matcher(uri);
            assertThat(endpoint.matches()).as(uri + " has its tags as parameters").isTrue();
            TreeSet<String> tags = new TreeSet<>();
            node.path("parameters").fieldNames().forEachRemaining(key -> {
                if (key.startsWith("tags.")) {
                    tags.add(key.substring("tags.".length()));
                }
            });
            used.computeIfAbsent(endpoint.group(2), name -> new TreeSet<>()).add(endpoint.group(1) + ' ' + tags);
        }
        node.forEach(child -> inRoutes(child, used));
    }

    private static void inJava(Map<String, TreeSet<String>> used) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
                String source = Files.readString(file);
                // the simulator's load measures for itself
                if (!source.contains("import io.micrometer.") || file.startsWith("src/main/java/io/github/waroutes/simulator")) {
                    continue;
                }
                assertThat(OTHER.matcher(source).find()).as(file + " makes a meter in another way").isFalse();
                Matcher builder = BUILDER.matcher(source);
                while (builder.find()) {
                    assertThat(builder.group(2)).as(file.toString()).matches("\"[a-z.]+\"");
                    TreeSet<String> tags = new TreeSet<>();
                    Matcher tag = TAG.matcher(builder.group(3));
                    while (tag.find()) {
                        tags.add(tag.group(1));
                    }
                    String kind = switch (builder.group(1)) {
                        case "Timer" -> "histogram";
                        case "FunctionCounter" -> "counter";
                        default -> builder.group(1).toLowerCase(Locale.ROOT);
                    };
                    used.computeIfAbsent(builder.group(2).replace("\"", ""), name -> new TreeSet<>()).add(kind + ' ' + tags);
                }
            }
        }
    }

    @Test
    void theTableOfTheGuideIsMadeFromTheDeclarations() throws IOException {
        Generated.part("docs/metrics.md", "metrics.json", MetricsTest.class, "| metric | kind | labels | |\n|---|---|---|---|\n"
                + declared().stream().map(MetricsTest::row).collect(Collectors.joining())
                + file().libraries().stream().map(library -> "| `" + library.name() + "` | | | " + library.description() + " |\n")
                        .collect(Collectors.joining()));
    }

    private static String row(Metric metric) {
        String labels = metric.tags().stream().map(tag -> "`" + tag + "`").collect(Collectors.joining(", "));
        return "| `" + metric.shownAs() + "` | " + metric.kind() + " | " + labels + " | " + metric.description() + " |\n";
    }
}
