package io.github.waroutes.number;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

class AppSecretProofTest {

    private final AppSecretProof proof = new AppSecretProof();

    private static BusinessNumber number(String token, String... secrets) {
        return new BusinessNumber("shop", "5001", "7001", "app", token, List.of(secrets), "word", Map.of());
    }

    /** RFC 4231, test case 2. */
    @Test
    void theProofIsTheHmacOfTheTokenKeyedWithTheAppSecret() {
        assertThat(proof.query(number("what do ya want for nothing?", "Jefe")))
                .isEqualTo("appsecret_proof=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    @Test
    void ofSeveralSecretsTheFirstIsTheKeyAndARenewedTokenHasAProofOfItsOwn() {
        assertThat(proof.query(number("token", "new", "old"))).isEqualTo(proof.query(number("token", "new")))
                .isNotEqualTo(proof.query(number("token", "old"))).isNotEqualTo(proof.query(number("token-2", "new")));
    }

    @Test
    void itIsMadeOnceForANumber() {
        BusinessNumber number = number("token", "secret");
        assertThat(proof.query(number)).isSameAs(proof.query(number));
    }

    @Test
    void withoutASecretThereIsNone() {
        assertThat(proof.query(number("token"))).isEmpty();
    }
}
