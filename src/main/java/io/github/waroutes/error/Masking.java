package io.github.waroutes.error;

import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Hides who is meant, so that a line can be logged. Two characters stay, to tell two users apart while reading.
 * It hides too much rather than too little: any number of seven digits or more counts as a phone number.
 *
 * <p>A business-scoped user id is two capitals, a dot, perhaps {@code ENT.}, and letters and digits
 * (Meta: business-scoped-user-ids). A message id ({@code wamid.…}) carries the user's number in Base64.
 */
public final class Masking {

    private static final String MASK = "***";
    private static final int VISIBLE = 2;
    private static final int LONGEST_TEXT = 4096;

    // one pass over all forms: a second pass would join what the first one left with digits beside it
    private static final Pattern PRIVATE = Pattern.compile(
            "(?<link>(?i:https?)://[^\\s\"'<>]+)"
                    + "|(?<token>(?<![A-Za-z0-9])EAA[A-Za-z0-9_-]{10,}+|(?<=(?i:bearer )|(?i:access token ))[A-Za-z0-9_.|-]{20,}+)"
                    + "|(?<wamid>wamid\\.[A-Za-z0-9+/=_-]+)"
                    + "|(?<user>(?<![A-Za-z0-9])[A-Z]{2}\\.(?:ENT\\.)?[A-Za-z0-9]{6,}+)"
                    + "|(?<mail>[\\p{L}\\p{N}._%+-]{1,64}@[\\p{L}\\p{N}.-]{1,255})"
                    + "|(?<phone>\\+?\\(?\\p{Nd}(?:[+()./\\p{Pd}\\p{Z}\\s\\p{Cf}]{0,3}\\p{Nd}){6,}+)");

    private Masking() {
    }

    /**
     * A phone number, a {@code wa_id} or a business-scoped user id, hidden except for its last two characters:
     * {@code ***37}. Null stays null, blank stays blank, and anything too short to hide is hidden whole.
     */
    public static String user(String user) {
        if (user == null || user.isBlank()) {
            return user;
        }
        return mask(user.strip());
    }

    /**
     * Free text with phone numbers (seven digits or more, also with {@code + - . ( )} and spaces inside), user ids,
     * message ids and e-mail addresses hidden except for their last two characters, and links and access tokens hidden
     * whole. Text beyond 4096 characters is cut. Null stays null.
     */
    public static String text(String text) {
        if (text == null) {
            return null;
        }
        String bounded = text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) + "…" : text;
        return PRIVATE.matcher(bounded).replaceAll(Masking::replacement);
    }

    private static String replacement(MatchResult match) {
        String found = match.group();
        boolean wholly = match.group(1) != null || match.group(2) != null;
        return wholly ? MASK : mask(found);
    }

    private static String mask(String found) {
        int length = found.codePointCount(0, found.length());
        return length <= 2 * VISIBLE ? MASK : MASK + found.substring(found.offsetByCodePoints(found.length(), -VISIBLE));
    }
}
