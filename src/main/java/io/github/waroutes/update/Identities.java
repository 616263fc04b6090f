package io.github.waroutes.update;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import io.github.waroutes.queue.QueueMessage;
import io.github.waroutes.queue.StoredMessage;
import io.github.waroutes.state.HeapShare;
import io.github.waroutes.state.Keys;
import io.github.waroutes.state.StateStore;
import io.github.waroutes.state.StateStores;
import io.github.waroutes.state.StateUnavailableException;
import org.apache.camel.Body;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Under which id a person's conversation began. A person who changes the phone number gets another business-scoped id (Meta, "System
 * messages webhook"), and stays in the same conversation: its order, its limits and what was said in it go on.
 */
public class Identities {

    private static final Logger LOG = LoggerFactory.getLogger(Identities.class);
    /** After so long a conversation may begin anew. */
    private static final Duration KEPT = Duration.ofDays(90);

    private final StateStore store;

    /** @param size how many changed ids this process remembers when there is no Redis; 0: by the heap */
    public Identities(StateStores stores, long size) {
        this(stores.store("identity", HeapShare.entries(size, 30_000, "whatsapp.window.users"), KEPT));
    }

    Identities(StateStore store) {
        this.store = store;
    }

    /** The id under which the person's conversation began; the id itself while nothing else is known, or Redis is away. */
    public String first(String user) {
        if (user == null) {
            return null;
        }
        try {
            String known = store.get(Keys.hash(user));
            return known == null ? user : known;
        } catch (StateUnavailableException e) {
            // an update must be taken all the same
            return user;
        }
    }

    /**
     * Puts updates that are about to be queued into the conversations of the people they are from, under whatever id. A changed id is
     * learned here, so that nothing that comes under the new one overtakes what is queued under the old one.
     */
    public List<Update> updates(@Body List<Update> updates) {
        return updates.stream().map(this::follow).toList();
    }

    private Update follow(Update update) {
        try {
            changed((String) update.headers().get(UpdateHeaders.PREVIOUS_USER), (String) update.headers().get(UpdateHeaders.USER));
        } catch (StateUnavailableException e) {
            LOG.debug("A changed id is learned when its update is handled: {}", e.getClass().getName());
        }
        String began = began(update.queueGroup());
        if (Objects.equals(began, update.queueGroup())) {
            return update;
        }
        Map<String, Object> headers = new LinkedHashMap<>(update.headers());
        headers.put(UpdateHeaders.CONVERSATION, began);
        return new Update(headers, update.body());
    }

    /** The same for a message to one of them. */
    public QueueMessage message(@Body QueueMessage message) {
        String began = began(message.queueGroup());
        if (Objects.equals(began, message.queueGroup())) {
            return message;
        }
        Map<String, Object> headers = new LinkedHashMap<>(message.queueHeaders());
        headers.put(UpdateHeaders.CONVERSATION, began);
        return new StoredMessage(message.queueId(), began, headers, message.queueBody());
    }

    /** A conversation is the number, a colon, and the person. */
    private String began(String conversation) {
        int colon = conversation == null ? -1 : conversation.indexOf(':');
        return colon < 0 ? conversation : conversation.substring(0, colon + 1) + first(conversation.substring(colon + 1));
    }

    /** A person has another id from now on. */
    public void changed(String before, String now) {
        if (before == null || now == null || before.isBlank() || now.isBlank() || before.equals(now)) {
            return;
        }
        String first = first(before);
        if (first.equals(now)) {
            store.take(Keys.hash(now));
        } else {
            store.put(Keys.hash(now), first);
        }
    }

    /**
     * Learns from one of Meta's message objects, if it is a system message that tells of another number or id.
     *
     * @param message {@code from}, {@code type}, {@code system{user_id, previous_user_id, parent_user_id, previous_parent_user_id, wa_id}}
     */
    public void learn(@Body Map<String, Object> message) {
        if ("system".equals(message.get("type")) && message.get("system") instanceof Map<?, ?> system) {
            changed(text(system.get("previous_user_id")), text(system.get("user_id")));
            changed(text(system.get("previous_parent_user_id")), text(system.get("parent_user_id")));
            String number = text(system.get("wa_id"));
            changed(first(text(system.get("previous_user_id")), text(message.get("from"))), number);
        }
    }

    private static String first(String one, String other) {
        return one != null ? one : other;
    }

    private static String text(Object value) {
        return value instanceof String || value instanceof Number ? value.toString() : null;
    }
}
