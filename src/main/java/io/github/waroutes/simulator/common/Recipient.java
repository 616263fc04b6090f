package io.github.waroutes.simulator.common;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A person on WhatsApp, by phone number or by business-scoped user id.
 *
 * @param key      digits of the phone number, or the business-scoped user id as it is
 * @param isPhone  which of the two it is
 */
public record Recipient(String key, boolean isPhone) {

    private static final Pattern PUNCTUATION = Pattern.compile("[ ()-]");
    private static final Pattern PHONE = Pattern.compile("\\+?[0-9]{7,15}");
    /** Form given on Meta's page "Business-scoped user IDs"; the second kind belongs to a parent portfolio. */
    private static final Pattern USER_ID = Pattern.compile("[A-Z]{2}\\.(ENT\\.)?[A-Za-z0-9]{1,128}");

    public static Optional<Recipient> ofPhone(String text) {
        String plain = PUNCTUATION.matcher(text).replaceAll("");
        return PHONE.matcher(plain).matches()
                ? Optional.of(new Recipient(plain.replace("+", ""), true))
                : Optional.empty();
    }

    public static Optional<Recipient> ofUserId(String text) {
        return USER_ID.matcher(text).matches() ? Optional.of(new Recipient(text, false)) : Optional.empty();
    }

    public static Optional<Recipient> of(String text) {
        return ofUserId(text).or(() -> ofPhone(text));
    }

    /** Puts the person's id under the first name if it is a phone number, else under the second. */
    public ObjectNode putInto(ObjectNode json, String phoneField, String userIdField) {
        return json.put(isPhone ? phoneField : userIdField, key);
    }
}
