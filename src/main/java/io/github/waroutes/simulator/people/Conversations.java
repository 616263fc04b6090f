package io.github.waroutes.simulator.people;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.call.UserOfMessage;
import io.github.waroutes.simulator.common.Events;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.common.SimulatedNumber;
import io.github.waroutes.simulator.webhook.Identity;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The conversations of users with one number of the business. Bounded; the oldest is evicted first. Thread-safe.
 */
public class Conversations implements UserOfMessage {

    private static final Duration WINDOW = Duration.ofHours(24);
    /** WhatsApp Cloud API, "Typing indicators": it ends after 25 seconds, or with the answer. */
    private static final Duration TYPING = Duration.ofSeconds(25);
    private static final int PREVIEW = 200;
    private static final int OVERHEAD = 256;
    /** The limit of all conversations together, as the length of their JSON. */
    static final long MAX_CONTENT = 64L << 20;
    private static final Duration FREE_ENTRY = Duration.ofHours(72);

    private final Events events;
    private final Groups groups;
    private final int maxConversations;
    private final int maxMessages;
    private final long maxContent;
    private final Clock clock;
    /** The name of the number, null for the first. */
    private final String number;
    private final Map<String, Conversations> others = new ConcurrentHashMap<>();
    private final Map<String, String> linked = new HashMap<>();
    private final LinkedHashMap<String, Conversation> conversations = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<String, Entry> entries = new HashMap<>();
    private final LinkedHashSet<Entry> byAge = new LinkedHashSet<>();
    private final Set<String> blocked = new LinkedHashSet<>();
    private long contentBytes;
    /** Whether nothing has been evicted yet. */
    private boolean complete = true;

    /**
     * @param maxConversations how many conversations to keep
     * @param maxMessages      how many messages to keep of each
     */
    public Conversations(Events events, Groups groups, int maxConversations, int maxMessages) {
        this(events, groups, maxConversations, maxMessages, MAX_CONTENT, Clock.systemUTC());
    }

    Conversations(Events events, Groups groups, int maxConversations, int maxMessages, long maxContent, Clock clock) {
        this(events, groups, maxConversations, maxMessages, maxContent, clock, null);
    }

    private Conversations(Events events, Groups groups, int maxConversations, int maxMessages, long maxContent, Clock clock, String number) {
        if (maxConversations < 1 || maxMessages < 1) {
            throw new IllegalArgumentException("The simulator's limits must be 1 or more");
        }
        this.events = events;
        this.groups = groups;
        this.maxConversations = maxConversations;
        this.maxMessages = maxMessages;
        this.maxContent = maxContent;
        this.clock = clock;
        this.number = number;
    }

    /** The instance for this number; that for the first is this one. */
    public Conversations of(SimulatedNumber wanted) {
        return wanted.key().isEmpty() ? this : others.computeIfAbsent(wanted.key(), key -> new Conversations(events, groups.of(wanted),
                maxConversations, maxMessages, maxContent, clock, wanted.name()));
    }

    /** Forgets everything, including who wrote in which group. */
    public synchronized void reset() {
        others.values().forEach(Conversations::reset);
        others.clear();
        List.copyOf(conversations.keySet()).forEach(this::forget);
        linked.clear();
        blocked.clear();
        groups.reset();
        complete = true;
    }

    private Instant now() {
        return clock.instant();
    }

    /** A message of the user: {@code content} is merged into its entry ({@code {"text":"…"}}, …). */
    public void userSaid(String user, String name, String messageId, String type, ObjectNode content) {
        userSaid(user, name, null, messageId, type, content);
    }

    /**
     * A message of the user.
     *
     * @param username the user's name on WhatsApp, or null
     */
    public void userSaid(String user, String name, String username, String messageId, String type, ObjectNode content) {
        add(user, name, username, new Entry(messageId, "user", type, content, now(), "sent"));
    }

    /**
     * A message of the business, accepted but not yet sent.
     *
     * @return how many there have been in this conversation, with this one
     */
    public synchronized int businessSaid(String user, String messageId, String type, ObjectNode content) {
        add(user, null, null, new Entry(messageId, "business", type, content, now(), "accepted"));
        Conversation conversation = conversations.get(user);
        return conversation == null ? 1 : ++conversation.sent;
    }

