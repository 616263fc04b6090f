package io.github.waroutes.understanding;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WordsTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "WHERE Is My Order??? | where is my order",
        "Café à Zürich | cafe a zurich",
        "what's what’s | whats whats",
        "hellooooo thankssss | hello thanks",
        "order #1234, 56 pcs | order 0 0 pcs",
        "thanks 👍🏽❤️!! | thanks",
        "где мой заказ | где мои заказ",
        "한국어 | 한국어",
        "हिन्दी | हिन्दी",
    })
    void keepsWhatMattersToTheMeaning(String text, String words) {
        assertThat(String.join(" ", Words.of(text))).isEqualTo(words);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   ", "\n\t", "?!", "👍", "❤️", "👨‍👩‍👧‍👦 🇩🇪", "\uFE0F"})
    void findsNoWordWhereThereIsNeitherLetterNorDigit(String text) {
        assertThat(Words.of(text)).isEmpty();
    }

    @Test
    void readsAKeyCapEmojiAsItsNumber() {
        assertThat(Words.of("1️⃣")).containsExactly("0");
    }
}
