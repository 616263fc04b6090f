package io.github.waroutes.limit;

/**
 * What the limits must know about a message that is about to be sent.
 *
 * @param phoneNumberId the business number, by its id
 * @param user          the recipient: business-scoped user id or phone number, always the same one for the same person; empty if
 *                      nobody gets anything, as by a read receipt
 * @param accountId     the account whose messaging limit counts; null or blank if there is but one
 * @param template      a template, or a message of Direct Send, which may open a conversation
 * @param windowOpen    the user wrote within the last 24 hours: a template then does not count for the messaging limit
 * @param bulk          yields to replies
 */
public record SendRequest(String phoneNumberId, String user, String accountId, boolean template, boolean windowOpen, boolean bulk) {

    /** The account when none is named. */
    public static final String ONE_ACCOUNT = "default";

    public SendRequest {
        if (phoneNumberId == null || phoneNumberId.isBlank()) {
            throw new IllegalArgumentException("A send needs the phone_number_id it goes out from, to know its limits.");
        }
        user = user == null ? "" : user.trim();
        accountId = accountId == null || accountId.isBlank() ? ONE_ACCOUNT : accountId;
    }

    /** Whether somebody gets a message: the limits of pairs and users are about them. */
    boolean reachesUser() {
        return !user.isEmpty();
    }

    /** Whether it counts for the account's messaging limit: Meta counts users written to outside their 24-hour window. */
    boolean startsConversation() {
        return template && !windowOpen && reachesUser();
    }

    /** Without the user, whom no log may show. */
    @Override
    public String toString() {
        return "SendRequest[phoneNumberId=" + phoneNumberId + ", template=" + template + ", windowOpen=" + windowOpen
                + ", bulk=" + bulk + ']';
    }
}
