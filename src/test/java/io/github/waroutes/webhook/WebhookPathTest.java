package io.github.waroutes.webhook;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookPathTest {

    @ParameterizedTest
    @ValueSource(strings = {"/webhook", "/a/b-c/v1.0", "/my-proxy"})
    void takesAPlainPath(String path) {
        assertThatCode(() -> new WebhookPath().setPath(path)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "/", "webhook", "/web hook", "/{x}", "/*", "/a//b", "/a?b=c", "http://x/webhook"})
    void refusesWhatIsNoPlainPath(String path) {
        assertThatThrownBy(() -> new WebhookPath().setPath(path)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("whatsapp.webhook.path").hasMessageContaining("Give one such as /webhook");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/proxy", "/Proxy/x", "/proxyhook"})
    void refusesWhatCamelWouldTakeForAProxy(String path) {
        assertThatThrownBy(() -> new WebhookPath().setPath(path)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must not begin with /proxy");
    }
}
