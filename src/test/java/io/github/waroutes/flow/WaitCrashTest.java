package io.github.waroutes.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process is killed while a message waits, in every kind of wait there is, and started again: nothing lost, nothing twice. */
@WhatsAppSimulator(numbers = {"alarm=200000000000011", "throttle=200000000000012", "transient=200000000000013", "unknown=200000000000014",
    "limited=200000000000015", "long=200000000000016", "pace=200000000000017", "restricted=200000000000018"})
class WaitCrashTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String ALARM = "200000000000011";
    private static final String THROTTLE = "200000000000012";
    private static final String TRANSIENT = "200000000000013";
    private static final String UNKNOWN = "200000000000014";
    private static final String LIMITED = "200000000000015";
    private static final String LONG = "200000000000016";
    private static final String PACE = "200000000000017";
    private static final String RESTRICTED = "200000000000018";
    /** Those whose one message is refused, waits, and must be sent once after the start. */
    private static final List<String> REFUSED = List.of(ALARM, THROTTLE, TRANSIENT, LONG, PACE, RESTRICTED);
    private static final List<String> NUMBERS = List.of(ALARM, THROTTLE, TRANSIENT, UNKNOWN, LIMITED, LONG, PACE, RESTRICTED);

    private static final Pattern OUTAGE_ID = Pattern.compile("(b|h)\\d{3}(-\\d)?");

    @TempDir
    Path directory;

    private SimulatedWhatsApp whatsapp;
    private SimulatedGraph graph;

    /** The statuses that tell are the test's own. */
    @BeforeEach
    void statusesAreWithheld() {
        graph.forgesWebhooks().always();
    }

    private void refused(String number, int code) {
        graph.fails(code).always().forUser(user(number));
    }

    private List<String> sent(String number) {
        return Flows.attempts(graph).stream().filter(call -> call.isOf(number))
                .map(call -> call.body().path("biz_opaque_callback_data").asText()).toList();
    }

    @Test
    void whatWaitedAtTheKillIsSentOnceAfterTheStart() {
        try (ChildGateway gateway = new ChildGateway(directory)
                .with(whatsapp)
                .with("WHATSAPP_MARK_READ", "false")
                .with("WHATSAPP_BROKER_DIRECTORY", directory.resolve("broker").toString())
                .with("WHATSAPP_HTTP_READ_TIMEOUT", "1500")
                .with("WHATSAPP_RETRY_THROTTLE_DELAY", "600000")
                .with("WHATSAPP_RETRY_TRANSIENT_DELAY", "600000")
                .with("WHATSAPP_ALARM_TRY_AGAIN_AFTER", "600000")
                .with("WHATSAPP_RETRY_LONG_WAIT_DELAY", "12000")
                .with("WHATSAPP_LIMIT_PAIR_BURST", "1")
                .with("WHATSAPP_LIMIT_PAIR_INTERVAL", "600s")
                .start()) {
            refused(ALARM, 190);
            refused(THROTTLE, 131056);
            refused(TRANSIENT, 131000);
            refused(LONG, 132069);
            refused(PACE, 130429);
            refused(RESTRICTED, 131048);
            graph.isSlow(Duration.ofSeconds(4)).forUser(user(UNKNOWN));
            gateway.awaitReady();
            NUMBERS.forEach(number -> deliver(gateway, message(number, number + "-1")));
            deliver(gateway, message(LIMITED, LIMITED + "-2"));
            await().atMost(LIMIT).untilAsserted(() -> NUMBERS.forEach(number -> assertThat(sent(number)).hasSize(1)));
            await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.out())
                    .contains("whatsapp.send_message.timeout").contains("whatsapp.number.stopped")
                    .contains("whatsapp.send_message.postponed"));
            await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.out().lines()
                    .filter(line -> line.contains("whatsapp.send_message.waits")).count())
                    .as("alarm, throttles of user and number, transient, restriction and limit wait").isGreaterThanOrEqualTo(6));
            String unknown = sent(UNKNOWN).get(0);
            gateway.kill();

            graph.reset();
            statusesAreWithheld();
            gateway.with("WHATSAPP_RETRY_THROTTLE_DELAY", "1000").with("WHATSAPP_RETRY_TRANSIENT_DELAY", "1000")
                    .with("WHATSAPP_LIMIT_PAIR_BURST", "45").start();
            gateway.awaitReady();
            for (String number : Stream.concat(REFUSED.stream(), Stream.of(LIMITED)).toList()) {
                await().atMost(LIMIT).untilAsserted(() -> assertThat(sent(number)).as(number).hasSize(1));
            }
            deliver(gateway, status(unknown));
            await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.out()).contains("whatsapp.send_message.settled"));
            await().during(Duration.ofSeconds(2)).atMost(LIMIT).untilAsserted(() -> {
                assertThat(sent(UNKNOWN)).as("its status said that it was sent").isEmpty();
                assertThat(sent(LIMITED)).as("the second only").singleElement().asString().contains(LIMITED + "-2");
                for (String number : REFUSED) {
                    assertThat(sent(number)).as(number).hasSize(1);
                }
            });
        }
    }

    /** The outage of Graph is its own case: the one circuit breaker holds every number. */
    @Test
    void whatAnOutageHeldAtTheKillIsSentOnceAndInOrderAfterTheStart() {
        try (ChildGateway gateway = new ChildGateway(directory)
                .with(whatsapp)
                .with("WHATSAPP_MARK_READ", "false")
                .with("WHATSAPP_BROKER_DIRECTORY", directory.resolve("broker").toString())
                .with("WHATSAPP_BREAKER_OPEN_SECONDS", "600")
                .with("WHATSAPP_RETRY_TRANSIENT_DELAY", "600000")
                .start()) {
            graph.fails(131000).always();
            gateway.awaitReady();
            List<String> first = IntStream.range(100, 130).mapToObj(user -> "b" + user).toList();
            first.forEach(id -> deliver(gateway, outageMessage(id.substring(1), id)));
            await().atMost(LIMIT).untilAsserted(() -> assertThat(readiness(gateway)).contains("\"OPEN\""));
            List<String> held = IntStream.range(200, 205).boxed()
                    .flatMap(user -> Stream.of("-1", "-2", "-3").map(turn -> "h" + user + turn)).toList();
            held.forEach(id -> deliver(gateway, outageMessage(id.substring(1, 4), id)));
            gateway.kill();

            graph.reset();
            statusesAreWithheld();
            gateway.with("WHATSAPP_RETRY_TRANSIENT_DELAY", "1000").start();
            gateway.awaitReady();
            List<String> all = Stream.concat(first.stream(), held.stream()).toList();
            await().atMost(LIMIT).untilAsserted(() -> assertThat(answered()).containsAll(all));
            await().during(Duration.ofSeconds(2)).atMost(LIMIT).untilAsserted(
                    () -> assertThat(answered()).containsExactlyInAnyOrderElementsOf(all));
            for (int user = 200; user < 205; user++) {
                String id = "h" + user;
                assertThat(answered()).filteredOn(answer -> answer.startsWith(id))
                        .containsExactly(id + "-1", id + "-2", id + "-3");
            }
            assertThat(readiness(gateway)).contains("\"CLOSED\"");
        }
    }

    /** The ids of the messages that were answered, in the order of the answers' arrival. */
    private List<String> answered() {
        return sent(TestGateway.NUMBER).stream()
                .map(data -> OUTAGE_ID.matcher(data).results().map(MatchResult::group).findFirst().orElse(data)).toList();
    }

    private static String outageMessage(String user, String id) {
        return Payloads.messages(Payloads.text("wamid." + id, "15555557" + user, "hello"));
    }

    /** What readiness tells of the circuit breaker. */
    private static String readiness(ChildGateway gateway) {
        return TestGateway.send(HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + gateway.managementPort + "/observe/health/ready")).timeout(LIMIT).build()).body();
    }

    private static String user(String number) {
        return "15555558" + number.substring(11);
    }

    private static String message(String number, String id) {
        return Payloads.messages(Payloads.text("wamid." + id, user(number), "hello"))
                .replace(TestGateway.NUMBER, number);
    }

    private static String status(String outboundId) {
        var status = Payloads.status("wamid.SENT", "15555558014", "delivered");
        status.put("biz_opaque_callback_data", outboundId);
        return Payloads.statuses(status).replace(TestGateway.NUMBER, UNKNOWN);
    }

    private static void deliver(ChildGateway gateway, String payload) {
        assertThat(gateway.webhook(payload).statusCode()).isEqualTo(200);
    }
}
