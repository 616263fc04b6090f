package io.github.waroutes.simulator.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.waroutes.simulator.call.LoggedCall.Kind;
import io.github.waroutes.simulator.common.Events;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallLogTest {

    private final CallLog record = new CallLog(new Events(), id -> Optional.empty());

    private static LoggedCall call(Kind kind, String path, int status, String request, String response) {
        return new LoggedCall(new LoggedCall.Facts(Instant.EPOCH, kind, "POST", path,
                List.of(Map.entry("Authorization", "Bearer secret-token")), status, 1.26, null, null, null, null, null, null),
                LoggedBody.of(request.getBytes(StandardCharsets.UTF_8), "application/json"),
                LoggedBody.of(response, "application/json"), id -> id.equals("known") ? Optional.of("15555550101") : Optional.empty());
    }

    private static LoggedCall message(String body) {
        return call(Kind.GRAPH, "/graph/v26.0/1/messages", 200, body, "{}");
    }

    @Test
    void noMoreThanTheNewestCallsAreKept() {
        for (int i = 0; i < CallLog.MAX_CALLS + 10; i++) {
            record.add(message("{}"));
        }

        assertThat(record.list(10_000, Long.MAX_VALUE, null)).hasSize(CallLog.MAX_CALLS);
        assertThat(record.call(10)).isEmpty();
        assertThat(record.call(11)).isPresent();
    }

    @Test
    void noMoreThanSoManyBytesAreKeptAndWhatIsForgottenLetsGoOfItsBodies() {
        String large = "\"" + "x".repeat(1_000_000) + "\"";
        List<LoggedCall> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            all.add(message(large));
            record.add(all.get(i));
        }

        assertThat(record.bytes()).isPositive().isLessThanOrEqualTo(CallLog.MAX_BYTES);
        assertThat(record.list(1000, Long.MAX_VALUE, null)).hasSizeBetween(20, 40);
        assertThat(all.get(0).request()).isEqualTo(LoggedBody.NONE);
        assertThat(all.get(99).request().length()).isEqualTo(1_000_002);
    }

    @Test
    void aBodyTooLargeToBeKeptIsNotKept() {
        LoggedCall call = message("\"" + "x".repeat(LoggedBody.MAX_KEPT) + "\"");

        assertThat(call.isReplayable()).isFalse();
        assertThat(call.weight()).isLessThan(2 * LoggedBody.MAX_KEPT);
        assertThat(call.whole().path("truncated").asBoolean()).isTrue();
        assertThat(call.whole().path("request").asText()).hasSize(LoggedBody.MAX_SHOWN);
    }

    @Test
    void secretsInBodiesHeadersAndAddressesAreMasked() {
        LoggedCall call = call(Kind.GRAPH, "/graph/v26.0/1/x?access_token=secret-token&a=b", 200,
                "{\"verify_token\":\"secret-token\",\"list\":[{\"pin\":\"123456\"}],\"body\":\"fine\"}", "{\"access_token\":\"secret-token\"}");
        record.add(call);

        String shown = call.whole().toString();

        assertThat(shown).doesNotContain("secret-token").doesNotContain("123456").contains("fine", "a=b", "Bearer …oken",
                "access_token=…oken");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{\"messaging_product\":\"whatsapp\",\"to\":\"+1 555 555 0101\",\"type\":\"image\"}|200|POST messages image → 200|15555550101",
        "{\"messaging_product\":\"whatsapp\",\"to\":\"15555550101\",\"text\":{}}|400|POST messages text → 400 (131056)|15555550101",
        "{\"messaging_product\":\"whatsapp\",\"status\":\"read\",\"message_id\":\"known\"}|0|POST messages read → no answer|15555550101",
        "not json|400|POST messages → 400 (131056)|``"})
    void aSummarySaysWhatItWasAboutAndHowItEnded(String body, int status, String summary, String user) {
        LoggedCall call = call(Kind.GRAPH, "/graph/v26.0/1/messages", status, body, "{\"error\":{\"code\":131056}}");

        assertThat(call.data().path("summary").asText()).isEqualTo(summary);
        assertThat(call.data().path("user").asText("")).isEqualTo(user);
        assertThat(call.data().path("duration_ms").asDouble()).isEqualTo(1.3);
    }

    @Test
    void callsAreFoundByTheirUserAlsoWhenOnlyTheBodyNamesHim() {
        record.add(message("{\"messaging_product\":\"whatsapp\",\"to\":\"15555550101\"}"));
        record.add(message("{\"messaging_product\":\"whatsapp\",\"to\":\"15555550102\"}"));

        assertThat(record.list(10, Long.MAX_VALUE, "15555550101")).extracting(LoggedCall::seq).containsExactly(1L);
        assertThat(record.list(1, Long.MAX_VALUE, null)).extracting(LoggedCall::seq).containsExactly(2L);
        assertThat(record.list(10, 2, null)).extracting(LoggedCall::seq).containsExactly(1L);
    }
}
