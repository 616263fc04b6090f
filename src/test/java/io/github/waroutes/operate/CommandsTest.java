package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Properties;

import com.sun.net.httpserver.HttpServer;
import io.github.waroutes.TestPorts;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The command line, against a server that notes what it is asked; what a gateway answers is ManagementFlowTest's. */
class CommandsTest {

    private final Deque<String> answers = new ArrayDeque<>();
    private final List<String> asked = new ArrayList<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            asked.add(exchange.getRequestMethod() + ' ' + exchange.getRequestURI() + (body.isEmpty() ? "" : ' ' + body) + " by "
                    + exchange.getRequestHeaders().getFirst("Authorization"));
            String answer = answers.isEmpty() ? "{}" : answers.poll();
            byte[] bytes = answer.replaceFirst("^\\d{3} ", "").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.matches("^\\d{3} .*") ? Integer.parseInt(answer.substring(0, 3)) : 200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private int run(String... args) {
        Properties properties = new Properties();
        properties.setProperty("camel.management.port", Integer.toString(server.getAddress().getPort()));
        properties.setProperty("whatsapp.management.token", "open-sesame");
        return Commands.run(new PrintWriter(out, true), new PrintWriter(err, true), () -> {
            CamelContext context = new DefaultCamelContext();
            context.getPropertiesComponent().setInitialProperties(properties);
            return context;
        }, args);
    }

    @Test
    void aListIsReadable() {
        answers.add("{\"total\":7,\"matching\":1,\"messages\":[{\"id\":\"whatsapp.inbound:9\",\"at\":\"2026-01-31T12:00:00.123Z\",\"kind\":\"outbound\","
                + "\"type\":\"text\",\"number\":\"default\",\"user\":\"***07\",\"error\":{\"type\":\"WhatsAppMessageException\",\"error_code\":131026,"
                + "\"message\":\"Message undeliverable\"}}]}");
        assertThat(run("dead-letters", "list", "--filter", "error=131026,number=default", "--limit", "5")).isZero();
        assertThat(asked).containsExactly("GET /manage/messages/dead-letters?error=131026&number=default&limit=5&skip=0 by Bearer open-sesame");
        assertThat(out.toString()).contains("1 of 7").containsPattern("whatsapp.inbound:9 +2026-01-31T12:00:00Z +outbound +text +default +\\*\\*\\*07 +131026 Message");
    }

    @Test
    void answersAreJsonIfAsked() {
        answers.add("{\"total\":0,\"matching\":0,\"messages\":[]}");
        assertThat(run("unhandled", "list", "--json")).isZero();
        assertThat(out.toString().strip()).isEqualTo("{\"total\":0,\"matching\":0,\"messages\":[]}");
    }

    @Test
    void aReplayGoesOnUntilAllThatWereThereAreReplayed() {
        answers.addAll(List.of("{\"replayed\":100,\"left\":50}", "{\"replayed\":50,\"left\":3}"));
        assertThat(run("dead-letters", "replay", "--all")).isZero();
        assertThat(asked).containsExactly("POST /manage/messages/dead-letters/replay {\"all\":true,\"limit\":100} by Bearer open-sesame",
                "POST /manage/messages/dead-letters/replay {\"all\":true,\"limit\":50} by Bearer open-sesame");
        assertThat(out.toString()).as("three failed again meanwhile").contains("150 replayed, 3 left");
    }

    @Test
    void idsAreReplayedAtARate() {
        answers.addAll(List.of("{\"replayed\":1,\"left\":1}", "{\"replayed\":1,\"left\":0}"));
        assertThat(run("dead-letters", "replay", "a:1", "a:2", "--rate", "1000")).isZero();
        assertThat(asked.get(0)).contains("{\"ids\":[\"a:1\",\"a:2\"],\"limit\":100}");
    }

    @Test
    void aDropNeedsAReasonAndSomethingToDrop() {
        assertThat(run("dead-letters", "drop", "--all")).isEqualTo(2);
        assertThat(run("dead-letters", "drop", "--reason", "old")).isEqualTo(2);
        assertThat(asked).isEmpty();
        answers.add("{\"dropped\":1,\"left\":0}");
        assertThat(run("dead-letters", "drop", "a:1", "--reason", "old")).isZero();
        assertThat(asked.get(0)).contains("{\"ids\":[\"a:1\"],\"limit\":100,\"reason\":\"old\"}");
    }

    @Test
    void nothingDoneIsAnExitCodeOfItsOwn() {
        answers.add("{\"replayed\":0,\"left\":0}");
        assertThat(run("dead-letters", "replay", "a:1")).isEqualTo(1);
    }

