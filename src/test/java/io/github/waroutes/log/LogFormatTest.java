package io.github.waroutes.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.event.KeyValuePair;

class LogFormatTest {

    private final LoggerContext context = new LoggerContext();

    private LoggingEvent event() {
        LoggingEvent event = new LoggingEvent("", context.getLogger("whatsapp"), Level.WARN, "whatsapp.send_message.error", null, null);
        event.addKeyValuePair(new KeyValuePair("event", "whatsapp.send_message.error"));
        event.addKeyValuePair(new KeyValuePair("error_code", 131026));
        event.addKeyValuePair(new KeyValuePair("error_message", "a \"text\"\nof two lines"));
        return event;
    }

    @Test
    void jsonIsWrittenUnlessTextIsAskedForAndTheEnvironmentWins(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("application.properties");
        assertThat(LogFormat.of(null, null, file)).isEqualTo("json");
        Files.writeString(file, "whatsapp.verify-token = ü\nwhatsapp.log.format = text \n");
        assertThat(LogFormat.of(null, null, file)).isEqualTo("text");
        assertThat(LogFormat.of(null, "json", file)).isEqualTo("json");
        assertThat(LogFormat.of("text", "json", file)).isEqualTo("text");
        assertThat(LogFormat.of(null, "xml", file)).as("the start says that it is wrong").isEqualTo("json");
        Files.writeString(file, "wrong = \\u12");
        assertThat(LogFormat.of(null, null, file)).isEqualTo("json");
    }

    @Test
    void fieldsAreOnTheLineOfTheirEventAndItsNameIsThereOnce() {
        assertThat(new EventFields().convert(event())).isEqualTo(" error_code=131026 error_message=\"a 'text' of two lines\"");
        assertThat(new EventFields().convert(new LoggingEvent("", context.getLogger("other"), Level.INFO, "a line", null, null))).isEmpty();
    }

    @Test
    void thereAreNoColoursWithoutATerminal() {
        assertThat(OnTerminal.isTerminal(null)).isFalse();
        assertThat(new OnTerminal().transform(event(), "WARN")).isEqualTo("WARN");
    }
}