    /**
     * Updates what is known of a user who writes; null leaves a value as it was. Messages under {@code userId} alone are merged
     * into this user's conversation, and a user id that belonged to another phone number is removed from it.
     *
     * @param userId       the business-scoped user id of a user with a phone number
     * @param parentUserId the same within the parent portfolio
     */
    synchronized void identify(String user, String userId, String parentUserId, String username) {
        if (userId == null && parentUserId == null && username == null) {
            return;
        }
        // before its first entry, which includes these
        Conversation conversation = conversations.computeIfAbsent(user, Conversation::new);
        if (userId != null && !userId.equals(conversation.userId)) {
            linked.remove(conversation.userId, user);
            conversation.userId = userId;
            Conversation before = conversations.get(linked.put(userId, user));
            if (before != null && userId.equals(before.userId)) {
                before.userId = null;
            }
            Conversation byUserId = conversations.remove(userId);
            if (byUserId != null) {
                merge(byUserId, conversation);
            }
        }
        conversation.parentUserId = parentUserId == null ? conversation.parentUserId : parentUserId;
        conversation.username = username == null ? conversation.username : username;
    }

    /** Moves everything from a conversation that was removed from the map to another one. */
    private void merge(Conversation from, Conversation into) {
        List<Entry> all = Stream.concat(into.entries.stream(), from.entries.stream())
                .sorted(Comparator.comparing(entry -> entry.at)).toList();
        into.entries.clear();
        into.entries.addAll(all);
        into.name = into.name == null ? from.name : into.name;
        into.username = into.username == null ? from.username : into.username;
        into.parentUserId = into.parentUserId == null ? from.parentUserId : into.parentUserId;
        into.freeUntil = into.freeUntil == null ? from.freeUntil : into.freeUntil;
        into.typing = into.typing == null ? from.typing : into.typing;
        into.sent += from.sent;
        groups.rename(from.user, new Recipient(into.user, true));
        events.publish(new Forgotten(number, from.user, into.user));
        from.entries.forEach(entry -> {
            entry.conversation = into;
            events.publish(entry);
        });
        while (into.entries.size() > maxMessages) {
            drop(into.entries.remove());
            complete = false;
        }
    }

    /** The user by the phone number of a business-scoped user id; the same user if there is none. */
    public synchronized Recipient known(Recipient user) {
        String phone = user.isPhone() ? null : linked.get(user.key());
        return phone == null ? user : new Recipient(phone, true);
    }

    /** The key of the conversation that a user id leads to, with whatever number. */
    public String keyOf(String userId) {
        Recipient user = new Recipient(userId, false);
        return Stream.concat(Stream.of(this), others.values().stream()).map(one -> one.known(user)).filter(Recipient::isPhone).findFirst()
                .orElse(user).key();
    }

    /** The user as described in webhooks. */
    public synchronized Identity identity(Recipient user, String missingName) {
        Conversation conversation = conversations.get(user.key());
        if (conversation == null) {
            return new Identity(user, user.isPhone() ? null : user.key(), null, missingName, null);
        }
        return new Identity(user, user.isPhone() ? conversation.userId : user.key(), conversation.parentUserId,
                conversation.name == null ? missingName : conversation.name, conversation.username);
    }

    /** The user came from an advertisement: messages are free for 72 h. */
    synchronized void cameByAdvertisement(String user) {
        Conversation conversation = conversations.get(user);
        if (conversation != null) {
            conversation.freeUntil = now().plus(FREE_ENTRY);
        }
    }

    /** When the free time of a user who came from an advertisement ends, if it has not yet. */
    public synchronized Optional<Instant> freeEntryUntil(String user) {
        return Optional.ofNullable(conversations.get(user)).map(conversation -> conversation.freeUntil)
                .filter(end -> end.isAfter(now()));
    }

    /**
     * Whether there is certainly no message with this id. An evicted message, or one of a forgotten conversation, may have had
     * it.
     *
     * @param user whom the message would be sent to
     */
    public synchronized boolean isNoMessage(String messageId, String user) {
        return complete && conversations.containsKey(user) && !entries.containsKey(messageId);
    }

    /** Whether the business sent this message. */
    synchronized boolean isOfBusiness(String messageId) {
        Entry entry = entries.get(messageId);
        return entry == null || entry.from.equals("business");
    }

    private synchronized void add(String user, String name, String username, Entry entry) {
        Conversation conversation = conversations.computeIfAbsent(user, Conversation::new);
        if (name != null) {
            conversation.name = name;
        }
        if (username != null) {
            conversation.username = username;
        }
        if (entry.from.equals("business") && conversation.typing != null) {
            conversation.typing.typingSince = null;
            events.publish(conversation.typing);
            conversation.typing = null;
        }
        conversation.entries.add(entry);
        entries.put(entry.id, entry);
        byAge.add(entry);
        contentBytes += entry.size;
        entry.conversation = conversation;
        entry.user = user;
        events.publish(entry);
        if (conversation.entries.size() > maxMessages) {
            drop(conversation.entries.remove());
            complete = false;
        }
        while (contentBytes > maxContent && byAge.size() > 1) {
            dropOldest();
        }
        if (conversations.size() > maxConversations) {
            complete = false;
            forget(conversations.keySet().iterator().next());
        }
    }

