package io.github.waroutes.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;

import io.github.waroutes.TestGateway;
import io.github.waroutes.error.WhatsAppTemplateException;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nobody has named the template, so Meta is asked once. */
@WhatsAppSimulator
class AuthenticationTemplateFlowTest {

    private static final String USER = "US.13491208655302741918";
    private static final Map<String, Object> CODE = Map.of("WhatsAppUser", USER, "WhatsAppTemplate", "login_code", "WhatsAppTemplateLanguage", "en");

    @TempDir
    Path directory;

    private SimulatedWhatsApp whatsapp;

    @Test
    void aTemplateThatMetaRefusedForABusinessScopedIdIsNotSentToOneAgain() {
        whatsapp.graph().fails(131062).always();
        try (TestGateway gateway = Flows.gateway(directory).with(whatsapp).start()) {
            Flows.awaitUnsent(gateway, Flows.send(gateway, "direct:whatsapp-send-template", null, CODE));

            assertThatThrownBy(() -> Flows.send(gateway, "direct:whatsapp-send-template", null, CODE))
                    .hasRootCauseInstanceOf(WhatsAppTemplateException.class).rootCause().hasMessageStartingWith("recipient must not be used");
            assertThat(whatsapp.graph().callsTo(USER)).singleElement()
                    .satisfies(call -> assertThat(call.body().path("recipient").asText()).isEqualTo(USER));
        }
    }
}
