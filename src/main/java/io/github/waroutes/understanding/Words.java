package io.github.waroutes.understanding;

import java.text.Normalizer;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The words of a text, freed of what makes no difference to its meaning: case, accents, punctuation, emoji, apostrophes, a letter
 * typed three times or more, and the value of a number (every number becomes {@code 0}).
 */
final class Words {

    private static final Pattern ACCENT = Pattern.compile("\\p{InCombiningDiacriticalMarks}+");
    // variation selectors and the key cap sign are marks too, but belong to emoji
    private static final Pattern APOSTROPHE_OR_EMOJI_MARK = Pattern.compile("['\u2019\u2018`\u00b4\\p{InVariation_Selectors}\\p{Me}]+");
    private static final Pattern NUMBER = Pattern.compile("\\p{Nd}+");
    private static final Pattern NOT_OF_A_WORD = Pattern.compile("[^\\p{L}\\p{M}\\p{Nd}]+");
    private static final Pattern LETTER_REPEATED = Pattern.compile("(\\p{L})\\1{2,}");
    private static final Pattern MARKS_ONLY = Pattern.compile("\\p{M}*");

    private Words() {
    }

    /** The words in their order; none if the text has neither letter nor digit. */
    static String[] of(String text) {
        String decomposed = Normalizer.normalize(text, Normalizer.Form.NFKD);
        String plain = Normalizer.normalize(ACCENT.matcher(decomposed).replaceAll(""), Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
        plain = APOSTROPHE_OR_EMOJI_MARK.matcher(plain).replaceAll("");
        plain = NUMBER.matcher(plain).replaceAll("0");
        plain = LETTER_REPEATED.matcher(plain).replaceAll("$1");
        return Arrays.stream(NOT_OF_A_WORD.split(plain))
                .filter(word -> !MARKS_ONLY.matcher(word).matches())
                .toArray(String[]::new);
    }
}
