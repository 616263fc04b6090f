package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import ch.qos.logback.classic.spi.ILoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.LogCapture;
import io.github.waroutes.TestGateway;
import io.github.waroutes.error.ErrorKind;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.GraphErrorCatalogue;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every code of the catalogue, answered by the simulator to a real send, takes the way of its retry class. One that lets the whole number rest
 * for minutes has a number of its own, and so is in nobody's way: 7 and the code.
 */
@WhatsAppSimulator(numbers = {"a=7131057", "b=7133015", "c=72494100"})
class CatalogueFlowTest {

    private static final Set<ErrorScope> WHOLE_NUMBER = Set.of(ErrorScope.NUMBER, ErrorScope.ACCOUNT, ErrorScope.APP, ErrorScope.TOKEN);

    @TempDir
    static Path directory;

    private static TestGateway gateway;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) {
        gateway = Flows.gateway(directory).with(whatsapp)
                .with("whatsapp.breaker.failure-percent", 100)
                .with("whatsapp.limit.adaptive", false)
                .with("whatsapp.alarm.try-again-after", 100)
                .with("whatsapp.retry.long-wait.delay", 100)
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    /** Every code, of a range its ends. */
    static Stream<Arguments> codes() {
        return GraphErrorCatalogue.load().kinds().stream().filter(kind -> kind.subcode() == null)
                .flatMap(kind -> Stream.of(kind.from(), kind.to()).distinct().map(code -> Arguments.of(code, kind)));
    }

    private static boolean stopsTheNumber(ErrorKind kind) {
        return WHOLE_NUMBER.contains(kind.scope()) && kind.minimumWait() != null;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("codes")
    void takesTheWayOfItsRetryClass(int code, ErrorKind kind, SimulatedGraph graph) {
        String user = Flows.user();
        graph.fails(code).forUser(user);
        try (LogCapture log = new LogCapture("whatsapp")) {
            String id = Flows.send(gateway, "direct:whatsapp-send-text", "hello",
                    Map.of("WhatsAppUser", user, "WhatsAppPhoneNumberId", stopsTheNumber(kind) ? "7" + code : TestGateway.NUMBER));
            switch (kind.retryClass()) {
                case THROTTLE, TRANSIENT -> {
                    await().atMost(LIMIT).untilAsserted(() -> assertThat(events(log, user, "whatsapp.send_message.waits"))
                            .anySatisfy(event -> assertCode(event, kind, code)));
                    awaitSent(log, user, kind);
                }
                case WAIT_LONG -> {
                    // with its whole number it waits in its place; alone it makes way for later ones
                    String event = WHOLE_NUMBER.contains(kind.scope()) ? "whatsapp.send_message.waits" : "whatsapp.send_message.postponed";
                    await().atMost(LIMIT).untilAsserted(() -> assertThat(events(log, user, event))
                            .singleElement().satisfies(told -> assertCode(told, kind, code)));
                    awaitSent(log, user, kind);
                }
                case ALARM -> {
                    if (WHOLE_NUMBER.contains(kind.scope())) {
                        await().atMost(LIMIT).untilAsserted(() -> assertThat(log.named("whatsapp.number.stopped")).hasSize(1));
                        awaitSent(log, user, kind);
                    } else {
                        assertGivenUp(id, kind, code);
                    }
                }
                case NEVER -> assertGivenUp(id, kind, code);
            }
            if (!events(log, user, "whatsapp.send_message.success").isEmpty()) {
                assertThat(Flows.deadLetters(gateway, "WhatsAppOutboundId", id)).isEmpty();
            }
        }
    }

    /** With a wait of minutes or a day, that it waits is all there is to see. */
    private static void awaitSent(LogCapture log, String user, ErrorKind kind) {
        if (kind.minimumWait() == null) {
            await().atMost(LIMIT).untilAsserted(() ->
                    assertThat(events(log, user, "whatsapp.send_message.success")).as("sent at the second try, once").hasSize(1));
        }
    }

    private static void assertGivenUp(String id, ErrorKind kind, int code) {
        JsonNode exception = Flows.exception(Flows.awaitUnsent(gateway, id));
        assertThat(exception.path("error_code").asInt()).isEqualTo(code);
        assertThat(exception.path("retry_class").asText()).isEqualTo(kind.retryClass().name());
        assertThat(exception.path("scope").asText()).isEqualTo(kind.scope().name());
    }

    private static void assertCode(ILoggingEvent event, ErrorKind kind, int code) {
        Map<String, String> fields = LogCapture.fields(event);
        assertThat(fields).containsEntry("error_code", String.valueOf(code)).containsEntry("retry_class", kind.retryClass().name())
                .containsEntry("scope", kind.scope().name());
    }

    private static List<ILoggingEvent> events(LogCapture log, String user, String name) {
        return Stream.of(log).flatMap(l -> l.named(name).stream())
                .filter(event -> LogCapture.fields(event).getOrDefault("user", "").endsWith(user.substring(user.length() - 2))).toList();
    }
}
