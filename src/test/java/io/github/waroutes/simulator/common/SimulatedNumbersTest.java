package io.github.waroutes.simulator.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimulatedNumbersTest {

    private final SimulatedNumbers numbers = new SimulatedNumbers();

    @Test
    void whatANumberIsNotGivenItHasFromItsAccountItsAppAndTheFirst() {
        numbers.setAccessToken("first-token");
        numbers.setNumbers("es=5001:34600000001:7001:shops:token-es:secret-es, pt=5002::7001, fr=5003");

        SimulatedNumber es = numbers.named("es");
        assertThat(es.display()).isEqualTo("34600000001");
        assertThat(es.appSecret()).isEqualTo("secret-es");
        SimulatedNumber pt = numbers.named("5002");
        assertThat(pt.accessTokens()).containsExactly("token-es");
        assertThat(pt.app()).isEqualTo("shops");
        assertThat(pt.appSecret()).isEqualTo("secret-es");
        assertThat(pt.display()).isEqualTo("15550005002");
        SimulatedNumber fr = numbers.named("fr");
        assertThat(fr.accountId()).isEqualTo(numbers.first().accountId());
        assertThat(fr.accountKey()).isEmpty();
        assertThat(numbers.ofToken("first-token")).extracting(SimulatedNumber::name).containsExactly("default", "fr");
    }

    @Test
    void theGatewaysOwnFileOfNumbersIsReadToo(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("numbers.yaml"), """
                apps:
                  shops: {app-secret: "secret-es,older", verify-token: word}
                accounts:
                  spain:
                    id: 7001
                    app: shops
                    access-token: token-es
                    tier: unlimited
                    reply:
                      apology: Lo siento.
                numbers:
                  madrid: {phone-number-id: 5001, account: spain, messages-per-second: 20}
                  sevilla: {phone-number-id: 5002, account: spain, on.text: "direct:sevilla"}
                """);
        numbers.setFile(file.toString());

        SimulatedNumber madrid = numbers.named("madrid");
        assertThat(madrid.accountId()).isEqualTo("7001");
        assertThat(madrid.app()).isEqualTo("shops");
        assertThat(madrid.appSecret()).isEqualTo("secret-es");
        assertThat(madrid.messagesPerSecond()).isEqualTo(20);
        assertThat(numbers.named("sevilla").tier()).isEqualTo(Integer.MAX_VALUE);
        assertThat(numbers.ofToken("token-es")).extracting(SimulatedNumber::name).containsExactly("madrid", "sevilla");
    }

    @ParameterizedTest
    @ValueSource(strings = {"es", "es=", "Es=5001", "es=5001,pt=5001", "es=106540352242922", "es=5001:x", "es=5001:1:2:app:EAAxyz", "default=5001",
        "es=5001:1:5001", "es=1:2:3:4:5:6:7"})
    void whatIsNoNumberStopsTheStart(String line) {
        numbers.setNumbers(line);

        assertThatIllegalArgumentException().isThrownBy(numbers::all);
    }

    @Test
    void aTokenThatWasRenewedHasExpiredForEveryNumberThatHadIt() {
        numbers.setNumbers("es=5001::7001::token-es,pt=5002::7001");

        numbers.renew(numbers.named("es"), "newer");

        assertThat(numbers.isExpired("token-es")).isTrue();
        assertThat(numbers.ofToken("newer")).extracting(SimulatedNumber::name).containsExactly("es", "pt");
        numbers.reset();
        assertThat(numbers.isExpired("token-es")).isFalse();
        assertThat(numbers.ofToken("token-es")).hasSize(2);
    }

    @Test
    void aTokenLikeMetasIsNotTakenByTheControlApi() {
        byte[] body = "{\"name\":\"es\",\"phone_number_id\":\"5001\",\"access_token\":\"EAAxyz\"}".getBytes(StandardCharsets.US_ASCII);

        assertThatExceptionOfType(Refusal.class).isThrownBy(() -> numbers.add("application/json", body))
                .satisfies(refusal -> assertThat(refusal.getBody()).contains("made-up"));
        assertThat(numbers.all()).hasSize(1);
    }
}
