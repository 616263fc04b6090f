package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.absent;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedBusinessNumber;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppNumber;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each number understands, and hears, with servers, prompts and intents of its own. WireMock stands for the hops' servers. */
@WhatsAppSimulator(numbers = {"es=5001:34600000001:7001:shops:token-es:secret-es", "fr=5002:33600000001:7002:shops:token-fr:secret-es"})
class OwnHopsFlowTest {

    private static final List<String> REPORTS = new CopyOnWriteArrayList<>();
    private static TestGateway gateway;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp, @TempDir Path directory) throws IOException {
        Path intents = Files.writeString(directory.resolve("fr.yaml"), """
                fallback: Pardon ?
                intents:
                  - intent: hours
                    examples: [quels sont vos horaires, quand ouvrez vous]
                    reply: De neuf à dix-huit heures.
                  - intent: place
                    examples: [où êtes vous, quelle est votre adresse]
                    reply: Rue de la Paix.
                """);
        gateway = Flows.gateway(directory).with(whatsapp).with(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:es-reports").process(exchange -> REPORTS.add(exchange.getMessage().getBody(String.class)));
            }
        });
        String hops = gateway.meta().baseUrl();
        gateway.with("whatsapp.understanding", "openai").with("whatsapp.understanding.openai.url", hops + "/v1")
                .with("whatsapp.understanding.openai.api-key", "key-all").with("whatsapp.understanding.openai.system-prompt", "Be brief.")
                .with("whatsapp.numbers.es.understanding.openai.url", hops + "/es").with("whatsapp.numbers.es.understanding.openai.model", "grande")
                .with("whatsapp.numbers.es.understanding.openai.system-prompt", "Habla español.")
                .with("whatsapp.numbers.es.transcription.url", hops + "/es/voz").with("whatsapp.numbers.es.transcription.api-key", "key-es")
                .with("whatsapp.numbers.es.on.delivery-report", "direct:es-reports").with("whatsapp.numbers.es.typing-indicator", "false")
                .with("whatsapp.numbers.fr.understanding", "intents").with("whatsapp.numbers.fr.understanding.intents.file", intents)
                .start();
        gateway.meta().stubFor(post(urlEqualTo("/v1/chat/completions")).willReturn(answer("hello")));
        gateway.meta().stubFor(post(urlEqualTo("/es/chat/completions")).willReturn(answer("hola")));
        gateway.meta().stubFor(post(urlEqualTo("/es/voz")).willReturn(okJson("{\"text\":\"buenas tardes\"}")));
    }

    private static com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder answer(String text) {
        return okJson("{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"" + text + "\"}}]}");
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void aNumbersOwnServerModelAndPromptAreAskedAndTheGatewaysKeyDoesNotGoThere(@WhatsAppNumber("es") SimulatedBusinessNumber spain,
            SimulatedUser kim) {
        SimulatedUser there = spain.user("Kim", kim.id());
        there.sends("buenos días");
        there.receives("hola");
        kim.sends("good morning");
        kim.receives("hello");

        gateway.meta().verify(postRequestedFor(urlEqualTo("/es/chat/completions")).withHeader("Authorization", absent())
                .withRequestBody(matchingJsonPath("$.model", equalTo("grande")))
                .withRequestBody(matchingJsonPath("$.messages[0].content", equalTo("Habla español.")))
                .withRequestBody(matchingJsonPath("$.messages[1].content", equalTo("buenos días"))));
        gateway.meta().verify(postRequestedFor(urlEqualTo("/v1/chat/completions")).withHeader("Authorization", equalTo("Bearer key-all"))
                .withRequestBody(matchingJsonPath("$.messages[0].content", equalTo("Be brief."))));
    }

    @Test
    void aNumbersVoiceMessagesGoToItsOwnServerWithItsOwnKey(@WhatsAppNumber("es") SimulatedBusinessNumber spain, SimulatedUser kim) {
        SimulatedUser there = spain.user("Kim", kim.id());
        there.sendsVoice("anything");
        there.receives("hola");
        gateway.meta().verify(postRequestedFor(urlEqualTo("/es/voz")).withHeader("Authorization", equalTo("Bearer key-es")));
        gateway.meta().verify(postRequestedFor(urlEqualTo("/es/chat/completions"))
                .withRequestBody(matchingJsonPath("$.messages[1].content", equalTo("buenas tardes"))));
    }

    @Test
    void aNumberHasItsOwnIntents(@WhatsAppNumber("fr") SimulatedBusinessNumber france, SimulatedUser kim) {
        SimulatedUser there = france.user("Kim", kim.id());
        there.sends("quels sont vos horaires ?");
        there.receives("De neuf à dix-huit heures.");
    }

    @Test
    void whatIsSentFromANumberIsCountedAndReportedAsItsOwn(@WhatsAppNumber("es") SimulatedBusinessNumber spain, SimulatedUser kim,
            SimulatedWhatsApp whatsapp) {
        whatsapp.tellsAllStatuses();
        spain.user("Kim", kim.id()).sends("hola");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(REPORTS).isNotEmpty().allMatch(report -> report.contains("\"phone_number_id\":\"5001\"")));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.metrics()).containsPattern(
                "whatsapp_messages_sent_total\\{[^}]*number=\"es\",status=\"success\",type=\"text\"").doesNotContain("number=\"5001\""));
        assertThat(gateway.counter("whatsapp.messages.received", "number", "es")).isPositive();
    }
}
