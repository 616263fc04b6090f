package io.github.waroutes.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;

import io.github.waroutes.error.WhatsAppMediaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class MediaUrlGuardTest {

    private final MediaUrlGuard guard = new MediaUrlGuard("*.fbsbx.com, *.fbcdn.net,cdn.example.com,localhost,127.0.0.1,[::1]");

    @ParameterizedTest
    @ValueSource(strings = {"https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&ext=2&hash=a%2Fb",
            "https://LOOKASIDE.FBSBX.COM/x", "https://a.b.fbcdn.net:443/x", "https://cdn.example.com/x",
            "http://localhost:8080/x", "http://127.0.0.1:8080/x", "http://[::1]:8080/x"})
    void anAllowedUrlIsGivenBackAsItIs(String url) {
        assertThat(guard.check(url, "777")).isEqualTo(url);
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "https://evilfbsbx.com/x", "https://fbsbx.com.evil.example/x", "https://fbsbx.com/x", "https://sub.cdn.example.com/x",
            "https://lookaside.fbsbx.com@evil.example/x", "https://user@lookaside.fbsbx.com/x", "https://user:pw@lookaside.fbsbx.com/x",
            "https://lookaside.fbsbx.com:8443/x", "https://lookaside.fbsbx.com:80/x", "http://lookaside.fbsbx.com/x",
            "http://127.0.0.1.fbsbx.com/x", "http://localhost.fbsbx.com/x", "ftp://lookaside.fbsbx.com/x", "file:///etc/passwd",
            "//lookaside.fbsbx.com/x", "lookaside.fbsbx.com/x", "https:/lookaside.fbsbx.com/x", "https://10.0.0.1/x",
            "http://169.254.169.254/latest/meta-data", "https://lookaside.fbsbx.com.", "https://evil.example/#.fbsbx.com",
            "https://evil.example/?.fbsbx.com", "https://evil.example;.fbsbx.com/x", "HTTPS-lookaside.fbsbx.com", "whatsapp-queue:x"})
    void aUrlElsewhereIsRefused(String url) {
        assertThatThrownBy(() -> guard.check(url, "777")).isInstanceOfSatisfying(WhatsAppMediaException.class, e -> {
            assertThat(e.getMediaId()).isEqualTo("777");
            assertThat(e.isNotFound()).isFalse();
            assertThat(e.isExpired()).isFalse();
            assertThat(e.toJson()).doesNotContain(url);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://lookaside.fbsbx.com/{{env:PATH}}", "https://lookaside.fbsbx.com/{{env:X}}?a=b",
            "https://lookaside.fbsbx.com\\@evil.example/x", "https://evil.example\\.fbsbx.com/x", "https://lookaside.fbsbx.com/a b",
            "https://lookaside.fbsbx.com/a\nb", "https://lookaside.fbsbx.com/a\r\nHost: evil.example", "https://lookaside.fbsbx.com/\u0000",
            "https://lookaside.fbsbx.com/\u007f", "https://lookaside.fbsbx.com/\u00e9", " https://lookaside.fbsbx.com/x"})
    void aUrlThatHoldsMoreThanAUrlIsMalformed(String url) {
        assertThatThrownBy(() -> guard.check(url, "777")).isInstanceOf(WhatsAppMediaException.class).hasMessageContaining("malformed");
    }

    @Test
    void aUrlHasALongestLength() {
        String start = "https://lookaside.fbsbx.com/";
        assertThat(guard.check(start + "x".repeat(4096 - start.length()), "777")).hasSize(4096);
        assertThatThrownBy(() -> guard.check(start + "x".repeat(4097 - start.length()), "777")).hasMessageContaining("malformed");
    }

    @Test
    void whatIsNoTextIsNoUrl() {
        for (Object url : new Object[] {null, "", "  ", 7, Map.of("url", "https://lookaside.fbsbx.com/x")}) {
            assertThatThrownBy(() -> guard.check(url, "777")).isInstanceOf(WhatsAppMediaException.class)
                    .hasMessageContaining("holds no URL");
        }
    }

    @Test
    void httpToThisMachineNeedsToBeAllowedToo() {
        assertThatThrownBy(() -> new MediaUrlGuard("*.fbsbx.com").check("http://127.0.0.1:8080/x", "777"))
                .isInstanceOf(WhatsAppMediaException.class).hasMessageContaining("whatsapp.media.allowed-hosts");
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://fbsbx.com", "*fbsbx.com", "*", "fbsbx.com:443", "a b", "fbsbx.com/x"})
    void whatIsNoHostNameStopsTheStart(String hosts) {
        assertThatIllegalArgumentException().isThrownBy(() -> new MediaUrlGuard(hosts))
                .withMessageStartingWith("whatsapp.media.allowed-hosts: " + hosts + " is not a host name");
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = {" ", " , "})
    void noHostAtAllStopsTheStart(String hosts) {
        assertThatIllegalArgumentException().isThrownBy(() -> new MediaUrlGuard(hosts))
                .withMessageStartingWith("whatsapp.media.allowed-hosts is empty");
    }
}
