package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.TestGateway.MESSAGES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;

import io.github.waroutes.TestGateway;
import io.github.waroutes.error.WhatsAppTemplateException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nobody has named the template, so Meta is asked once. */
class AuthenticationTemplateFlowTest {

    private static final Map<String, Object> CODE = Map.of("WhatsAppUser", "US.13491208655302741918", "WhatsAppTemplate", "login_code",
            "WhatsAppTemplateLanguage", "en");

    @TempDir
    Path directory;

    @Test
    void aTemplateThatMetaRefusedForABusinessScopedIdIsNotSentToOneAgain() {
        try (TestGateway gateway = Flows.gateway(directory).start()) {
            gateway.meta.stubFor(post(urlEqualTo(MESSAGES)).willReturn(Flows.refusal(400, 131062)));
            Flows.awaitUnsent(gateway, Flows.send(gateway, "direct:whatsapp-send-template", null, CODE));

            assertThatThrownBy(() -> Flows.send(gateway, "direct:whatsapp-send-template", null, CODE))
                    .hasRootCauseInstanceOf(WhatsAppTemplateException.class).rootCause().hasMessageStartingWith("recipient must not be used");
            assertThat(gateway.meta.findAll(postRequestedFor(urlEqualTo(MESSAGES)).withRequestBody(matchingJsonPath("$.recipient")))).hasSize(1);
        }
    }
}
