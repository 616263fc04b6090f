package io.github.waroutes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.github.waroutes.setting.Setting;
import io.github.waroutes.setting.Settings;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.xml.sax.InputSource;

/** What the guides name is there: links and anchors, properties, variables, events, queues, metrics, headers; and their snippets are right. */
class GuidesTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern CODE = Pattern.compile("(?m)^ *```(?s:.*?)^ *```$|`[^`\n]*`");
    private static final Pattern LINK = Pattern.compile("]\\(([^()\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} (.+)$");
    /** Whole, or with a part that a reader fills in, which begins with a capital, an ellipsis, a brace or an asterisk. */
    private static final Pattern NAME = Pattern.compile("(?<![\\w./:-])whatsapp(?:\\.[a-z0-9_-]+)+(\\.?[A-Z…{*])?(?!\\()");
    private static final Pattern VARIABLE = Pattern.compile("\\bWHATSAPP_[A-Z0-9_]*[A-Z0-9]\\b");
    private static final Pattern METRIC = Pattern.compile("\\bwhatsapp_[a-z_]+[a-z]\\b");
    private static final Pattern HEADER = Pattern.compile("\\bWhatsApp[A-Z]\\w+\\b");
    private static final Pattern JAVA = Pattern.compile("(?m)^ *```java\n(?s:.*?)^ *```$");
    /** What begins like a setting or an event and is something else. */
    private static final Map<String, String> OTHER_NAMES = Map.of("whatsapp.endpoint", "an attribute of spans", "whatsapp.orders", "the queue of what is asked of all nodes",
            "whatsapp.dead-letter.replayed", "the prefix of the event whatsapp.dead-letter.replayed_…");
    private static final Pattern PERMISSION = Pattern.compile("whatsapp_business_\\w+");

    private final Settings settings = Settings.load();

    @Test
    void everyLinkLeadsToAFileAndToAHeadingInIt() {
        Set<String> broken = new TreeSet<>();
        for (Path guide : Guides.all()) {
            Matcher link = LINK.matcher(CODE.matcher(Guides.text(guide)).replaceAll(" "));
            while (link.find()) {
                String target = link.group(1);
                if (target.matches("[a-z]+:.*")) {
                    continue;
                }
                String[] parts = target.split("#", 2);
                Path file = parts[0].isEmpty() ? guide : Path.of("").resolve(guide).resolveSibling(parts[0]).normalize();
                if (!Files.exists(file) || parts.length > 1 && !anchors(file).contains(parts[1])) {
                    broken.add(guide + " links to " + target);
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    /** As GitHub makes them; the site has the same. */
    private static Set<String> anchors(Path guide) {
        Map<String, Integer> seen = new HashMap<>();
        return HEADING.matcher(Pattern.compile("(?m)^ *```(?s:.*?)^ *```$").matcher(Guides.text(guide)).replaceAll("")).results().map(heading -> {
            String anchor = heading.group(1).replaceAll("[`*]|\\[|]\\([^)]*\\)", "").strip().toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
            int before = seen.merge(anchor, 1, Integer::sum) - 1;
            return before == 0 ? anchor : anchor + "-" + before;
        }).collect(Collectors.toSet());
    }

    @Test
    void everySettingEventAndQueueIsThere() throws IOException {
        Set<String> known = new HashSet<>(EventListTest.fields().keySet());
        known.addAll(OTHER_NAMES.keySet());
        MetricsTest.declared().forEach(metric -> known.add(metric.name()));
        settings.all().forEach(setting -> known.add(setting.name()));
        settings.all().filter(setting -> setting.name().startsWith("whatsapp.queue.")).map(Setting::defaultValue).forEach(known::add);
        assertThat(missing(NAME, name -> {
            Matcher open = Pattern.compile("(.*?)\\.?[A-Z…{*]").matcher(name);
            return open.matches() ? known.stream().anyMatch(one -> one.startsWith(open.group(1)))
                    : known.contains(name) || !settings.numberNames(Set.of(name), Set.of()).isEmpty() || name.equals("whatsapp.numbers");
        })).isEmpty();
    }

    @Test
    void everyVariableIsThere() {
        assertThat(missing(VARIABLE, name -> settings.unknown(Set.of(), Set.of(name)).isEmpty()
                // as Spring Boot takes it, without dashes
                || settings.all().anyMatch(setting -> setting.name().replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT).equals(name)))).isEmpty();
    }

    @Test
    void everyMetricIsThere() throws IOException {
        Set<String> known = AlertsTest.declaredNames();
        MetricsTest.declared().forEach(metric -> known.add(metric.shownAs()));
        if (Files.isDirectory(Path.of("examples"))) {
            // tables of theirs
            files(Path.of("examples")).filter(file -> file.toString().endsWith(".sql"))
                    .forEach(file -> METRIC.matcher(Guides.text(file)).results().forEach(found -> known.add(found.group())));
        }
        assertThat(missing(METRIC, name -> known.contains(name) || PERMISSION.matcher(name).matches())).isEmpty();
    }

    @Test
    void everyHeaderAndClassIsThere() throws IOException {
        Set<String> known = new HashSet<>();
        try (Stream<Path> files = Stream.of("src", "starter/src", "examples").map(Path::of).filter(Files::isDirectory).flatMap(GuidesTest::files)) {
            for (Path file : files.filter(file -> file.toString().matches(".*\\.(java|yaml)")).toList()) {
                HEADER.matcher(Files.readString(file)).results().forEach(found -> known.add(found.group()));
            }
        }
        // an alert's name is that of a heading of the runbook, and of its rule
        HEADER.matcher(Files.readString(Path.of("deploy/prometheus/alerts.yml"))).results().forEach(found -> known.add(found.group()));
        assertThat(known).hasSizeGreaterThan(100);
        assertThat(missing(HEADER, name -> known.contains(name) || name.equals("WhatsAppClient"))).as("WhatsAppClient is of an SDK").isEmpty();
    }

    private static Stream<Path> files(Path folder) {
        try {
            return Files.walk(folder).filter(file -> !("/" + file).contains("/target/") && Files.isRegularFile(file));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** What the pattern finds in the guides and nobody knows; in their Java the compiler knows better. */
    private static Set<String> missing(Pattern pattern, Predicate<String> known) {
        Set<String> missing = new TreeSet<>();
        int[] found = new int[1];
        for (Path guide : Guides.all()) {
            pattern.matcher(JAVA.matcher(Guides.text(guide)).replaceAll("")).results().map(result -> result.group()).forEach(name -> {
                found[0]++;
                if (!known.test(name)) {
                    missing.add(guide + " names " + name);
                }
            });
        }
        assertThat(found[0]).as("found at all").isGreaterThan(20);
        return missing;
    }

    @Test
    void everySnippetOfYamlFitsItsSchema() throws IOException {
        List<String> problems = new ArrayList<>();
        int routes = 0;
        for (Guides.Block block : Guides.blocks()) {
            if (block.language().equals("yaml")) {
                JsonNode content = JSON.valueToTree(new Load(LoadSettings.builder().setLabel(block.toString()).build()).loadFromString(block.text()));
                if (content.isArray() && content.get(0).fieldNames().next().matches("route|beans|routeTemplate|templatedRoute|onException|kamelet|rest|routeConfiguration|from")) {
                    routes++;
                    RouteFiles.schemaProblems(content).forEach(problem -> problems.add(block + ": " + problem));
                } else if (content.has("numbers")) {
                    JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(RouteFiles.read(Path.of("src/main/resources/whatsapp/schemas/numbers.json")))
                            .validate(content).forEach(problem -> problems.add(block + ": " + problem.getMessage()));
                }
            }
        }
        assertThat(routes).isPositive();
        assertThat(problems).isEmpty();
    }

    @Test
    void everySnippetOfPropertiesHasOnlyKeysThatThereAre() throws IOException {
        Set<String> camel = new HashSet<>();
        try (InputStream in = getClass().getResourceAsStream("/META-INF/camel-main-configuration-metadata.json")) {
            JSON.readTree(in).path("properties").forEach(property -> camel.add(plain(property.path("name").asText())));
        }
        assertThat(camel).hasSizeGreaterThan(300);
        Set<String> unknown = new TreeSet<>();
        int keys = 0;
        for (Guides.Block block : Guides.blocks()) {
            if (isProperties(block)) {
                Properties properties = new Properties();
                properties.load(new StringReader(block.text()));
                for (String key : properties.stringPropertyNames()) {
                    keys++;
                    boolean right = key.startsWith("whatsapp.") ? settings.unknown(Set.of(key), Set.of()).isEmpty()
                            : !key.startsWith("camel.") || camel.contains(plain(key)) || key.matches("camel\\.(beans|component|vault|opentelemetry2)\\..+");
                    if (!right) {
                        unknown.add(block + ": " + key);
                    }
                }
            }
        }
        assertThat(keys).isGreaterThan(20);
        assertThat(unknown).isEmpty();
    }

    /** Camel takes dashes and capitals alike. */
    private static String plain(String key) {
        return key.replace("-", "").toLowerCase(Locale.ROOT);
    }

    static boolean isProperties(Guides.Block block) {
        return block.language().equals("properties")
                || block.language().isEmpty() && block.text().lines().allMatch(line -> line.matches("(#.*|\\s*|[a-z][\\w.-]+ *= .*)"));
    }

    @Test
    void everySnippetOfJsonAndXmlIsWellFormed() throws Exception {
        int read = 0;
        for (Guides.Block block : Guides.blocks()) {
            if (block.language().equals("json")) {
                assertThat(JSON.readTree(block.text())).as(block.toString()).isNotEmpty();
                read++;
            } else if (block.language().equals("xml")) {
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader("<snippet>" + block.text() + "</snippet>")));
                read++;
            }
        }
        assertThat(read).isPositive();
    }
}
