package io.github.waroutes.understanding;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Cuts a long text into messages: at the end of a paragraph, else of a line, else of a sentence, if that leaves a message at least half
 * full; else between words; else between characters, never inside one.
 */
public final class ReplySplitter {

    /** The longest body of a text message, in characters (Meta, "Text messages"). */
    public static final int WHATSAPP_TEXT_LIMIT = 4096;

    private static final int MIN_LIMIT = 2;

    private final int limit;

    /** @param limit the most characters a message may have, counted as UTF-16 units; at least 2 */
    public ReplySplitter(int limit) {
        if (limit < MIN_LIMIT) {
            throw new IllegalArgumentException("The limit of a reply is " + limit + " characters; give at least " + MIN_LIMIT);
        }
        this.limit = limit;
    }

    /** The messages in order, without the blanks around the cuts; none for null or a blank text. */
    public List<String> split(String text) {
        List<String> messages = new ArrayList<>();
        String rest = text == null ? "" : text.strip();
        while (rest.length() > limit) {
            int cut = cut(rest);
            messages.add(rest.substring(0, cut).stripTrailing());
            rest = rest.substring(cut).stripLeading();
        }
        if (!rest.isEmpty()) {
            messages.add(rest);
        }
        return List.copyOf(messages);
    }

    private int cut(String text) {
        int enough = Math.max(1, limit / 2);
        int paragraph = text.lastIndexOf("\n\n", limit);
        if (paragraph >= enough) {
            return paragraph;
        }
        int line = text.lastIndexOf('\n', limit);
        if (line >= enough) {
            return line;
        }
        // two characters more than fit, so that the end of the window is not taken for the end of a sentence
        String window = text.substring(0, Math.min(text.length(), limit + 2));
        int sentence = lastBoundary(BreakIterator.getSentenceInstance(Locale.ROOT), window);
        if (sentence >= enough) {
            return sentence;
        }
        for (int word = limit; word > 0; word--) {
            if (Character.isWhitespace(text.charAt(word))) {
                return word;
            }
        }
        int character = lastBoundary(BreakIterator.getCharacterInstance(Locale.ROOT), window);
        if (character > 0) {
            return character;
        }
        return Character.isLowSurrogate(text.charAt(limit)) && Character.isHighSurrogate(text.charAt(limit - 1)) ? limit - 1 : limit;
    }

    private int lastBoundary(BreakIterator boundaries, String window) {
        boundaries.setText(window);
        return boundaries.isBoundary(limit) ? limit : Math.max(0, boundaries.preceding(limit));
    }
}
