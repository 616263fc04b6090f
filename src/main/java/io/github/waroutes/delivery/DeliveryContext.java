package io.github.waroutes.delivery;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.state.Keys;
import io.github.waroutes.update.TraceId;
import io.github.waroutes.update.UpdateHeaders;

/**
 * What is known of a message besides what became of it; each null if it is not known.
 *
 * @param user         whom it goes to, as the caller wrote it in {@code to} or {@code recipient}
 * @param userHash     in its place the {@linkplain Keys#hash hash} of the user's id, as in {@code WhatsAppUser}, or the group's
 * @param conversation the hash of {@code WhatsAppConversation}
 * @param reference    the caller's own
 * @param trace        the {@link TraceId}
 */
record DeliveryContext(String user, String userHash, String conversation, String reference, String trace) {

    static final DeliveryContext NONE = new DeliveryContext(null, null, null, null, null);

    /** @param hashed whether the user appears as a hash, whoever named the user */
    static DeliveryContext of(Map<String, Object> headers, boolean hashed) {
        String to = hashed ? null : text(headers, OutboundHeaders.TO);
        String group = text(headers, UpdateHeaders.GROUP_ID);
        String user = group != null ? group : text(headers, UpdateHeaders.USER);
        String conversation = text(headers, UpdateHeaders.CONVERSATION);
        return new DeliveryContext(to, to != null || user == null ? null : Keys.hash(user),
                conversation == null ? null : Keys.hash(conversation), text(headers, OutboundHeaders.REFERENCE), TraceId.of(headers));
    }

    private static String text(Map<String, Object> headers, String name) {
        return Delivery.text(headers.get(name));
    }

    /** Both together; of each what the later one knows, or this one. */
    DeliveryContext and(DeliveryContext later) {
        if (later.equals(this) || later.equals(NONE)) {
            return this;
        }
        boolean named = later.user != null || later.userHash != null;
        return new DeliveryContext(named ? later.user : user, named ? later.userHash : userHash, first(later.conversation, conversation),
                first(later.reference, reference), first(later.trace, trace));
    }

    /** Adds what is known: {@code user} or {@code user_hash}, {@code conversation}, {@code reference}, {@code trace_id}. */
    void putInto(Map<String, Object> map) {
        Delivery.put(map, "user", user);
        Delivery.put(map, "user_hash", userHash);
        Delivery.put(map, "conversation", conversation);
        Delivery.put(map, "reference", reference);
        Delivery.put(map, "trace_id", trace);
    }

    /** Reads {@link #putInto}. */
    static DeliveryContext fromMap(Map<String, Object> map) {
        return new DeliveryContext(Delivery.text(map.get("user")), Delivery.text(map.get("user_hash")), Delivery.text(map.get("conversation")),
                Delivery.text(map.get("reference")), Delivery.text(map.get("trace_id")));
    }

    /** As it is stored; null if nothing is known. */
    List<String> toList() {
        return equals(NONE) ? null : Arrays.asList(user, userHash, conversation, reference, trace);
    }

    /** Reads {@link #toList}; an older version stored none, and a newer one may store more. */
    static DeliveryContext fromList(Object stored) {
        return stored instanceof List<?> list && list.size() >= 5
                ? new DeliveryContext(Delivery.text(list.get(0)), Delivery.text(list.get(1)), Delivery.text(list.get(2)),
                        Delivery.text(list.get(3)), Delivery.text(list.get(4)))
                : NONE;
    }

    private static String first(String one, String other) {
        return one != null ? one : other;
    }
}
