package io.github.waroutes.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** An application that answers from the number that was written to, with that number's token. */
@WhatsAppSimulator(numbers = {"es=5001:34600000001:7001:shops:token-es:secret-es", "pt=5002"})
class WhatsAppNumberTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Map<String, String> TOKENS = new ConcurrentHashMap<>();
    private static final ExecutorService THREADS = Executors.newCachedThreadPool();
    private static HttpServer application;

    @WhatsAppNumber("pt")
    private SimulatedBusinessNumber portugal;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) throws IOException {
        whatsapp.numbers().forEach(number -> TOKENS.put(number.phoneNumberId(), number.accessToken()));
        application = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        application.setExecutor(THREADS);
        application.createContext("/webhook", exchange -> {
            JsonNode value = JSON.readTree(exchange.getRequestBody()).at("/entry/0/changes/0/value");
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
            String number = value.at("/metadata/phone_number_id").asText();
            for (JsonNode message : value.path("messages")) {
                HTTP.sendAsync(HttpRequest.newBuilder(URI.create(whatsapp.graphUrl() + "/v26.0/" + number + "/messages"))
                        .header("Authorization", "Bearer " + TOKENS.get(number)).header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"messaging_product\":\"whatsapp\",\"to\":\"" + message.path("from").asText()
                                + "\",\"text\":{\"body\":\"" + number + " heard you\"}}")).build(), HttpResponse.BodyHandlers.discarding());
            }
        });
        application.start();
        whatsapp.webhookPort(application.getAddress().getPort());
    }

    @AfterAll
    static void stop() {
        application.stop(0);
        THREADS.shutdownNow();
    }

    @Test
    void usersWriteToANumberAndHearFromIt(@WhatsAppNumber("es") SimulatedBusinessNumber spain, SimulatedUser kim) {
        SimulatedUser alsoKim = spain.user("Kim", kim.id());

        alsoKim.sends("hola");
        alsoKim.receives("5001 heard you");
        kim.sends("hello");
        kim.receives("106540352242922 heard you");

        assertThat(alsoKim.inbox()).hasSize(1);
        assertThat(kim.inbox()).hasSize(1);
        assertThat(portugal.newUser("Ana").number()).isEqualTo(portugal);
    }

    @Test
    void aPersonOfTheTestCanWriteToANumber(@WhatsAppNumber("es") @WhatsAppUser(name = "Ana") SimulatedUser ana) {
        ana.sends("hola");
        ana.receives("5001 heard you");
    }

    @Test
    void aNumberTellsWhatTheApplicationHasToKnow(@WhatsAppNumber("es") SimulatedBusinessNumber spain, SimulatedWhatsApp whatsapp) {
        assertThat(spain.phoneNumberId()).isEqualTo("5001");
        assertThat(spain.accountId()).isEqualTo("7001");
        assertThat(spain.appSecret()).isEqualTo("secret-es");
        assertThat(whatsapp.settings()).containsEntry("whatsapp.numbers.es.phone-number-id", "5001")
                .containsEntry("whatsapp.numbers.es.access-token", "token-es")
                .containsEntry("whatsapp.numbers.pt.access-token", whatsapp.accessToken())
                .containsEntry("whatsapp.phone-number-id", "106540352242922");
        assertThatIllegalArgumentException().isThrownBy(() -> whatsapp.number("de")).withMessageContaining("default, es, pt");
    }

    @Test
    void anExpiredTokenIsRenewed(@WhatsAppNumber("es") SimulatedBusinessNumber spain) {
        spain.expireToken();
        SimulatedUser ana = spain.newUser("Ana");
        ana.sends("hola");
        ana.receivesNothingFor(Duration.ofMillis(100));
        spain.renewToken("token-es-2");
        TOKENS.put("5001", spain.accessToken());
        try {
            ana.sends("hola");
            ana.receives("5001 heard you");
        } finally {
            TOKENS.put("5001", "token-es");
        }
    }
}
