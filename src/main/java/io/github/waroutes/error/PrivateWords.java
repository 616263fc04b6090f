package io.github.waroutes.error;

import java.util.Collection;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The words of one message, which the text of a failure must not repeat: Camel quotes the body in what it says of a wrong expression. Words
 * are hidden one by one, as such a quotation may be cut or formatted otherwise. It hides too much rather than too little: a word of the
 * developer's that the user wrote as well is hidden too.
 */
public final class PrivateWords {

    private static final String MASK = "***";
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{M}\\p{N}]+");
    private static final Pattern MASKS = Pattern.compile("\\*\\*\\*(?:[^\\p{L}\\p{N}*]{0,3}\\*\\*\\*)+");
    private static final int MOST = 20_000;
    private static final int DEEPEST = 16;
    private static final int LONGEST_TEXT = 1024;
    /** From this length on the beginning of a word is hidden as well: a quotation may be cut inside it. */
    private static final int CUT = 4;
    /** Values that Meta defines, not people. */
    private static final Set<String> TECHNICAL = Set.of("type", "field", "object", "messaging_product", "mime_type", "status");

    private final NavigableSet<String> words = new TreeSet<>();

    /** Adds the words of a text, or of all texts and numbers in a map or a collection; keys of maps are not private. Null adds nothing. */
    public PrivateWords add(Object value) {
        add(value, 0);
        return this;
    }

    private void add(Object value, int depth) {
        if (depth > DEEPEST) {
            return;
        }
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, inner) -> {
                if (!(inner instanceof String && TECHNICAL.contains(key))) {
                    add(inner, depth + 1);
                }
            });
        } else if (value instanceof Collection<?> collection) {
            collection.forEach(inner -> add(inner, depth + 1));
        } else if (value instanceof CharSequence || value instanceof Number) {
            Matcher word = WORD.matcher(value.toString());
            while (words.size() < MOST && word.find()) {
                words.add(word.group());
            }
        }
    }

    /** The text without these words, and without what {@link Masking#text} hides; at most 1024 characters. Null stays null. */
    public String hide(String text) {
        if (text == null) {
            return null;
        }
        String bounded = text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) : text;
        // people are found by their forms, which must be whole
        String masked = WORD.matcher(Masking.text(bounded)).replaceAll(found -> isPrivate(found.group()) ? MASK : found.group());
        String hidden = MASKS.matcher(masked).replaceAll(MASK);
        return text.length() > LONGEST_TEXT ? hidden + "…" : hidden;
    }

    private boolean isPrivate(String word) {
        String next = words.ceiling(word);
        return next != null && (next.equals(word) || word.length() >= CUT && next.startsWith(word));
    }
}
