package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.flow.Flows.APOLOGY;
import static io.github.waroutes.flow.Flows.awaitTexts;
import static io.github.waroutes.flow.Flows.awaitUnanswered;
import static io.github.waroutes.flow.Flows.awaitUnsent;
import static io.github.waroutes.flow.Flows.messagesTo;
import static io.github.waroutes.flow.Flows.refusal;
import static io.github.waroutes.flow.Flows.send;
import static io.github.waroutes.flow.Flows.sendText;
import static io.github.waroutes.flow.Flows.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import com.github.tomakehurst.wiremock.http.Fault;
import io.github.waroutes.LogCapture;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.operate.WebhookSelfTest;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.spi.CamelTracingService;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is logged on the way of a message, and what never is. WireMock stands for Meta: its answers hold what must not be logged, a token and
 * a user's number, and the simulator's never do.
 */
class LogFlowTest {

    private static final String MEDIA = "/v26.0/777003";
    private static final String SPEECH = "/v1/audio/transcriptions";
    private static final String WORDS = "the secret of the old lighthouse";
    private static final String TOKEN = "EAAmadeup0123456789token";
    private static final String ANSWER = "nobody has been there";

    @TempDir
    static Path directory;

    private static TestGateway gateway;

    private LogCapture log;
    private String user;

    /** What Camel warned of at the start. */
    private static List<String> warnings;

