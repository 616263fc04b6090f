package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.BindException;

import org.junit.jupiter.api.Test;

class StartFailureTest {

    @Test
    void ourOwnWordsAreFoundBehindOthers() {
        assertThat(StartFailure.explain(new RuntimeException("Failed to start route x",
                new IllegalArgumentException("whatsapp.access-token is not set. Make one.", new IllegalStateException("deeper")))))
                .isEqualTo("whatsapp.access-token is not set. Make one.");
    }

    @Test
    void aPortThatIsTakenIsNamedByItsProperties() {
        assertThat(StartFailure.explain(new RuntimeException(new BindException("Address already in use: /127.0.0.1:8080"))))
                .contains("camel.server.port").contains("camel.management.port").contains("8080");
    }

    @Test
    void anyOtherFailureIsItsLastCauseInOneLine() {
        assertThat(StartFailure.explain(new RuntimeException("outer", new IllegalStateException("first\nsecond"))))
                .isEqualTo("IllegalStateException: first");
        assertThat(StartFailure.explain(new RuntimeException("outer", new IllegalStateException())))
                .isEqualTo("IllegalStateException");
        assertThat(StartFailure.explain(new RuntimeException("outer", new IllegalStateException(""))))
                .startsWith("IllegalStateException");
    }

    @Test
    void ourWordsInTheMiddleOfALongTextAreNotTakenForOurs() {
        assertThat(StartFailure.explain(new IllegalStateException("whatsapp.x\nwith more lines")))
                .isEqualTo("IllegalStateException: whatsapp.x");
    }
}
