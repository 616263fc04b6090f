package io.github.waroutes.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.error.WhatsAppMediaException;
import io.github.waroutes.error.WhatsAppMessageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class GraphRequestTest {

    private static final String TOKEN = "EAAtest|token-1._~";

    private static GraphRequest request(String url, String version, String number, String token) {
        GraphRequest request = new GraphRequest();
        request.setUrl(url);
        request.setVersion(version);
        request.setPhoneNumberId(number);
        request.setAccessToken(token);
        return request;
    }

    private static GraphRequest good() {
        GraphRequest request = request("https://graph.facebook.com", "v26.0", "106540352242922", TOKEN);
        request.check();
        return request;
    }

    @Test
    void aMessageGoesToTheNumberItNames() {
        assertThat(good().messagesPath("1234567", null)).isEqualTo("/v26.0/1234567/messages");
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = " ")
    void aMessageThatNamesNoNumberGoesToOurs(String number) {
        assertThat(good().messagesPath(number, null)).isEqualTo("/v26.0/106540352242922/messages");
    }

    @Test
    void aFileGoesToTheNumberItIsForOrToOurs() {
        assertThat(good().uploadPath("1234567")).isEqualTo("/v26.0/1234567/media");
        assertThat(good().uploadPath(null)).isEqualTo("/v26.0/106540352242922/media");
        assertThatThrownBy(() -> good().uploadPath("1/2")).isInstanceOf(WhatsAppMessageException.class);
    }

    @Test
    void aMediaIdBecomesItsPath() {
        assertThat(good().mediaPath("987654321")).isEqualTo("/v26.0/987654321");
    }

    @Test
    void theTokenTravelsAsABearer() {
        assertThat(good().authorization()).isEqualTo("Bearer " + TOKEN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1/2", "..", "1/../2", "1?fields=x", "{{env:HOME}}", "1#x", "1%2F2", "1 2", "1\n2", "\\2", "https://evil.example"})
    void anIdThatWouldChangeThePathIsRefusedAndNotRepeated(String id) {
        assertThatThrownBy(() -> good().messagesPath(id, null)).isInstanceOf(WhatsAppMessageException.class)
                .satisfies(e -> assertThat(((WhatsAppException) e).toJson()).doesNotContain(id));
        assertThatThrownBy(() -> good().mediaPath(id)).isInstanceOf(WhatsAppMediaException.class)
                .satisfies(e -> assertThat(((WhatsAppException) e).toJson()).doesNotContain(id));
    }

    @Test
    void idsHaveALongestLength() {
        assertThat(good().messagesPath("1".repeat(64), null)).contains("1".repeat(64));
        assertThat(good().mediaPath("1".repeat(128))).contains("1".repeat(128));
        assertThatThrownBy(() -> good().messagesPath("1".repeat(65), null)).isInstanceOf(WhatsAppMessageException.class);
        assertThatThrownBy(() -> good().mediaPath("1".repeat(129))).isInstanceOf(WhatsAppMediaException.class);
    }

    @ParameterizedTest
    @NullAndEmptySource
    void aMissingMediaIdIsRefused(String id) {
        assertThatThrownBy(() -> good().mediaPath(id)).isInstanceOf(WhatsAppMediaException.class).hasMessageContaining("media id");
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = "  ")
    void aMissingNumberIsNamed(String number) {
        assertThatIllegalArgumentException().isThrownBy(() -> request("https://graph.facebook.com", "v26.0", number, TOKEN).check())
                .withMessageStartingWith("whatsapp.phone-number-id is not set");
    }

    @ParameterizedTest
    @ValueSource(strings = {"+1 555 078 3881", "1/2", "{{x}}"})
    void aNumberThatIsNoIdIsNamed(String number) {
        assertThatIllegalArgumentException().isThrownBy(() -> request("https://graph.facebook.com", "v26.0", number, TOKEN).check())
                .withMessageStartingWith("whatsapp.phone-number-id is not an id").withMessageNotContaining(number);
    }

    private static org.assertj.core.api.ThrowableAssertAlternative<IllegalArgumentException> refused(GraphRequest request) {
        return assertThatIllegalArgumentException().isThrownBy(request::check);
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = "  ")
    void aMissingTokenIsNamed(String token) {
        refused(request("https://graph.facebook.com", "v26.0", "1", token)).withMessageStartingWith("whatsapp.access-token is not set");
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc def", "abc\n", " abc", "abcé", "abc\r\nX-Evil: 1"})
    void aTokenThatWouldBreakTheHeaderIsNamedAndNotRepeated(String token) {
        refused(request("https://graph.facebook.com", "v26.0", "1", token))
                .withMessageStartingWith("whatsapp.access-token has a character").withMessageNotContaining("abc");
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = {"26.0", "v26", "v26.0/..", "latest"})
    void aVersionThatIsNoneIsNamed(String version) {
        refused(request("https://graph.facebook.com", version, "1", TOKEN)).withMessageStartingWith("whatsapp.graph.version");
    }

    @Test
    void blanksAroundNumberAndVersionAreForgiven() {
        GraphRequest request = request("https://graph.facebook.com", " v26.0 ", " 123 ", TOKEN);
        request.check();
        assertThat(request.messagesPath(null, null)).isEqualTo("/v26.0/123/messages");
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = {"http://graph.facebook.com", "http://127.0.0.1.evil.example", "http://localhost.evil.example", "ftp://localhost",
            "graph.facebook.com", "https://user:secret@graph.facebook.com", "https://", "http://10.0.0.1", "file:///etc/passwd",
            "http://127.0.0.1@evil.example"})
    void anAddressThatTheTokenMustNotGoToIsNamed(String url) {
        refused(request(url, "v26.0", "1", TOKEN)).withMessageStartingWith("whatsapp.graph.url").withMessageNotContaining("secret@");
    }

    @Test
    void anAddressThatIsNoneIsNamed() {
        refused(request("https://a b", "v26.0", "1", TOKEN)).withMessageStartingWith("whatsapp.graph.url is not an address");
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://graph.facebook.com", "http://localhost:8080/graph", "http://127.0.0.1:8080", "http://127.9.9.9",
            "http://[::1]:8080"})
    void httpsIsTakenAndHttpToThisMachine(String url) {
        assertThatCode(() -> request(url, "v26.0", "1", TOKEN).check()).doesNotThrowAnyException();
    }
}
