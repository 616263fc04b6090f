package io.github.waroutes.send;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class ClosedWindowTest {

    private final ClosedWindow window = new ClosedWindow();

    @Test
    void aTextThatShallBecomeATemplateNeedsOne() {
        window.setAction("template");
        assertThatIllegalArgumentException().isThrownBy(window::requireTemplate).withMessageStartingWith("whatsapp.window.closed is template")
                .withMessageContaining("follow_up:en_US");
        window.setTemplate("follow_up:en_US");
        assertThatCode(window::requireTemplate).doesNotThrowAnyException();
    }

    @Test
    void otherwiseNoTemplateIsNeeded() {
        window.setAction("refuse");
        assertThatCode(window::requireTemplate).doesNotThrowAnyException();
    }
}
