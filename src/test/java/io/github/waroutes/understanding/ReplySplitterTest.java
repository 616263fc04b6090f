package io.github.waroutes.understanding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplySplitterTest {

    private final ReplySplitter splitter = new ReplySplitter(20);

    @Test
    void leavesAShortTextWhole() {
        assertThat(splitter.split(" exactly 20 long txt ")).containsExactly("exactly 20 long txt");
        assertThat(splitter.split("12345678901234567890")).containsExactly("12345678901234567890");
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " \n "})
    void makesNoMessageOfNothing(String text) {
        assertThat(splitter.split(text)).isEmpty();
    }

    @Test
    void cutsAtAParagraphFirst() {
        assertThat(splitter.split("One two. three\n\nfour. five six")).containsExactly("One two. three", "four. five six");
    }

    @Test
    void cutsAtALineNext() {
        assertThat(splitter.split("- one. a thing\n- two. a thing")).containsExactly("- one. a thing", "- two. a thing");
    }

    @Test
    void cutsAtASentenceNext() {
        assertThat(splitter.split("It is this one. Not that other one.")).containsExactly("It is this one.", "Not that other one.");
        assertThat(splitter.split("Are we here? Yes we are, of course")).containsExactly("Are we here?", "Yes we are, of", "course");
    }

    @Test
    void cutsBetweenWordsNext() {
        assertThat(splitter.split("one two three four five six")).containsExactly("one two three four", "five six");
    }

    @Test
    void aFirstParagraphThatIsShortDoesNotBecomeAMessageOfItsOwn() {
        assertThat(splitter.split("Hi\n\none two three four five")).containsExactly("Hi\n\none two three", "four five");
    }

    @Test
    void aWordThatIsTooLongIsCutBetweenCharacters() {
        assertThat(splitter.split("x".repeat(45))).containsExactly("x".repeat(20), "x".repeat(20), "x".repeat(5));
        assertThat(splitter.split("x" + "😀".repeat(12))).containsExactly("x" + "😀".repeat(9), "😀".repeat(3));
    }

    @Test
    void marksThatBelongToOneLetterDoNotHoldItUp() {
        assertThat(splitter.split("e" + "\u0301".repeat(40))).allMatch(message -> message.length() <= 20).isNotEmpty();
    }

    @Test
    void anyTextKeepsAllItsCharactersAndNoMessageIsTooLongOrHasHalfACharacter() {
        String[] parts = {"a", "word", " ", " ", "\n", "\n\n", ". ", "! ", "😀", "é", "。", "नमस्ते", "👨‍👩‍👧", "https://shop.example/a-very-long-address"};
        Random random = new Random(42);
        for (int run = 0; run < 300; run++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(200);
            for (int i = 0; i < length; i++) {
                text.append(parts[random.nextInt(parts.length)]);
            }
            int limit = 2 + random.nextInt(60);

            List<String> messages = new ReplySplitter(limit).split(text.toString());

            assertThat(messages).allSatisfy(message -> {
                assertThat(message).isNotBlank();
                assertThat(message.length()).isLessThanOrEqualTo(limit);
                assertThat(Character.isLowSurrogate(message.charAt(0))).isFalse();
                assertThat(Character.isHighSurrogate(message.charAt(message.length() - 1))).isFalse();
            });
            assertThat(String.join("", messages).replaceAll("\\s", "")).isEqualTo(text.toString().replaceAll("\\s", ""));
        }
    }

    @Test
    void aLimitWithoutRoomForACharacterIsRefused() {
        assertThatThrownBy(() -> new ReplySplitter(1)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The limit of a reply is 1 characters; give at least 2");
    }
}
