package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.github.waroutes.AlertsTest;
import io.github.waroutes.MetricsTest;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a gateway shows Prometheus after a day with all kinds of trouble: what is declared, and nothing else. */
@WhatsAppSimulator
class MetricsFlowTest {

    private static final Pattern SAMPLE = Pattern.compile("([a-z0-9_:]+)(?:\\{(.*)})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("([A-Za-z_]+)=\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern OF_LIBRARIES = Pattern.compile("(jvm|process|system|disk|camel)_.*|app_info");
    private static TestGateway gateway;
    private static String scrape;

    private record Sample(String name, Map<String, String> labels, double value) {
    }

    @BeforeAll
    static void aDayWithAllKindsOfTrouble(SimulatedWhatsApp whatsapp, @TempDir Path directory) {
        gateway = new TestGateway(directory).withGraphOf(whatsapp).with("whatsapp.limit.pair-burst", 2).with("whatsapp.limit.pair-interval", "1s")
                .with("whatsapp.on.text", "direct:echo").with("whatsapp.reply.apology", "")
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:echo").routeId("echo").setBody(simple("you said ${body[text][body]}")).to("direct:whatsapp-reply");
                    }
                }).start();
        SimulatedGraph graph = whatsapp.graph();
        // the limit of the pair
        SimulatedUser hasty = whatsapp.newUser("Hasty");
        hasty.sendsTogether("one", "two", "three", "four");
        hasty.eventuallyReceives("you said four");
        // Meta asks for a pause once
        SimulatedUser throttled = whatsapp.newUser("Throttled");
        graph.fails(130429).withStatus(429).forUser(throttled);
        throttled.sends("hello");
        throttled.eventuallyReceives("you said hello");
        // a webhook that comes twice
        SimulatedUser repeated = whatsapp.newUser("Repeated");
        graph.repeatsWebhooks().forUser(repeated);
        repeated.sends("once");
        repeated.eventuallyReceives("you said once");
        await().atMost(LIMIT).until(() -> repeats() > 0);
        // a hop that does not answer, until the update is given up
        gateway.meta().stubFor(post(urlEqualTo("/v1/audio/transcriptions")).willReturn(aResponse().withStatus(503)));
        whatsapp.newUser("Spoken").sendsVoice("is anyone there");
        await().atMost(LIMIT).until(() -> gateway.deadLetters().size() == 1);
        gateway.post("{}".getBytes(StandardCharsets.UTF_8), "application/json", "sha256=" + "0".repeat(64));
        // the token has expired
        SimulatedUser last = whatsapp.newUser("Last");
        graph.fails(190).withStatus(401).forUser(last).always();
        last.sends("bye");
        await().atMost(LIMIT).untilAsserted(() -> {
            scrape = gateway.metrics();
            assertThat(value("whatsapp_queue_oldest_age_seconds", "whatsapp.outbound", "default")).isPositive();
            assertThat(value("whatsapp_numbers_stopped")).isEqualTo(1);
            assertThat(value("whatsapp_dead_letters_waiting")).isEqualTo(1);
        });
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    private static double repeats() {
        scrape = gateway.metrics();
        return value("whatsapp_repeats_total", "whatsapp.inbound", "handled") + value("whatsapp_repeats_total", "whatsapp.inbound", "stored");
    }

    private static List<Sample> samples() {
        return scrape.lines().filter(line -> !line.startsWith("#")).map(line -> {
            Matcher sample = SAMPLE.matcher(line);
            assertThat(sample.matches()).as(line).isTrue();
            Map<String, String> labels = new TreeMap<>();
            Matcher label = LABEL.matcher(sample.group(2) == null ? "" : sample.group(2));
            while (label.find()) {
                labels.put(label.group(1), label.group(2));
            }
            return new Sample(sample.group(1), labels, Double.parseDouble(sample.group(3).replace("Inf", "Infinity")));
        }).toList();
    }

    /** The sum of the series that have these values among their labels. */
    private static double value(String name, String... labels) {
        return samples().stream().filter(sample -> sample.name().equals(name) && sample.labels().values().containsAll(Arrays.asList(labels)))
                .mapToDouble(Sample::value).sum();
    }

    @Test
    void eachKindOfTroubleIsCounted() {
        assertThat(value("whatsapp_webhook_updates_total")).isGreaterThanOrEqualTo(value("whatsapp_messages_received_total")).isPositive();
        assertThat(value("whatsapp_webhook_latency_seconds_count")).isPositive();
        assertThat(value("whatsapp_webhook_latency_seconds_bucket", "+Inf")).isEqualTo(value("whatsapp_webhook_latency_seconds_count"));
        assertThat(value("whatsapp_webhook_refused_total", "signature")).isEqualTo(1);
        assertThat(value("whatsapp_rate_limit_waits_total", "pair")).isPositive();
        assertThat(value("whatsapp_messages_waits_total", "default", "text", "limit")).isPositive();
        assertThat(value("whatsapp_messages_waits_total", "default", "text", "throttle")).isEqualTo(1);
        assertThat(value("whatsapp_messages_waits_total", "default", "text", "alarm")).isPositive();
        assertThat(value("whatsapp_retries_total", "message", "throttle")).isEqualTo(1);
        assertThat(value("whatsapp_retries_total", "update", "transient")).isEqualTo(2);
        assertThat(value("whatsapp_api_latency_seconds_count", "transcription")).isEqualTo(3);
        assertThat(value("whatsapp_queue_messages", "whatsapp.outbound", "default")).isEqualTo(1);
        assertThat(value("whatsapp_queue_messages", "whatsapp.dead-letter", "all")).isEqualTo(1);
        assertThat(value("whatsapp_queue_oldest_age_seconds", "whatsapp.dead-letter")).isPositive();
        assertThat(value("whatsapp_breaker_state", "closed")).isEqualTo(1);
        assertThat(value("whatsapp_breaker_state")).isEqualTo(1);
        assertThat(value("whatsapp_broker_up")).isEqualTo(1);
        assertThat(value("disk_free_bytes")).isPositive();
    }

    @Test
    void whatIsShownIsDeclaredWithTheseLabels() throws Exception {
        Set<String> declared = AlertsTest.declaredNames();
        assertThat(samples().stream().map(Sample::name).filter(name -> !OF_LIBRARIES.matcher(name).matches()).filter(name -> !declared.contains(name)))
                .isEmpty();
        Map<String, Set<String>> labels = new TreeMap<>();
        MetricsTest.declared().forEach(metric -> labels.put(metric.shownAs(), new TreeSet<>(metric.tags())));
        samples().forEach(sample -> {
            Set<String> found = new TreeSet<>(sample.labels().keySet());
            found.removeAll(Set.of("le", "camelContext"));
            Set<String> expected = labels.get(sample.name().replaceFirst("_seconds_(bucket|sum|count|max)$", "_seconds"));
            if (expected != null) {
                assertThat(found).as(sample.name()).isEqualTo(expected);
            }
        });
        Set<String> shown = samples().stream().map(Sample::name).collect(Collectors.toSet());
        assertThat(MetricsTest.file().libraries()).allSatisfy(library ->
                assertThat(shown).as(library.name()).containsAnyOf(library.name(), library.name() + "_count"));
        assertThat(shown).contains("whatsapp_queue_in_flight", "whatsapp_attempts_unsettled").doesNotContain("whatsapp_redis_up");
    }

    @Test
    void prometheusFindsNoFaultWithOurs() throws Exception {
        String ours = scrape.lines().filter(line -> line.replaceFirst("^# (HELP|TYPE) ", "").startsWith("whatsapp_")).collect(Collectors.joining("\n", "", "\n"));
        String said = AlertsTest.promtool(ours, "check", "metrics");
        // Camel's component gives its counters no help, and a label camelContext
        assertThat((said == null ? "" : said).lines().filter(line -> !line.endsWith("no help text") && !line.endsWith("not 'camelCase'"))).isEmpty();
    }
}
