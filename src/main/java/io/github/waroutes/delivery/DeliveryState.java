package io.github.waroutes.delivery;

import java.util.Locale;

/**
 * How far a message has come, in this order; {@code delivered} and {@code read} may be skipped. The names are Meta's
 * ({@code statuses[].status}: Meta, "Webhooks › messages › status"), except {@code queued} and {@code accepted}, which is the send's own answer.
 */
public enum DeliveryState {

    /** It waits in our outbound queue. */
    QUEUED,
    /** The Graph API has taken the message. */
    ACCEPTED,
    /** It left WhatsApp's servers. */
    SENT,
    /** It is on the user's device. */
    DELIVERED,
    /** The user has seen it. */
    READ,
    /** The user has played the voice message for the first time. */
    PLAYED,
    /** It will not arrive. */
    FAILED;

    private final String label = name().toLowerCase(Locale.ROOT);
    private final String letter = label.substring(0, 1);

    /** The state of this name, in any case; null if it is none. */
    public static DeliveryState of(Object name) {
        if (name != null) {
            for (DeliveryState state : values()) {
                if (state.label().equals(name.toString().toLowerCase(Locale.ROOT))) {
                    return state;
                }
            }
        }
        return null;
    }

    /** Meta's name, lower case. */
    public String label() {
        return label;
    }

    /** As it is stored: the first letter of its name; no two have the same. */
    String letter() {
        return letter;
    }

    /** The state of this letter; null if it is none. */
    static DeliveryState ofLetter(Object letter) {
        for (DeliveryState state : values()) {
            if (state.letter.equals(letter)) {
                return state;
            }
        }
        return null;
    }

    /** Whether a message in the state {@code now} moves on to this one. What reached the user has not failed, and what failed stays so. */
    public boolean follows(DeliveryState now) {
        if (now == null) {
            return true;
        }
        if (now == FAILED) {
            return false;
        }
        return this == FAILED ? now.compareTo(DELIVERED) < 0 : compareTo(now) > 0;
    }

    /** Whether a delivery report is complete with it: read, played or failed. */
    public boolean isFinal() {
        return compareTo(READ) >= 0;
    }
}
