package io.github.waroutes.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.activation.DataHandler;
import jakarta.activation.FileDataSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.attachment.AttachmentMessage;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.DefaultRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SimulatorBeansTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void theSignatureIsTheHmacOfTheBytesUnderTheFirstSecret() {
        WebhookSignature signature = new WebhookSignature();
        signature.setAppSecret(" key , older");

        // computed with: printf '%s' 'The quick brown fox jumps over the lazy dog' | openssl dgst -sha256 -hmac key
        assertThat(signature.sign("The quick brown fox jumps over the lazy dog".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo("sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " , x"})
    void withoutAnAppSecretNothingIsSigned(String secrets) {
        assertThatIllegalArgumentException().isThrownBy(() -> new WebhookSignature().setAppSecret(secrets))
                .withMessageContaining("whatsapp.app-secret");
    }

    @Test
    void withoutAnAccessTokenNobodyIsLetIn() {
        assertThatIllegalArgumentException().isThrownBy(() -> new SimulatorGraph().setAccessToken(" "))
                .withMessageContaining("whatsapp.access-token");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:50000", "127.8.8.8:1", "0:0:0:0:0:0:0:1:50000", "[::1]:50000", "localhost:1"})
    void callersOnThisMachineAreServed(String caller) {
        assertThatCode(() -> LoopbackOnly.checkCaller(caller, false)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1:50000", "[2001:db8::1]:50000", "127.0.0.1.example.com:1", "0.0.0.0:1", "127.0.0.1", ""})
    void callersFromElsewhereAreNot(String caller) {
        assertThat(catchThrowableOfType(SimulatorFault.class, () -> LoopbackOnly.checkCaller(caller, false)).getHttpStatus())
                .isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {"localhost,8080,-", "LocalHost,-1,-", "127.0.0.1,8080,http://127.0.0.1:8080",
        "[::1],8080,http://[::1]:8080", "-,-1,-", "127.0.0.1,-1,http://127.0.0.1"})
    void namesOfThisMachineAreServed(String host, int port, String origin) {
        assertThat(PageGuard.refusal(host, port, host != null, origin)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {"simulator.example.com,8080,-", "192.0.2.1,-1,-", "'',-1,-", "localhost.example.com,-1,-",
        "127.0.0.1,8080,https://example.com", "127.0.0.1,8080,null", "127.0.0.1,8080,http://localhost:3000", "[::1,-1,-"})
    void aBrowserThatWasLedHereByAnotherNameOrSiteIsNot(String host, int port, String origin) {
        assertThat(PageGuard.refusal(host, port, true, origin)).isPresent();
    }

    @Test
    void aCallerWithoutAnAddressIsNotServed() {
        assertThat(catchThrowableOfType(SimulatorFault.class, () -> LoopbackOnly.checkCaller(null, false))).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://graph.facebook.com", "http://192.0.2.1/webhook", "http://localhost.example.com/", "nonsense", "a b"})
    void addressesElsewhereAreRefusedAtStart(String url) {
        assertThatIllegalArgumentException().isThrownBy(() -> new LoopbackOnly().setWebhookUrl(url))
                .withMessageContaining("whatsapp.simulator.webhook-url");
        assertThatIllegalArgumentException().isThrownBy(() -> new LoopbackOnly().setPublicUrl(url))
                .withMessageContaining("whatsapp.simulator.public-url");
    }

    @Test
    void theStateIsTheOneInTheRegistryAtTheTimeOfTheCall() {
        DefaultRegistry registry = new DefaultRegistry();
        SimulatorState earlier = new SimulatorState(1000, 10, 10);
        SimulatorState current = new SimulatorState(1000, 10, 10);
        SimulatorUsers users = new SimulatorUsers();
        users.setPhoneNumberId("1");
        users.setAccountId("2");
        users.setDisplayPhoneNumber("3");
        registry.bind(SimulatorState.BEAN, earlier);
        registry.bind(SimulatorState.BEAN, current);

        users.say("15555550101", "application/json", "{\"text\":\"hi\"}".getBytes(StandardCharsets.US_ASCII), registry);

        assertThat(earlier.conversation("15555550101")).isEmpty();
        assertThat(current.conversation("15555550101")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"text\":\" \"}", "{\"text\":5}", "{}", "[]", "{\"text\":\"a\",\"nme\":\"typo\"}",
        "{\"button\":{\"id\":\"x\"}}", "{\"text\":\"a\"} trailing"})
    void whatAUserCannotSayIsRefused(String body) {
        DefaultRegistry registry = new DefaultRegistry();
        registry.bind(SimulatorState.BEAN, new SimulatorState(1000, 10, 10));

        assertThat(catchThrowableOfType(SimulatorFault.class, () -> new SimulatorUsers().say("15555550101",
                "application/json; charset=utf-8", body.getBytes(StandardCharsets.US_ASCII), registry)).getHttpStatus())
                .isEqualTo(400);
    }

    @Test
    void anUploadIsReadAndDeleted(@TempDir Path folder) throws Exception {
        Path upload = Files.write(folder.resolve("upload"), OggOpusVoice.write("hello there", Duration.ofSeconds(1)));

        SimulatorTranscription.Transcript transcript = new SimulatorTranscription().transcribe("any", null, exchange(upload));

        assertThat(transcript.content()).isEqualTo("{\"text\":\"hello there\"}");
        assertThat(transcript.contentType()).isEqualTo("application/json");
        assertThat(upload).doesNotExist();
    }

    @Test
    void anUploadThatIsRefusedIsDeletedToo(@TempDir Path folder) throws Exception {
        Path upload = Files.writeString(folder.resolve("upload"), "no voice note");

        SimulatorFault fault = catchThrowableOfType(SimulatorFault.class,
                () -> new SimulatorTranscription().transcribe("any", null, exchange(upload)));

        assertThat(JSON.readTree(fault.getBody()).at("/error/type").asText()).isEqualTo("invalid_request_error");
        assertThat(upload).doesNotExist();
    }

    @Test
    void aTranscriptionNeedsAModelAndAFormatItKnows() {
        byte[] voice = OggOpusVoice.write("hello", Duration.ofSeconds(1));
        SimulatorTranscription transcription = new SimulatorTranscription();

        assertThat(catchThrowableOfType(SimulatorFault.class, () -> transcription.transcribe(voice, " ", "json")).getBody())
                .contains("\"param\":\"model\"");
        assertThat(catchThrowableOfType(SimulatorFault.class, () -> transcription.transcribe(voice, "any", "srt")).getBody())
                .contains("\"param\":\"response_format\"");
        assertThat(transcription.transcribe(voice, "any", "verbose_json").content()).contains("\"duration\":1.0");
    }

    private static Exchange exchange(Path file) {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage(AttachmentMessage.class).addAttachment("file", new DataHandler(new FileDataSource(file.toFile())));
        return exchange;
    }
}
