package io.github.waroutes.simulator.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.github.waroutes.LogCapture;
import org.junit.jupiter.api.Test;

class OwedStatusesTest {

    @Test
    void aFewMoreThanTheBoundAreLeftOutWithOneWarning() {
        OwedStatuses owed = new OwedStatuses(2);
        try (LogCapture log = new LogCapture(OwedStatuses.class.getName())) {
            assertThat(owed.begin()).isTrue();
            assertThat(owed.begin()).isTrue();
            assertThat(owed.begin()).isFalse();
            assertThat(owed.begin()).isFalse();
            assertThat(log.events()).hasSize(1).allMatch(event -> event.getLevel() == Level.WARN);
        }
        owed.end();
        assertThat(owed.begin()).isTrue();
        owed.end();
        owed.end();
        assertThat(owed.isNone()).isTrue();
    }
}
