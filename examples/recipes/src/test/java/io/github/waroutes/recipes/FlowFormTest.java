package io.github.waroutes.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.MGF1ParameterSpec;
import java.time.LocalDate;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;

import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.junit.ReceivedMessage;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@WhatsAppSimulator
class FlowFormTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static Recipe recipe;
    private static KeyPair keys;
    private static SimulatedWhatsApp meta;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp, @TempDir Path directory) throws Exception {
        meta = whatsapp;
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        keys = generator.generateKeyPair();
        Path pem = Files.writeString(directory.resolve("flows.pem"), "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(keys.getPrivate().getEncoded()) + "\n-----END PRIVATE KEY-----\n");
        recipe = new Recipe("flow-form", whatsapp, directory).with("whatsapp.flows.private-key", pem).start();
    }

    @AfterAll
    static void stop() {
        recipe.close();
    }

    @Test
    void aTableIsBookedWithTheForm(SimulatedUser kim) throws Exception {
        kim.sends("a table please");
        ReceivedMessage button = kim.receives("Here you can book a table.");
        String token = button.content().at("/action/parameters/flow_token").asText();
        assertThat(token).contains(kim.id());

        JsonNode form = asks(Map.of("version", "3.0", "action", "INIT", "flow_token", token));
        String day = LocalDate.now().plusDays(2).toString();
        assertThat(form.path("screen").asText()).isEqualTo("TABLE");
        assertThat(form.at("/data/days").findValuesAsText("id")).hasSize(3).contains(day);
        JsonNode tooMany = asks(Map.of("version", "3.0", "action", "data_exchange", "screen", "TABLE", "flow_token", token, "data", Map.of("day", day, "people", "40")));
        assertThat(tooMany.at("/data/problem").asText()).isEqualTo("We have tables for 1 to 12 people.");
        JsonNode done = asks(Map.of("version", "3.0", "action", "data_exchange", "screen", "TABLE", "flow_token", token, "data", Map.of("day", day, "people", "4")));
        assertThat(done.path("screen").asText()).isEqualTo("SUCCESS");

        kim.says("{\"flow\":{\"response_json\":" + done.at("/data/extension_message_response/params") + "}}");
        kim.receives("Your table for 4 on " + day + " is booked.");
    }

    /** A request as Meta's client makes it ("Implementing endpoints for Flows"): the key by RSA-OAEP, the rest by AES-GCM; the answer with the vector's bits inverted. */
    private static JsonNode asks(Map<String, ?> request) throws Exception {
        byte[] key = new byte[16];
        byte[] vector = new byte[16];
        new SecureRandom().nextBytes(key);
        new SecureRandom().nextBytes(vector);
        Cipher rsa = Cipher.getInstance("RSA/ECB/OAEPWithSHA-256AndMGF1Padding");
        rsa.init(Cipher.ENCRYPT_MODE, keys.getPublic(), new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT));
        Cipher aes = Cipher.getInstance("AES/GCM/NoPadding");
        aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, vector));
        Base64.Encoder base64 = Base64.getEncoder();
        byte[] body = JSON.writeValueAsBytes(Map.of("encrypted_flow_data", base64.encodeToString(aes.doFinal(JSON.writeValueAsBytes(request))),
                "encrypted_aes_key", base64.encodeToString(rsa.doFinal(key)), "initial_vector", base64.encodeToString(vector)));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(meta.appSecret().getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        HttpResponse<String> answer = HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(recipe.url("/flows"))).header("Content-Type", "application/json")
                .header("X-Hub-Signature-256", "sha256=" + HexFormat.of().formatHex(mac.doFinal(body))).POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        for (int at = 0; at < vector.length; at++) {
            vector[at] ^= (byte) 0xff;
        }
        aes.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, vector));
        return JSON.readTree(aes.doFinal(Base64.getDecoder().decode(answer.body())));
    }
}
