package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.BindException;

import org.junit.jupiter.api.Test;

class StartFailureTest {

    @Test
    void ourOwnWordsAreFoundBehindOthers() {
        assertThat(StartFailure.explain(foreign("Failed to start route x",
                new IllegalArgumentException("whatsapp.access-token is not set. Make one.", new IllegalStateException("deeper")))))
                .isEqualTo("whatsapp.access-token is not set. Make one.");
    }

    @Test
    void aPortThatIsTakenIsNamedByItsProperties() {
        assertThat(StartFailure.explain(foreign("outer", foreign(new BindException("Address already in use: /127.0.0.1:8080")))))
                .contains("camel.server.port").contains("camel.management.port").contains("8080");
    }

    @Test
    void anyOtherFailureIsItsLastCauseInOneLine() {
        assertThat(StartFailure.explain(foreign("outer", foreign(new IllegalStateException("first\nsecond")))))
                .isEqualTo("IllegalStateException: first");
        assertThat(StartFailure.explain(foreign("outer", foreign(new IllegalStateException()))))
                .isEqualTo("IllegalStateException");
        assertThat(StartFailure.explain(foreign("outer", foreign(new IllegalStateException("")))))
                .startsWith("IllegalStateException");
    }

    @Test
    void ourWordsInTheMiddleOfALongTextAreNotTakenForOurs() {
        assertThat(StartFailure.explain(new IllegalStateException("whatsapp.x\nwith more lines")))
                .isEqualTo("IllegalStateException: whatsapp.x");
    }

    @Test
    void anExceptionOfOurCodeSpeaksForItself() {
        assertThat(StartFailure.explain(foreign("outer", new IllegalStateException("The broker is in use.", foreign("deeper", null)))))
                .isEqualTo("The broker is in use.");
    }

    private static RuntimeException foreign(String message, Throwable cause) {
        return foreign(new RuntimeException(message, cause));
    }

    /** As if another library had thrown it. */
    private static <T extends Throwable> T foreign(T failure) {
        failure.setStackTrace(new StackTraceElement[] {new StackTraceElement("org.example.Library", "call", "Library.java", 1)});
        return failure;
    }
}
