package io.github.waroutes.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

class PrivateWordsTest {

    private final PrivateWords words = new PrivateWords().add("Meet me at the old lighthouse, Kim")
            .add(Map.of("name", "Anna-Lena Muster", "type", "image", "code", 4711, "inner", List.of(Map.of("caption", "grüner Hafen"))));

    @Test
    void everyWordOfTheMessageIsHiddenWhereverItIsQuoted() {
        assertThat(words.hide("Cannot read 'the old lighthouse' of Kim")).isEqualTo("Cannot read '***' of ***");
        assertThat(words.hide("No such key: Hafen (4711)")).as("several together are one").isEqualTo("No such key: ***)");
        assertThat(words.hide("Muster was not found")).isEqualTo("*** was not found");
    }

    @Test
    void aWordThatAQuotationHasCutIsHiddenToo() {
        assertThat(words.hide("unexpected text near light")).isEqualTo("unexpected text near ***");
        assertThat(words.hide("unexpected text near lig")).as("too short to tell").isEqualTo("unexpected text near lig");
    }

    @Test
    void whatTheDeveloperWroteStays() {
        assertThat(words.hide("Method with name: caption not found on bean of type image")).isEqualTo(
                "Method with name: caption not found on bean of type image");
        assertThat(words.hide(null)).isNull();
    }

    @Test
    void peoplesNumbersAreHiddenThoughTheMessageDoesNotHaveThem() {
        assertThat(words.hide("No route to +15550100123")).doesNotContain("15550100123");
    }

    @Test
    void aLongTextIsCut() {
        assertThat(words.hide("x ".repeat(5000))).hasSizeLessThanOrEqualTo(1025).endsWith("…");
    }
}