    @BeforeAll
    static void start() {
        LogCapture starting = new LogCapture("org.apache.camel.impl.engine.DefaultChannel");
        gateway = Flows.gateway(directory).with("whatsapp.understanding", "mine").with("whatsapp.transcription.api-key", "speech-key")
                .with("whatsapp.access-token", TOKEN)
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:whatsapp-understanding-mine").setBody(constant(ANSWER));
                    }
                }).start();
        starting.close();
        warnings = starting.events().stream().filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN)).map(ILoggingEvent::getFormattedMessage).toList();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @BeforeEach
    void capture() {
        Flows.reset(gateway);
        gateway.meta().stubFor(get(urlEqualTo(MEDIA)).willReturn(okJson("{\"url\":\"" + gateway.meta().url("/bytes?hash=abc") + "\"}")));
        gateway.meta().stubFor(get(urlEqualTo("/bytes?hash=abc")).willReturn(aResponse().withBody("OggS")));
        gateway.meta().stubFor(post(urlEqualTo(SPEECH)).willReturn(okJson("{\"text\":\"" + WORDS + "\"}")));
        user = user();
        log = new LogCapture("whatsapp");
    }

    @AfterEach
    void nothingPrivateWasLogged() {
        log.close();
        assertThat(log.lines()).isNotEmpty().allSatisfy(line -> assertThat(line)
                .doesNotContain(user, "wamid", WORDS, ANSWER, APOLOGY, TOKEN, TestGateway.SECRET,
                        TestGateway.VERIFY_TOKEN, "speech-key", "Kim Example", "hash=abc", "15550783881"));
    }

    private String speak() {
        String id = Payloads.id();
        assertThat(gateway.webhook(Payloads.messages(Payloads.audio(id, user, "777003", "x"))).statusCode()).isEqualTo(200);
        return id;
    }

    private void awaitEvents(String... names) {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(log.names()).contains(names));
    }

    @Test
    void aStartGivesCamelNothingToWarnOf() {
        assertThat(warnings).isEmpty();
        speak();
        awaitTexts(gateway, user, ANSWER);
    }

    @Test
    void thereIsNoTracerUnlessItIsSwitchedOn() {
        assertThat(gateway.camel().hasService(CamelTracingService.class)).isNull();
        speak();
        awaitTexts(gateway, user, ANSWER);
        assertThat(log.events()).isNotEmpty().allSatisfy(event -> assertThat(LogCapture.fields(event)).doesNotContainKey("otel_trace_id"));
    }

    @Test
    void aVoiceMessageIsToldFromTheWebhookToTheAnswer() {
        speak();
        awaitTexts(gateway, user, ANSWER);
        awaitEvents("whatsapp.webhook.signature_valid", "whatsapp.webhook.received", "whatsapp.download_media.start",
                "whatsapp.download_media.success", "whatsapp.send_message.start", "whatsapp.send_message.success");
        assertThat(LogCapture.fields(log.named("whatsapp.send_message.success").get(0)))
                .containsEntry("user", "***" + user.substring(user.length() - 2)).containsEntry("type", "text")
                .containsEntry("phone_number_id", TestGateway.NUMBER);
    }

    @Test
    void aVoiceMessageThatIsNotThereIsToldToo() {
        gateway.meta().stubFor(get(urlEqualTo(MEDIA)).willReturn(refusal(404, 100, "Object " + user + " does not exist")));
        awaitUnanswered(gateway, speak());
        awaitTexts(gateway, user, APOLOGY);
        awaitEvents("whatsapp.download_media.not_found", "whatsapp.dead_letter.stored");
        assertThat(LogCapture.fields(log.named("whatsapp.download_media.not_found").get(0)))
                .containsEntry("error", "WhatsAppMediaException").containsEntry("status_code", "404");
    }

    @Test
    void aVoiceMessageThatCannotBeFetchedIsToldToo() {
        gateway.meta().stubFor(get(urlEqualTo("/bytes?hash=abc")).willReturn(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER)));
        awaitUnanswered(gateway, speak());
        awaitTexts(gateway, user, APOLOGY);
        awaitEvents("whatsapp.download_media.failed", "whatsapp.dead_letter.stored");
        assertThat(log.named("whatsapp.download_media.failed")).hasSize(3);
    }

    @Test
    void aMessageThatMetaRefusesIsToldWithoutWhatMetaSaysOfTheUser() {
        gateway.meta().stubFor(messagesTo(user).willReturn(refusal(400, 131026, "Bearer " + TOKEN + " of +" + user + " wamid.HBgLMTU1")));
        awaitUnsent(gateway, sendText(gateway, user, WORDS));
        awaitEvents("whatsapp.send_message.error", "whatsapp.dead_letter.stored");
    }

    @Test
    void aMessageWithoutAnAnswerIsToldAsATimeout() {
        gateway.meta().stubFor(messagesTo(user).willReturn(aResponse().withFault(Fault.EMPTY_RESPONSE)));
        awaitUnsent(gateway, sendText(gateway, user, WORDS));
        awaitEvents("whatsapp.send_message.timeout", "whatsapp.dead_letter.stored");
    }

    @Test
    void aTemplateIsToldByItsName() {
        Map<String, Object> headers = Map.of("WhatsAppUser", user, "WhatsAppTemplate", "order_sent", "WhatsAppTemplateLanguage", "en");
        send(gateway, "direct:whatsapp-send-template", java.util.List.of(WORDS), headers);
        awaitEvents("whatsapp.send_template.start", "whatsapp.send_template.success");
        gateway.meta().stubFor(messagesTo(user).willReturn(refusal(404, 132001)));
        awaitUnsent(gateway, send(gateway, "direct:whatsapp-send-template", java.util.List.of(WORDS), headers));
        awaitEvents("whatsapp.send_template.template_error");
        assertThat(LogCapture.fields(log.named("whatsapp.send_template.template_error").get(0))).containsEntry("template", "order_sent");
    }

    @Test
    void aWebhookWithAWrongSignatureIsToldWithoutWhatItHolds() {
        byte[] body = Payloads.messages(Payloads.text(Payloads.id(), user, WORDS)).getBytes(StandardCharsets.UTF_8);
        assertThat(gateway.post(body, "application/json", TestGateway.signature("other", body)).statusCode()).isEqualTo(401);
        awaitEvents("whatsapp.webhook.signature_invalid");
    }

    @Test
    void theStartIsTold() {
        new WebhookSelfTest().afterStart(gateway.main());
        assertThat(LogCapture.fields(log.named("whatsapp.client.initialized").get(0)))
                .containsEntry("port", String.valueOf(gateway.port)).containsEntry("path", "/webhook");
    }
}