    @Test
    void aRefusalIsSaidInTheGatewaysWords() {
        answers.add("403 {\"detail\":\"The management API changes nothing while whatsapp.management.token is not set.\"}");
        assertThat(run("dead-letters", "replay", "--all")).isEqualTo(1);
        assertThat(err.toString()).contains("whatsapp.management.token is not set");
    }

    @Test
    void numbersAndQueuesAreReadable() {
        answers.add("[{\"name\":\"es\",\"state\":\"stopped\",\"scope\":\"number\",\"error\":\"190\",\"since\":\"2026-01-31T12:00:00Z\","
                + "\"tries_again\":\"2026-01-31T12:05:00Z\",\"waiting\":4}]");
        answers.add("[{\"name\":\"whatsapp.inbound\",\"messages\":12}]");
        assertThat(run("numbers")).isZero();
        assertThat(run("queues")).isZero();
        assertThat(out.toString()).containsPattern("es +stopped +waiting 4 +number, error 190, since").containsPattern("whatsapp.inbound +12");
    }

    @Test
    void aPauseNeedsAReasonAndIsShown() {
        assertThat(run("pause", "sending")).isEqualTo(2);
        assertThat(asked).isEmpty();
        answers.addAll(List.of("[{\"what\":\"sending\",\"number\":\"es\",\"since\":\"2026-01-31T12:00:00Z\",\"reason\":\"new prices\"}]", "[]"));
        assertThat(run("pause", "--number", "es", "--reason", "new prices")).isZero();
        assertThat(run("resume")).isZero();
        assertThat(asked).containsExactly("POST /manage/pause {\"number\":\"es\",\"reason\":\"new prices\"} by Bearer open-sesame",
                "POST /manage/resume {} by Bearer open-sesame");
        assertThat(out.toString()).contains("paused: sending   es").contains("new prices").contains("Nothing is paused.");
    }

    @Test
    void whatWaitsIsListedReleasedAndGivenUp() {
        assertThat(run("waiting", "release")).isEqualTo(2);
        assertThat(run("waiting", "give-up", "--number", "es")).isEqualTo(2);
        answers.addAll(List.of("{\"total\":1,\"messages\":[{\"id\":\"whatsapp.outbound:7\",\"state\":\"held\",\"queue\":\"whatsapp.outbound\",\"type\":\"text\",\"number\":\"es\",\"user\":\"***07\","
                + "\"stored_at\":\"2026-01-31T12:00:00Z\",\"tries_again\":\"2026-01-31T12:05:00Z\",\"error\":\"WhatsAppRateLimitException 131056\"}]}"));
        assertThat(run("waiting", "list", "--number", "es")).isZero();
        assertThat(run("waiting", "release", "whatsapp.outbound:7")).isZero();
        assertThat(run("waiting", "give-up", "--number", "es", "--reason", "closed")).isZero();
        assertThat(asked).containsExactly("GET /manage/waiting?limit=50&number=es by Bearer open-sesame",
                "POST /manage/waiting/release {\"ids\":[\"whatsapp.outbound:7\"]} by Bearer open-sesame",
                "POST /manage/waiting/give-up {\"number\":\"es\",\"reason\":\"closed\"} by Bearer open-sesame");
        assertThat(out.toString()).contains("1 waiting").containsPattern("whatsapp.outbound:7 +held +text +es +\\*\\*\\*07 +since 2026-01-31T12:00:00Z, tries again 2026-01-31T12:05:00Z: .*131056");
    }

    @Test
    void theSettingsAreReadable() {
        answers.add("[{\"name\":\"whatsapp.app-secret\",\"value\":\"***\"},{\"name\":\"whatsapp.mark-read\",\"value\":\"true\",\"default\":true}]");
        assertThat(run("config")).isZero();
        assertThat(out.toString()).contains("whatsapp.app-secret = ***").contains("whatsapp.mark-read = true  (default)");
    }

    @Test
    void aGatewayThatIsNotThereIsSaid() {
        assertThat(run("queues", "--url", "http://127.0.0.1:" + TestPorts.free())).isEqualTo(3);
        assertThat(err.toString()).contains("No gateway answers: 127.0.0.1:").contains("--url");
    }

    @Test
    void onlyACommandIsOne() {
        assertThat(Commands.isOne("dead-letters", "list")).isTrue();
        assertThat(Commands.isOne()).isFalse();
        assertThat(Commands.isOne("--debug")).isFalse();
    }
}
