package io.github.waroutes.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;

import io.github.waroutes.TestGateway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A wrong configuration stops the start with one line that says what to do, in a process of its own. {@link io.github.waroutes.WrongStartTest} has more cases. */
class StartTest {

    private static final int LIMIT_SECONDS = 60;
    private static final String PREFIX = "whatsapp-cloud-routes cannot start: ";

    @TempDir
    Path directory;

    private static void stopsWithOneLine(ChildGateway gateway, String says) {
        stopsWithOneLine(gateway, says, 1);
    }

    private static void stopsWithOneLine(ChildGateway gateway, String says, int exitCode) {
        try (gateway) {
            int code = gateway.start().exitCode(LIMIT_SECONDS);
            assertThat(gateway.err().lines().filter(line -> !line.isBlank())).as(gateway.err()).hasSize(1);
            assertThat(gateway.err()).startsWith(PREFIX).contains(says);
            assertThat(code).isEqualTo(exitCode);
            assertThat(gateway.err() + gateway.out()).doesNotContain("\tat ").doesNotContain("stack_trace").doesNotContain("topsecret");
        }
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource(nullValues = "missing", delimiter = '|', value = {
        "WHATSAPP_APP_SECRET       | missing                 | whatsapp.app-secret is not set.",
        "WHATSAPP_ACCESS_TOKEN     | top secret topsecret    | whatsapp.access-token is wrong: make a system user's token",
        "WHATSAPP_BROKER_URL       | tcp://127.0.0.1:1       | whatsapp.broker.url tcp://127.0.0.1:1 does not answer.",
    })
    void aMissingOrWrongValueIsNamed(String variable, String value, String says) {
        // another try may help
        stopsWithOneLine(new ChildGateway(directory).with(variable, value), says, says.endsWith("does not answer.") ? 75 : 1);
    }

    @Test
    void aLineBreakAfterAValueIsNoPartOfIt() {
        try (ChildGateway gateway = new ChildGateway(directory)) {
            gateway.with("WHATSAPP_PHONE_NUMBER_ID", TestGateway.NUMBER + "\n").with("WHATSAPP_ACCESS_TOKEN", " " + TestGateway.TOKEN + "\r\n");
            gateway.start().awaitReady();
        }
    }

    @Test
    void allThatIsWrongIsToldAtOnce() {
        try (ChildGateway gateway = new ChildGateway(directory)) {
            gateway.with("WHATSAPP_INBOUND_WORKERS", "-3").with("WHATSAPP_MARK_READ", "yes").with("WHATSAPP_ACCES_TOKEN", "x");
            assertThat(gateway.start().exitCode(LIMIT_SECONDS)).isEqualTo(1);
            assertThat(gateway.err().lines()).containsExactly(PREFIX + "3 settings are wrong:",
                    "  whatsapp.mark-read is yes: give true or false.",
                    "  whatsapp.inbound.workers is -3: give a whole number from 1 to 10000.",
                    "  the variable WHATSAPP_ACCES_TOKEN is no setting; did you mean WHATSAPP_ACCESS_TOKEN?");
        }
    }
}
