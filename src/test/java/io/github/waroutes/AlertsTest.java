package io.github.waroutes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The alerts and the dashboard: valid, about metrics that there are, and each alert with a paragraph that says what to do. */
public class AlertsTest {

    private static final Path ALERTS = Path.of("deploy/prometheus/alerts.yml");
    private static final Path TESTS = Path.of("src/test/resources/prometheus/alerts-test.yml");
    private static final Path RUNBOOK = Path.of("docs/runbook.md");
    private static final Path DASHBOARD = Path.of("deploy/grafana/whatsapp.json");
    private static final Pattern METRIC = Pattern.compile("\\b(?:whatsapp|jvm|process|system|disk|camel|http)_[a-z_]+[a-z]\\b");
    private static final Pattern PARAGRAPH = Pattern.compile("(?m)^### (\\S+)$");

    /** Prometheus's own tool, of Debian's package prometheus: its answer, and null if it succeeded. */
    public static String promtool(String input, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(promtool()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue() == 0 ? null : said;
    }

    private static String promtool() {
        String found = Stream.of(System.getenv("PATH").split(":")).map(folder -> Path.of(folder, "promtool")).filter(Files::isExecutable)
                .map(Path::toString).findFirst().orElse(null);
        assumeTrue(found != null, "promtool is not installed: apt-get install prometheus");
        return found;
    }

    /** All names that a scrape may show for what metrics.json declares. */
    public static Set<String> declaredNames() throws IOException {
        MetricsTest.Declared declared = MetricsTest.file();
        Set<String> names = new TreeSet<>();
        Stream.concat(declared.metrics().stream().filter(metric -> !metric.kind().equals("histogram")).map(MetricsTest.Metric::shownAs),
                declared.libraries().stream().map(MetricsTest.Library::name)).forEach(names::add);
        Stream.concat(declared.metrics().stream().filter(metric -> metric.kind().equals("histogram")).map(MetricsTest.Metric::shownAs),
                Stream.of("jvm_gc_pause_seconds")).forEach(name -> Stream.of("_bucket", "_sum", "_count", "_max").forEach(end -> names.add(name + end)));
        return names;
    }

    private static JsonNode yaml(Path file) throws IOException {
        return new ObjectMapper(new YAMLFactory()).readTree(file.toFile());
    }

    private static List<JsonNode> alerts() throws IOException {
        List<JsonNode> alerts = new ArrayList<>();
        yaml(ALERTS).path("groups").forEach(group -> group.path("rules").forEach(alerts::add));
        return alerts;
    }

    private static Set<String> names(Stream<JsonNode> nodes, String key) {
        return nodes.map(node -> node.path(key).asText()).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void theRulesAndTheConfigurationAreValid() throws Exception {
        assertThat(promtool("", "check", "rules", ALERTS.toString())).isNull();
        assertThat(promtool("", "check", "config", "deploy/prometheus/prometheus.yml")).isNull();
    }

    @Test
    void eachAlertFiresInItsTroubleAndIsQuietBefore() throws Exception {
        assertThat(promtool("", "test", "rules", TESTS.toString())).isNull();
    }

    @Test
    void eachAlertHasAUnitTestAndAParagraphInTheRunbook() throws Exception {
        Set<String> alerts = names(alerts().stream(), "alert");
        assertThat(alerts).hasSizeGreaterThan(15);
        Set<String> tested = new TreeSet<>();
        yaml(TESTS).path("tests").forEach(test -> test.path("alert_rule_test").forEach(one -> {
            if (!one.path("exp_alerts").isEmpty()) {
                tested.add(one.path("alertname").asText());
            }
        }));
        assertThat(tested).isEqualTo(alerts);
        Set<String> told = new TreeSet<>();
        Matcher paragraph = PARAGRAPH.matcher(Files.readString(RUNBOOK));
        while (paragraph.find()) {
            told.add(paragraph.group(1));
        }
        assertThat(told).isEqualTo(alerts);
        assertThat(alerts()).allSatisfy(alert -> {
            assertThat(alert.at("/annotations/runbook_url").asText()).isEqualTo("docs/runbook.md#" + alert.path("alert").asText().toLowerCase(Locale.ROOT));
            assertThat(alert.at("/labels/severity").asText()).isIn("page", "ticket");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"deploy/prometheus/alerts.yml", "src/test/resources/prometheus/alerts-test.yml", "deploy/grafana/whatsapp.json",
        "docs/runbook.md"})
    void noMetricIsNamedThatThereIsNot(String file) throws Exception {
        Set<String> named = METRIC.matcher(Files.readString(Path.of(file))).results().map(result -> result.group()).collect(Collectors.toCollection(TreeSet::new));
        assertThat(named).isNotEmpty();
        named.removeAll(declaredNames());
        assertThat(named).isEmpty();
    }

    @Test
    void theDashboardShowsWhatTheAlertsAreAbout() throws Exception {
        JsonNode dashboard = new ObjectMapper().readTree(DASHBOARD.toFile());
        assertThat(dashboard.path("uid").asText()).isEqualTo("whatsapp-cloud-routes");
        List<JsonNode> panels = new ArrayList<>();
        dashboard.path("panels").forEach(panels::add);
        assertThat(names(panels.stream(), "id")).as("ids are unique").hasSameSizeAs(panels);
        panels.removeIf(panel -> panel.path("type").asText().equals("row"));
        assertThat(panels).hasSizeGreaterThan(15);
        for (JsonNode panel : panels) {
            String title = panel.path("title").asText();
            assertThat(panel.path("description").asText()).as(title).isNotBlank();
            assertThat(panel.at("/datasource/uid").asText()).as(title).isEqualTo("${datasource}");
            assertThat(panel.path("targets")).as(title).isNotEmpty();
            panel.path("targets").forEach(target -> assertThat(target.path("expr").asText()).as(title).contains("instance=~\"$instance\""));
        }
        Set<String> shown = families(dashboard.toString());
        Set<String> missing = new TreeSet<>();
        alerts().forEach(alert -> missing.addAll(families(alert.path("expr").asText())));
        missing.removeAll(shown);
        assertThat(missing).as("what an alert is about is on the dashboard").isEmpty();
    }

    private static Set<String> families(String text) {
        return METRIC.matcher(text).results().map(result -> result.group().replaceFirst("_(bucket|sum|count)$", ""))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
