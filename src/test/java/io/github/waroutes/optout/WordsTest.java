package io.github.waroutes.optout;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WordsTest {

    private final Words words = Words.of("STOP, no more ,arrêter l'envoi");

    private boolean isIn(String text) {
        return words.isIn(Map.of("type", "text", "text", Map.of("body", text)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"STOP", "stop", " Stop. ", "«stop»!", "hello\nstop\nthanks", "No more!", "Arrêter l'envoi"})
    void aWordOnALineOfItsOwnIsMeant(String text) {
        assertThat(isIn(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "stop it", "non stop", "nomore", "st op", "..."})
    void aWordAmongOthersIsNot(String text) {
        assertThat(isIn(text)).isFalse();
    }

    @Test
    void aButtonOfThatNameIsMeantToo() {
        assertThat(words.isIn(Map.of("type", "button", "button", Map.of("text", "Stop promotions", "payload", "STOP")))).isTrue();
        assertThat(words.isIn(Map.of("type", "interactive", "interactive", Map.of("type", "button_reply", "button_reply", Map.of("id", "1", "title", "Stop"))))).isTrue();
        assertThat(words.isIn(Map.of("type", "interactive", "interactive", Map.of("type", "list_reply", "list_reply", Map.of("id", "stop", "title", "Go on"))))).isFalse();
        assertThat(words.isIn(Map.of("type", "text"))).isFalse();
        assertThat(words.isIn(Map.of("type", "image", "image", Map.of("caption", "stop")))).isFalse();
    }

    @Test
    void withoutWordsNothingIsMeant() {
        assertThat(Words.of(" , ").isEmpty()).isTrue();
        assertThat(Words.of("").isIn(Map.of("type", "text", "text", Map.of("body", "")))).isFalse();
    }
}
