package io.github.waroutes.recipes;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.equalToJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.serverError;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import io.github.waroutes.junit.ReceivedMessage;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@WhatsAppSimulator
class VoiceAnswersTest {

    private static final String SPEECH = "/v1/audio/speech";
    private static final WireMockServer SERVER = new WireMockServer(WireMockConfiguration.options().dynamicPort().bindAddress("127.0.0.1"));
    private static Recipe recipe;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp, @TempDir Path directory) {
        SERVER.start();
        recipe = new Recipe("voice-answers", whatsapp, directory).with("speech.url", SERVER.baseUrl() + SPEECH).with("speech.api-key", "speech-key").start();
    }

    @AfterAll
    static void stop() {
        recipe.close();
        SERVER.stop();
    }

    @BeforeEach
    void forget() {
        SERVER.resetAll();
    }

    @Test
    void whoSpeaksIsAnsweredByVoiceAndWhoWritesInWriting(SimulatedUser kim) {
        SERVER.stubFor(post(SPEECH).willReturn(aResponse().withHeader("Content-Type", "audio/ogg").withBody("OggS, and what is spoken")));

        kim.sends("when do you open on Saturday");
        String hours = kim.receivesMatching(".*Saturday.*").text();
        kim.sendsVoice("when do you open on Saturday");
        ReceivedMessage answer = kim.receivesType("audio");

        assertThat(answer.content().path("voice").asBoolean()).isTrue();
        SERVER.verify(1, postRequestedFor(urlEqualTo(SPEECH)).withHeader("Authorization", equalTo("Bearer speech-key"))
                .withRequestBody(equalToJson("{\"model\":\"tts-1\",\"voice\":\"alloy\",\"response_format\":\"opus\",\"input\":\"" + hours + "\"}")));
        assertThat(SERVER.getAllServeEvents().get(0).getRequest().getHeaders().keys()).noneMatch(name -> name.startsWith("WhatsApp"));
    }

    @Test
    void whereSpeechFailsTheAnswerIsWritten(SimulatedUser kim) {
        SERVER.stubFor(post(SPEECH).willReturn(serverError()));

        kim.sends("when do you open on Saturday");
        String hours = kim.receivesMatching(".*Saturday.*").text();
        kim.sendsVoice("when do you open on Saturday");
        kim.receives(hours);
    }
}
