package io.github.waroutes.simulator;

import java.util.Optional;

/**
 * A made-up phone number that stands for an error: {@code 1999555} and a Graph error code in six digits is refused with
 * it, {@code 1999556} and the code is accepted and fails later. A shorter code has zeros in front: {@code 1999555000190}.
 *
 * @param code    the Graph error code, in the catalogue or not
 * @param refused true for an error answer, false for a failed status
 */
record MagicRecipient(int code, boolean refused) {

    private static final String REFUSED = "1999555";
    private static final String FAILS = "1999556";

    static Optional<MagicRecipient> of(Recipient recipient) {
        String digits = recipient.key();
        if (!recipient.isPhone() || digits.length() != 13 || !(digits.startsWith(REFUSED) || digits.startsWith(FAILS))) {
            return Optional.empty();
        }
        return Optional.of(new MagicRecipient(Integer.parseInt(digits.substring(7)), digits.startsWith(REFUSED)));
    }
}
