package io.github.waroutes.simulator.webhook;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.common.Recipient;

/**
 * A user as described in webhooks. Source: WhatsApp Cloud API, "Business-scoped user IDs": a user without a username has a phone
 * number and an id; what is hidden or not known is left out.
 *
 * @param userId       the business-scoped user id, or null
 * @param parentUserId the same within the parent portfolio, or null
 * @param username     the name on WhatsApp, or null
 */
public record Identity(Recipient user, String userId, String parentUserId, String name, String username) {

    /** Puts the phone number and the ids under these names. */
    ObjectNode putInto(ObjectNode json, String phoneField, String userIdField, String parentField) {
        if (user.isPhone()) {
            json.put(phoneField, user.key());
        }
        if (userId != null) {
            json.put(userIdField, userId);
        }
        if (parentUserId != null) {
            json.put(parentField, parentUserId);
        }
        return json;
    }
}
