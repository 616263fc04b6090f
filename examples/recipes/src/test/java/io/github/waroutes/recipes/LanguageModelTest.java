package io.github.waroutes.recipes;

import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a server that speaks as OpenAI's does: it asks for the tool when it reads of an order, and tells what the tool said. */
@WhatsAppSimulator
class LanguageModelTest {

    private static final String CHAT = "/v1/chat/completions";
    private static final WireMockServer SERVER = new WireMockServer(WireMockConfiguration.options().dynamicPort().bindAddress("127.0.0.1").globalTemplating(true));
    private static Recipe recipe;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp, @TempDir Path directory) {
        SERVER.start();
        says("{\"role\":\"assistant\",\"content\":\"Hello!\"}", "stop", "$.messages[-1:][?(@.role == 'user')]");
        says("{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"call-1\",\"type\":\"function\",\"function\":{\"name\":\"order_state\","
                + "\"arguments\":\"{\\\"number\\\":\\\"4711\\\",\\\"WhatsAppUser\\\":\\\"15555559999\\\",\\\"CamelFileName\\\":\\\"x\\\"}\"}}]}",
                "tool_calls", "$.messages[-1:][?(@.role == 'user' && @.content =~ /.*4711.*/)]");
        says("{\"role\":\"assistant\",\"content\":\"{{jsonPath request.body '$.messages[-1].content'}}.\"}", "stop", "$.messages[-1:][?(@.role == 'tool')]");
        recipe = new Recipe("language-model", whatsapp, directory).with("model.url", SERVER.baseUrl() + "/v1").with("model.api-key", "model-key").start();
    }

    /** The stub that is made last is asked first. */
    private static void says(String message, String reason, String when) {
        SERVER.stubFor(post(CHAT).withRequestBody(matchingJsonPath(when)).willReturn(okJson("{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\","
                + "\"choices\":[{\"index\":0,\"message\":" + message + ",\"finish_reason\":\"" + reason + "\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1,\"total_tokens\":2}}")));
    }

    @AfterAll
    static void stop() {
        recipe.close();
        SERVER.stop();
    }

    @Test
    void itLooksOrdersUpAndRemembersTheConversation(SimulatedUser kim, SimulatedUser sam) throws Exception {
        kim.sends("where is my order 4711?");
        kim.receives("Sent on Monday, with the parcel service, arrives on Thursday.");
        kim.sendsVoice("thank you");
        kim.receives("Hello!");
        sam.sends("good morning");
        sam.receives("Hello!");

        List<List<String>> asked = new ArrayList<>();
        for (var request : SERVER.findAll(postRequestedFor(urlEqualTo(CHAT)))) {
            assertThat(request.getHeader("Authorization")).isEqualTo("Bearer model-key");
            assertThat(request.getBodyAsString()).doesNotContain(kim.id(), sam.id());
            JsonNode body = new ObjectMapper().readTree(request.getBody());
            assertThat(body.at("/tools/0/function/name").asText()).isEqualTo("order_state");
            List<String> roles = new ArrayList<>();
            body.path("messages").forEach(message -> roles.add(message.path("role").asText()));
            asked.add(roles);
        }
        assertThat(asked).containsExactly(
                List.of("system", "user"),
                List.of("system", "user", "assistant", "tool"),
                List.of("system", "user", "assistant", "tool", "assistant", "user"),
                List.of("system", "user"));
    }
}
