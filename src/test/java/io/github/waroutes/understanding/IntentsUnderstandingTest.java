package io.github.waroutes.understanding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;

import io.github.waroutes.LogCapture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class IntentsUnderstandingTest {

    @TempDir
    Path folder;
    private String location;

    @BeforeEach
    void writeAnIntentsFile() throws IOException {
        location = "file:" + Files.writeString(folder.resolve("intents.yaml"), """
                threshold: 0.5
                fallback: [what was that, write agent]
                intents:
                  - {intent: hours, examples: [when are you open, opening hours], reply: at nine}
                  - {intent: price, examples: [how much is it, whats the price], reply: [ten, in cash]}
                """);
    }

    @Test
    void theFirstTextTrainsAndTheStartDoesNot() {
        try (LogCapture log = new LogCapture(IntentsUnderstanding.class.getName())) {
            IntentsUnderstanding understanding = new IntentsUnderstanding(location);
            assertThat(log.events()).isEmpty();

            IntStream.range(0, 8).parallel().forEach(text -> understanding.reply("opening hours"));
            assertThat(log.names()).containsExactly("2 intents trained from " + location);
        }
    }

    @Test
    void givesTheRepliesOfTheIntent() {
        IntentsUnderstanding understanding = new IntentsUnderstanding(location);

        assertThat(understanding.reply("Opening hours?")).containsExactly("at nine");
        assertThat(understanding.reply("what's the price")).containsExactly("ten", "in cash");
        assertThat(understanding.understand("opening hours").intent()).isEqualTo("hours");
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " ", "👍", "penguins fly south"})
    void givesTheFallbackToWhatItDoesNotUnderstand(String text) {
        assertThat(new IntentsUnderstanding(location).reply(text)).containsExactly("what was that", "write agent");
    }

    @Test
    void aThresholdOfTheApplicationReplacesThatOfTheFile() {
        String text = "how much are penguins";
        double confidence = new IntentsUnderstanding(location).understand(text).confidence();

        assertThat(new IntentsUnderstanding(location, confidence / 2).reply(text)).containsExactly("ten", "in cash");
        IntentsUnderstanding strict = new IntentsUnderstanding(location);
        strict.setThreshold(confidence + 0.01);
        assertThat(strict.reply(text)).containsExactly("what was that", "write agent");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, -0.1, 1.1, Double.NaN})
    void aThresholdOutsideOfItsRangeIsRefused(double threshold) {
        assertThatThrownBy(() -> new IntentsUnderstanding(location, threshold)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("is not between 0 and 1; 0.5 is a good start");
    }

    @Test
    void aWrongFileStopsTheConstruction() {
        assertThatThrownBy(() -> new IntentsUnderstanding("file:/nowhere.yaml")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("file:/nowhere.yaml: there is no such file");
    }
}
