package io.github.waroutes.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class BearerTokenTest {

    private static BearerToken token(String url, String key) {
        BearerToken token = new BearerToken();
        token.setProperty("whatsapp.transcription.url");
        token.setUrl(url);
        token.setKey(key);
        return token;
    }

    @Test
    void aKeyIsSentAsABearer() {
        BearerToken token = token("https://speech.example", " key-1 ");
        token.check();
        assertThat(token.header()).isEqualTo("Bearer key-1");
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = "  ")
    void withoutAKeyThereIsNoHeaderAndAnyAddressWillDo(String key) {
        BearerToken token = token("http://speech.internal:9000", key);
        assertThatCode(token::check).doesNotThrowAnyException();
        assertThat(token.header()).isNull();
    }

    @Test
    void aKeyGoesOverHttpToThisMachineOnly() {
        assertThatCode(token("http://localhost:9000", "key-1")::check).doesNotThrowAnyException();
        assertThatIllegalArgumentException().isThrownBy(token("http://speech.internal:9000", "key-1")::check)
                .withMessageStartingWith("whatsapp.transcription.url must begin with https://")
                .withMessageNotContaining("key-1");
    }
}
