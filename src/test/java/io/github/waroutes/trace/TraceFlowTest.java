package io.github.waroutes.trace;

import static com.github.tomakehurst.wiremock.client.WireMock.matching;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

import io.github.waroutes.LogCapture;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.trace.data.SpanData;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One trace from the webhook to the send, over both queues and a restart; and nothing in it that is somebody's. */
@WhatsAppSimulator
class TraceFlowTest {

    private static final String SPEECH = "/v1/audio/transcriptions";
    private static final String COLLECTOR = "/v1/traces";
    private static final String API_TOKEN = "open-sesame-api";
    private static final AttributeKey<String> FAILURE = AttributeKey.stringKey("error.type");
    private static final Set<String> PRIVATE = ConcurrentHashMap.newKeySet();

    private static TestGateway gateway;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp, @TempDir Path directory) {
        gateway = new TestGateway(directory).withGraphOf(whatsapp).with("whatsapp.understanding", "mine").with("whatsapp.api.token", API_TOKEN)
                .with("camel.opentelemetry2.enabled", true).with("otel.traces.exporter", "memory,otlp").with("otel.bsp.schedule.delay", 50)
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:whatsapp-understanding-mine").routeId("mine").choice()
                                .when(body().isEqualTo("break the vase")).throwException(new IllegalStateException("a broken vase"))
                                // an address made of what a user wrote
                                .otherwise().toD("direct:shop-${header.WhatsAppUser}?block=false&failIfNoConsumers=false")
                                .log("${header.WhatsAppProfileName} wrote ${body}").setBody(simple("You said: ${body}"));
                    }
                });
        gateway.with("otel.exporter.otlp.endpoint", gateway.meta().baseUrl());
        gateway.meta().stubFor(post(urlEqualTo(COLLECTOR)).willReturn(ok()));
        gateway.meta().stubFor(post(urlEqualTo(SPEECH)).willReturn(okJson("{\"text\":\"where is my order\"}")));
        gateway.start();
        PRIVATE.addAll(List.of(whatsapp.phoneNumberId(), whatsapp.accountId(), whatsapp.accessToken(), whatsapp.appSecret(), whatsapp.verifyToken(),
                API_TOKEN, "wamid", "vase", "You said", "order", "?"));
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @AfterEach
    void nothingPrivateHasLeft() {
        assertThat(MemorySpans.SPANS.getFinishedSpanItems()).isNotEmpty().allSatisfy(span ->
                assertThat(span.getName() + ' ' + span.getAttributes() + span.getEvents() + span.getStatus()).doesNotContain(PRIVATE));
        gateway.meta().findAll(postRequestedFor(urlEqualTo(COLLECTOR))).forEach(request ->
                assertThat(new String(request.getBody(), StandardCharsets.ISO_8859_1)).doesNotContain(PRIVATE.stream().filter(word -> word.length() > 1).toList()));
    }

    private static void isPrivate(SimulatedUser user, String... words) {
        PRIVATE.add(user.id());
        PRIVATE.add(user.name());
        PRIVATE.addAll(List.of(words));
    }

    /** The spans of the trace that has a span of this name since, once these are among them. */
    private static List<SpanData> trace(int since, String... names) {
        List<SpanData> trace = new ArrayList<>();
        await().atMost(LIMIT).untilAsserted(() -> {
            List<SpanData> all = MemorySpans.SPANS.getFinishedSpanItems();
            List<SpanData> later = all.subList(since, all.size());
            Map<String, List<SpanData>> traces = later.stream().collect(Collectors.groupingBy(SpanData::getTraceId));
            trace.clear();
            traces.values().stream().filter(one -> names(one).containsAll(List.of(names))).findFirst().ifPresent(trace::addAll);
            assertThat(trace).as("%s", traces.values().stream().map(TraceFlowTest::names).toList()).isNotEmpty();
        });
        return trace;
    }

    private static int spans() {
        return MemorySpans.SPANS.getFinishedSpanItems().size();
    }

    private static List<String> names(List<SpanData> spans) {
        return spans.stream().map(SpanData::getName).toList();
    }

    private static SpanData one(List<SpanData> trace, String name, SpanKind kind) {
        return trace.stream().filter(span -> span.getName().equals(name) && span.getKind() == kind).reduce((first, second) -> second).orElseThrow();
    }

    /** The span and all above it, as far as the root. */
    private static List<String> wayTo(List<SpanData> trace, SpanData span) {
        Map<String, SpanData> byId = trace.stream().collect(Collectors.toMap(SpanData::getSpanId, Function.identity()));
        List<String> way = new ArrayList<>();
        for (SpanData at = span; at != null; at = byId.get(at.getParentSpanId())) {
            if (way.isEmpty() || !way.get(0).equals(at.getName())) {
                way.add(0, at.getName());
            }
        }
        return way;
    }

    @Test
    void aTextIsOneTraceFromTheWebhookToTheSendAndItsStatusesLeadThere(SimulatedUser kim) {
        isPrivate(kim, "when do you open");
        int since = spans();
        try (LogCapture log = new LogCapture("whatsapp")) {
            kim.sends("when do you open");
            kim.receives("You said: when do you open");
            List<SpanData> trace = trace(since, "POST /webhook", "POST messages", "whatsapp-text", "whatsapp-send-now");
            SpanData call = trace.stream().filter(span -> span.getName().equals("POST messages") && wayTo(trace, span).contains("whatsapp-send-now"))
                    .findFirst().orElseThrow();
            assertThat(wayTo(trace, call)).containsExactly("POST /webhook", "send whatsapp.inbound", "process whatsapp.inbound", "whatsapp-types-choose",
                    "whatsapp-text", "whatsapp-reply", "send whatsapp.outbound", "process whatsapp.outbound", "whatsapp-send-one", "whatsapp-send-now",
                    "whatsapp-graph-request", "POST messages");
            assertThat(call.getKind()).isEqualTo(SpanKind.CLIENT);
            assertThat(call.getAttributes().asMap().toString()).contains("server.address=127.0.0.1", "http.response.status_code=200", "http.request.method=POST");
            SpanData webhook = one(trace, "POST /webhook", SpanKind.SERVER);
            assertThat(webhook.getAttributes().get(AttributeKey.longKey("http.response.status_code"))).isEqualTo(200);
            assertThat(one(trace, "send whatsapp.inbound", SpanKind.PRODUCER).getAttributes().asMap().toString())
                    .contains("messaging.destination.name=whatsapp.inbound", "messaging.system=activemq", "messaging.batch.message_count=1");
            assertThat(webhook.getAttributes().asMap().toString()).contains("http.route=/webhook").doesNotContain("server.address");
            one(trace, "process whatsapp.outbound", SpanKind.CONSUMER);
            assertThat(names(trace)).noneMatch(name -> name.contains("micrometer"));
            String id = webhook.getTraceId();
            assertThat(LogCapture.fields(log.named("whatsapp.webhook.received").get(0))).containsEntry("otel_trace_id", id);
            await().atMost(LIMIT).untilAsserted(() -> assertThat(log.named("whatsapp.send_message.success")).isNotEmpty());
            assertThat(LogCapture.fields(log.named("whatsapp.send_message.success").get(0))).containsEntry("otel_trace_id", id);
            SpanData sent = one(trace, "whatsapp-send-now", SpanKind.INTERNAL);
            await().atMost(LIMIT).untilAsserted(() -> assertThat(MemorySpans.SPANS.getFinishedSpanItems().stream()
                    .filter(span -> span.getLinks().stream().anyMatch(link -> link.getSpanContext().getTraceId().equals(id))).toList())
                    .isNotEmpty().allSatisfy(span -> {
                        assertThat(span.getName()).isEqualTo("whatsapp-status-track");
                        assertThat(span.getTraceId()).isNotEqualTo(id);
                        assertThat(span.getLinks()).singleElement().satisfies(link ->
                                assertThat(link.getSpanContext().getSpanId()).isIn(trace.stream().filter(s -> s.getName().equals(sent.getName()))
                                        .map(SpanData::getSpanId).toList()));
                    }));
        }
    }

    @Test
    void aVoiceMessageHasItsTwoHopsAndTheTranscriptionServerGoesOnWithTheTrace(SimulatedUser kim) {
        isPrivate(kim, "where is my order");
        int since = spans();
        kim.sendsVoice("where is my order");
        kim.receives("You said: where is my order");
        List<SpanData> trace = trace(since, "POST /webhook", "whatsapp-audio", "whatsapp-send-now");
        SpanData fetch = one(trace, "GET media", SpanKind.CLIENT);
        SpanData bytes = one(trace, "GET media_download", SpanKind.CLIENT);
        SpanData words = one(trace, "POST transcription", SpanKind.CLIENT);
        assertThat(wayTo(trace, fetch)).containsSubsequence("process whatsapp.inbound", "whatsapp-audio", "whatsapp-download-media", "GET media");
        assertThat(wayTo(trace, bytes)).containsSubsequence("whatsapp-audio", "whatsapp-media-fetch", "GET media_download");
        assertThat(wayTo(trace, words)).containsSubsequence("whatsapp-audio", "whatsapp-transcribe", "POST transcription");
        gateway.meta().verify(postRequestedFor(urlEqualTo(SPEECH)).withHeader("traceparent", matching("00-" + words.getTraceId() + '-' + words.getSpanId() + "-0[13]")));
    }

    @Test
    void aFailureIsToldByItsTypeAndNotByItsWords(SimulatedUser kim) {
        isPrivate(kim, "break the vase");
        int since = spans();
        kim.sends("break the vase");
        List<SpanData> trace = trace(since, "whatsapp-understand", "send whatsapp.dead-letter", "process whatsapp.inbound");
        assertThat(trace.stream().flatMap(span -> span.getEvents().stream()).filter(event -> event.getName().equals("whatsapp.dead_letter.stored"))
                .map(event -> event.getAttributes().get(FAILURE))).singleElement().asString().endsWith("Exception");
    }

    @Test
    void aRestartInBetweenKeepsTheTrace(SimulatedUser kim, SimulatedGraph graph) {
        isPrivate(kim, "are you there");
        int since = spans();
        graph.fails(131000).always();
        kim.sends("are you there");
        List<SpanData> before = trace(since, "POST /webhook", "process whatsapp.outbound");
        gateway.stop();
        graph.works();
        gateway.start();
        kim.eventuallyReceives("You said: are you there");
        List<SpanData> after = trace(spans(), "process whatsapp.outbound", "whatsapp-send-now");
        assertThat(after).extracting(SpanData::getTraceId).containsOnly(before.get(0).getTraceId());
    }

    @Test
    void aCallersTraceGoesOnAndAStrangersDoesNot(SimulatedUser kim) {
        isPrivate(kim, "from elsewhere");
        kim.sends("hello");
        kim.receives("You said: hello");
        int since = spans();
        String caller = "11112222333344445555666677778888";
        String body = "{\"messaging_product\":\"whatsapp\",\"to\":\"+" + kim.id() + "\",\"type\":\"text\",\"text\":{\"body\":\"from elsewhere\"}}";
        assertThat(TestGateway.send(HttpRequest.newBuilder(gateway.url("/api/messages")).timeout(LIMIT).header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + API_TOKEN).header("traceparent", "00-" + caller + "-aaaabbbbccccdddd-01")
                .POST(HttpRequest.BodyPublishers.ofString(body)).build()).statusCode()).isEqualTo(202);
        kim.receives("from elsewhere");
        assertThat(trace(since, "POST /api/messages", "whatsapp-send-now").get(0).getTraceId()).isEqualTo(caller);

        String stranger = "99992222333344445555666677778888";
        assertThat(TestGateway.send(HttpRequest.newBuilder(gateway.url("/webhook?hub.mode=subscribe&hub.challenge=1&hub.verify_token=x"))
                .timeout(LIMIT).header("traceparent", "00-" + stranger + "-aaaabbbbccccdddd-01").build()).statusCode()).isEqualTo(403);
        trace(since, "GET /webhook");
        assertThat(MemorySpans.SPANS.getFinishedSpanItems()).extracting(SpanData::getTraceId).doesNotContain(stranger);
    }

    @Test
    void aCollectorGetsThemOverHttp() {
        assertThat(gateway.get(gateway.url("/webhook?hub.mode=subscribe&hub.challenge=1&hub.verify_token=x")).statusCode()).isEqualTo(403);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.meta().findAll(postRequestedFor(urlEqualTo(COLLECTOR))
                .withHeader("Content-Type", matching("application/x-protobuf")))).isNotEmpty().anySatisfy(request ->
                assertThat(new String(request.getBody(), StandardCharsets.ISO_8859_1)).contains("whatsapp-cloud-routes", "GET /webhook")));
    }
}