    private void dropOldest() {
        Entry oldest = byAge.iterator().next();
        complete = false;
        Conversation its = oldest.conversation;
        if (its.entries.size() == 1) {
            forget(its.user);
        } else {
            its.entries.remove(oldest);
            drop(oldest);
        }
    }

    private void drop(Entry entry) {
        if (byAge.remove(entry)) {
            contentBytes -= entry.size;
        }
        // the id may have been used again since
        entries.remove(entry.id, entry);
        entry.conversation = null;
    }

    /** Sets the status of a message; one that is no longer kept is ignored. */
    public synchronized void setStatus(String messageId, String status) {
        Entry entry = entries.get(messageId);
        if (entry != null) {
            entry.status = status;
            events.publish(entry);
        }
    }

    /**
     * Sets the error of a failed message; its status is set separately.
     *
     * @param error {@code {"code","title"}}
     */
    public synchronized void setError(String messageId, ObjectNode error) {
        Entry entry = entries.get(messageId);
        if (entry != null) {
            entry.error = error;
            events.publish(entry);
        }
    }

    /** The webhook accepted this message of a user; it may be read already. */
    public synchronized void markDelivered(String messageId) {
        Entry entry = entries.get(messageId);
        if (entry != null && !entry.status.equals("read")) {
            entry.status = "delivered";
            events.publish(entry);
        }
    }

    /**
     * The business has read this message of a user and all earlier ones.
     *
     * @param typing whether it shows the user that it is typing
     * @return false when no user's message has this id
     */
    public synchronized boolean markRead(String messageId, boolean typing) {
        Entry read = entries.get(messageId);
        if (read == null || !read.from.equals("user")) {
            return false;
        }
        if (typing) {
            if (read.conversation.typing != null && read.conversation.typing != read) {
                read.conversation.typing.typingSince = null;
                events.publish(read.conversation.typing);
            }
            read.typingSince = now();
            read.conversation.typing = read;
            events.publish(read);
        }
        for (Entry entry : read.conversation.entries) {
            if (entry.from.equals("user") && !entry.status.equals("read")) {
                entry.status = "read";
                events.publish(entry);
            }
            if (entry == read) {
                break;
            }
        }
        return true;
    }

    /** The user's latest name. */
    public synchronized Optional<String> nameOf(String user) {
        return Optional.ofNullable(conversations.get(user)).map(conversation -> conversation.name);
    }

    /** The id of the last message this user sent. */
    public synchronized Optional<String> lastUserMessage(String user) {
        return last(user, "user").map(entry -> entry.id);
    }

    /** Blocks a user, who can write to the business no more, nor be written to; or takes that back. */
    public synchronized void block(String user, boolean is) {
        if (is) {
            blocked.add(user);
        } else {
            blocked.remove(user);
        }
    }

    /** The users that are blocked, the first one first. */
    public synchronized List<String> blocked() {
        return List.copyOf(blocked);
    }

    public synchronized boolean isBlocked(String user) {
        return blocked.contains(user);
    }

    /** Whether the user wrote within the last 24 h. */
    public synchronized boolean isWindowOpen(String user) {
        return last(user, "user").filter(entry -> entry.at.isAfter(now().minus(WINDOW))).isPresent();
    }

    /** The id of the last message the business sent to this user. */
    public synchronized Optional<String> lastBusinessMessage(String user) {
        return last(user, "business").map(entry -> entry.id);
    }

    private Optional<Entry> last(String user, String from) {
        Conversation conversation = conversations.get(user);
        if (conversation == null) {
            return Optional.empty();
        }
        for (var newest = conversation.entries.descendingIterator(); newest.hasNext();) {
            Entry entry = newest.next();
            if (entry.from.equals(from)) {
                return Optional.of(entry);
            }
        }
        return Optional.empty();
    }

    /** Who wrote this message, or to whom it was written, as long as it is kept. */
    @Override
    public Optional<String> userOf(String messageId) {
        synchronized (this) {
            Entry entry = entries.get(messageId);
            if (entry != null) {
                return Optional.of(entry.conversation.user);
            }
        }
        return others.values().stream().flatMap(other -> other.userOf(messageId).stream()).findFirst();
    }

