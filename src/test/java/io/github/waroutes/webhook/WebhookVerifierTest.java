package io.github.waroutes.webhook;

import static io.github.waroutes.webhook.WebhookVerifier.Verdict.MALFORMED;
import static io.github.waroutes.webhook.WebhookVerifier.Verdict.MISSING;
import static io.github.waroutes.webhook.WebhookVerifier.Verdict.VALID;
import static io.github.waroutes.webhook.WebhookVerifier.Verdict.WRONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

import io.github.waroutes.TestGateway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookVerifierTest {

    /** RFC 4231, test case 2: key {@code Jefe}, this data, this HMAC-SHA-256. */
    private static final byte[] DATA = "what do ya want for nothing?".getBytes(StandardCharsets.US_ASCII);
    private static final String HMAC = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

    private static WebhookVerifier with(String secrets) {
        WebhookVerifier signature = new WebhookVerifier();
        signature.setAppSecrets(secrets);
        return signature;
    }

    @Test
    void theSignatureOfThePublishedTestVectorIsValid() {
        assertThat(with("Jefe").verify(DATA, "sha256=" + HMAC)).isEqualTo(VALID);
    }

    @Test
    void upperCaseDigitsAndSpacesAroundTheValueAreTaken() {
        assertThat(with("Jefe").verify(DATA, "sha256=" + HMAC.toUpperCase(Locale.ROOT))).isEqualTo(VALID);
        assertThat(with("Jefe").verify(DATA, "  sha256=" + HMAC + " ")).isEqualTo(VALID);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " ", "\t"})
    void noSignatureIsMissing(String signature) {
        assertThat(with("Jefe").verify(DATA, signature)).isEqualTo(MISSING);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        HMAC,
        "sha1=" + HMAC,
        "SHA256=" + HMAC,
        "sha256:" + HMAC,
        "sha256=",
        "sha256=" + HMAC + "0",
        "sha256=" + HMAC + "," + "sha256=" + HMAC,
        "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec384",
        "sha256=zbdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        "sha256= 5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec384"
    })
    void anyOtherFormIsMalformed(String signature) {
        assertThat(with("Jefe").verify(DATA, signature)).isEqualTo(MALFORMED);
    }

    @Test
    void anotherSecretAnotherBodyOrAnotherDigitIsWrong() {
        byte[] longer = "what do ya want for nothing? ".getBytes(StandardCharsets.US_ASCII);
        assertThat(with("jefe").verify(DATA, "sha256=" + HMAC)).isEqualTo(WRONG);
        assertThat(with("Jefe").verify(longer, "sha256=" + HMAC)).isEqualTo(WRONG);
        assertThat(with("Jefe").verify(DATA, "sha256=" + HMAC.replaceFirst("^5", "6"))).isEqualTo(WRONG);
        assertThat(with("Jefe").verify(DATA, "sha256=" + HMAC.replaceFirst("3$", "4"))).isEqualTo(WRONG);
    }

    @Test
    void everySecretOfAListIsTried() {
        for (String secrets : new String[] {"Jefe,new", "new,Jefe", "new, Jefe", " new ,\tJefe , ", ",,Jefe,"}) {
            assertThat(with(secrets).verify(DATA, "sha256=" + HMAC)).as(secrets).isEqualTo(VALID);
        }
        assertThat(with("new,older").verify(DATA, "sha256=" + HMAC)).isEqualTo(WRONG);
        assertThat(with("new,Jefe").verify(DATA, TestGateway.signature("new,Jefe", DATA))).isEqualTo(WRONG);
    }

    @Test
    void anEmptyBodyHasASignatureToo() {
        String empty = TestGateway.signature("Jefe", new byte[0]);
        assertThat(with("Jefe").verify(new byte[0], empty)).isEqualTo(VALID);
        assertThat(with("Jefe").verify(null, empty)).isEqualTo(VALID);
        assertThat(with("Jefe").verify(null, "sha256=" + HMAC)).isEqualTo(WRONG);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "  ", ",", " , ,"})
    void withoutASecretThereIsNoStart(String secrets) {
        assertThatIllegalArgumentException().isThrownBy(() -> with(secrets))
                .withMessageStartingWith("whatsapp.app-secret is not set.")
                .withMessageContaining("WHATSAPP_APP_SECRET");
    }

    @Test
    void beforeASecretIsSetNothingIsValid() {
        assertThat(new WebhookVerifier().verify(DATA, "sha256=" + HMAC)).isEqualTo(WRONG);
    }
}
