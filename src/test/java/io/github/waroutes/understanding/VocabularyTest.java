package io.github.waroutes.understanding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Set;

import org.junit.jupiter.api.Test;

class VocabularyTest {

    private final Vocabulary vocabulary = new Vocabulary(Set.of("delivery", "address", "hi"));

    @Test
    void knowsItsWordsFully() {
        assertThat(vocabulary.known("delivery")).isEqualTo(1);
        assertThat(vocabulary.known("hi")).isEqualTo(1);
    }

    @Test
    void knowsAMistypedWordInPart() {
        assertThat(vocabulary.known("delivry")).isBetween(0.5, 0.99);
        assertThat(vocabulary.known("adress")).isBetween(0.5, 0.99);
    }

    @Test
    void doesNotKnowOtherOrShortWords() {
        assertThat(vocabulary.known("penguin")).isZero();
        assertThat(vocabulary.known("ho")).isZero();
    }

    @Test
    void coverageIsTheMeanOfItsWords() {
        assertThat(vocabulary.coverage(new String[] {"hi", "penguin"})).isEqualTo(0.5, within(1e-9));
        assertThat(vocabulary.coverage(new String[0])).isZero();
    }
}
