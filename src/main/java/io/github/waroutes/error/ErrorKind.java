package io.github.waroutes.error;

import java.time.Duration;
import java.util.Locale;

/**
 * What the catalogue says about one Graph error code, or a range of them.
 *
 * @param from           the first code
 * @param to             the last code, the same as {@code from} for a single one
 * @param subcode        {@code error_subcode} that the row is for; null for all that have no row of their own
 * @param title          what happened, in our words
 * @param type           which exception it becomes
 * @param retryClass     what a sender must do
 * @param scope          what else the same error will hit
 * @param minimumWait    no retry before this has passed; null if nothing is known
 * @param maximumRetries no more retries than this; null leaves it to the sender
 * @param note           why the row is as it is; null if it speaks for itself
 * @param known          false if the code is not in the catalogue
 */
public record ErrorKind(
        int from,
        int to,
        Integer subcode,
        String title,
        Type type,
        RetryClass retryClass,
        ErrorScope scope,
        Duration minimumWait,
        Integer maximumRetries,
        String note,
        boolean known) {

    /** Which {@link WhatsAppException} a code becomes; {@link #jsonName()} is how the catalogue file writes it. */
    public enum Type {
        RATE_LIMIT, AUTH, MEDIA, TEMPLATE, ACCOUNT, MESSAGE, SERVICE, WEBHOOK;

        public String jsonName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    static ErrorKind unknown(int code, String title, Type type, RetryClass retryClass, ErrorScope scope) {
        return new ErrorKind(code, code, null, title, type, retryClass, scope, null, null, null, false);
    }
}