    /**
     * The conversation in order, as a list of
     * {@code {"from":"user"|"business","type","id","at","status",…}}. A user's message also has {@code "typing"}: whether
     * the business shows that it is typing, until it writes or 25 s have passed. Status of a user's message: sent, delivered
     * (the webhook answered 200), undelivered, read; of the business's: accepted, sent, delivered, read, failed, and then
     * {@code "error":{"code","title"}}.
     */
    public synchronized JsonNode conversation(String user) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        Conversation conversation = conversations.get(user);
        if (conversation != null) {
            conversation.entries.forEach(entry -> list.add(entry.toJson().deepCopy()));
        }
        return list;
    }

    /**
     * All users with a conversation, the latest first:
     * {@code [{"user","name"?,"username"?,"messages","last":{"from","type","text"?,"at"}?}]}.
     */
    public synchronized ArrayNode users() {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        conversations.values().stream().filter(conversation -> !conversation.entries.isEmpty())
                .sorted(Comparator.comparing((Conversation conversation) -> conversation.entries.getLast().at).reversed())
                .forEach(conversation -> list.add(conversation.toJson()));
        return list;
    }

    public synchronized void forget(String user) {
        Conversation forgotten = conversations.remove(user);
        if (forgotten != null) {
            forgotten.entries.forEach(this::drop);
            linked.remove(forgotten.userId, user);
            events.publish(new Forgotten(number, user, null));
        }
    }

    private final class Conversation {
        private final Deque<Entry> entries = new ArrayDeque<>();
        private final String user;
        private String name;
        private String username;
        private String userId;
        private String parentUserId;
        private Instant freeUntil;
        private int sent;
        private Entry typing;

        Conversation(String user) {
            this.user = user;
        }

        ObjectNode toJson() {
            ObjectNode json = person().put("messages", entries.size());
            Entry last = entries.getLast();
            ObjectNode line = json.putObject("last").put("from", last.from).put("type", last.type);
            String text = last.preview();
            if (text != null) {
                line.put("text", text);
            }
            line.put("at", last.at.toString());
            return json;
        }

        ObjectNode person() {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("user", user);
            if (number != null) {
                json.put("number", number);
            }
            if (name != null) {
                json.put("name", name);
            }
            if (username != null) {
                json.put("username", username);
            }
            return json;
        }
    }

    private static final class Forgotten extends Events.Source {
        private final String number;
        private final String user;
        private final String knownAs;

        /** @param knownAs the key of the conversation it was merged into, or null */
        Forgotten(String number, String user, String knownAs) {
            this.number = number;
            this.user = user;
            this.knownAs = knownAs;
        }

        @Override
        public String event() {
            return "forgotten";
        }

        @Override
        public String user() {
            return user;
        }

        @Override
        public JsonNode data() {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("user", user);
            if (number != null) {
                json.put("number", number);
            }
            return knownAs == null ? json : json.put("known_as", knownAs);
        }
    }

    private final class Entry extends Events.Source {
        private final String id;
        private final String from;
        private final String type;
        private final ObjectNode content;
        private final Instant at;
        private final int size;
        private Conversation conversation;
        /** Set before its first event, and never changed. */
        private String user;
        private String status;
        private Instant typingSince;
        private ObjectNode error;

        Entry(String id, String from, String type, ObjectNode content, Instant at, String status) {
            this.id = id;
            this.from = from;
            this.type = type;
            this.content = content;
            this.at = at;
            this.status = status;
            this.size = OVERHEAD + content.toString().length();
        }

        ObjectNode toJson() {
            ObjectNode json = JsonNodeFactory.instance.objectNode()
                    .put("from", from).put("type", type).put("id", id).put("at", at.toString()).put("status", status);
            if (from.equals("user")) {
                json.put("typing", typingSince != null && now().isBefore(typingSince.plus(TYPING)));
            }
            // the parts are shared, not copied, as they are never changed
            json.setAll(content);
            if (error != null) {
                json.set("error", error);
            }
            return json;
        }

        @Override
        public String event() {
            return "message";
        }

        @Override
        public String user() {
            return user;
        }

        @Override
        public JsonNode data() {
            synchronized (Conversations.this) {
                return conversation == null ? null : conversation.person().set("message", toJson());
            }
        }

        /** Its text, if any. */
        String preview() {
            for (String pointer : List.of("/text", "/voice", "/media/caption", "/rendered/body", "/interactive/body/text",
                    "/button/title", "/list/title", "/quick_reply/text", "/location/name", "/reaction/emoji")) {
                String text = content.at(pointer).textValue();
                if (text != null) {
                    return text.length() <= PREVIEW ? text : text.substring(0, text.offsetByCodePoints(0, PREVIEW / 2)) + "…";
                }
            }
            return null;
        }
    }
}
