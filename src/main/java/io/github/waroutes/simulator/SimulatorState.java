package io.github.waroutes.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.spi.Registry;

/**
 * All the simulator remembers: media and conversations. Everything is bounded, the oldest goes first. Thread-safe.
 *
 * <p>It is the one bean with state, so others look it up by its {@linkplain #BEAN name} when they need it: Camel's
 * YAML loader may build a bean twice, and a reference taken earlier would then be to the wrong one.
 */
public class SimulatorState {

    /** The name this bean has in the registry. */
    public static final String BEAN = "simulatorState";

    private static final Duration MEDIA_URL_LIFE = Duration.ofMinutes(5);

    private final int maxMediaBytes;
    private final int maxConversations;
    private final int maxMessages;
    private final Clock clock;
    private final byte[] tokenKey = SimulatorIds.bytes(32);

    private final LinkedHashMap<String, Media> media = new LinkedHashMap<>();
    private long mediaBytes;
    private final LinkedHashMap<String, Conversation> conversations = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<String, Entry> entries = new HashMap<>();

    /**
     * @param maxMediaBytes    how many bytes of media to keep
     * @param maxConversations how many conversations to keep
     * @param maxMessages      how many messages to keep of each
     */
    public SimulatorState(int maxMediaBytes, int maxConversations, int maxMessages) {
        this(maxMediaBytes, maxConversations, maxMessages, Clock.systemUTC());
    }

    SimulatorState(int maxMediaBytes, int maxConversations, int maxMessages, Clock clock) {
        if (maxMediaBytes < 1 || maxConversations < 1 || maxMessages < 1) {
            throw new IllegalArgumentException("The simulator's limits must be 1 or more");
        }
        this.maxMediaBytes = maxMediaBytes;
        this.maxConversations = maxConversations;
        this.maxMessages = maxMessages;
        this.clock = clock;
    }

    static SimulatorState in(Registry registry) {
        SimulatorState state = registry.lookupByNameAndType(BEAN, SimulatorState.class);
        if (state == null) {
            throw new IllegalStateException("There is no bean " + BEAN + ": load all files of routes/simulator");
        }
        return state;
    }

    /** One file; the bytes are not copied, so leave them as they are. */
    public record Media(String id, String mimeType, byte[] bytes) {

        byte[] sha256() {
            try {
                return MessageDigest.getInstance("SHA-256").digest(bytes);
            } catch (java.security.NoSuchAlgorithmException e) {
                throw new IllegalStateException("This Java runtime has no SHA-256", e);
            }
        }
    }

    public Instant now() {
        return clock.instant();
    }

    /** @throws SimulatorFault 413 when it alone is larger than the whole store may be */
    public synchronized Media addMedia(String mimeType, byte[] bytes) {
        if (bytes.length > maxMediaBytes) {
            throw SimulatorFault.plain(413, "This file is larger than the simulator's media store");
        }
        Media added = new Media(SimulatorIds.media(), mimeType, bytes);
        media.put(added.id(), added);
        mediaBytes += bytes.length;
        for (var oldest = media.values().iterator(); mediaBytes > maxMediaBytes;) {
            mediaBytes -= oldest.next().bytes().length;
            oldest.remove();
        }
        return added;
    }

    public synchronized Optional<Media> media(String id) {
        return Optional.ofNullable(media.get(id));
    }

    /** A word for a media URL that opens this file for 5 minutes: its end in epoch seconds, and a keyed hash. */
    public String mediaToken(String id) {
        return mediaToken(id, now().plus(MEDIA_URL_LIFE).getEpochSecond());
    }

    public boolean isMediaToken(String id, String token) {
        try {
            long end = Long.parseLong(token.substring(0, token.indexOf('-')));
            return now().getEpochSecond() <= end && sameSecret(mediaToken(id, end), token);
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            return false;
        }
    }

    private String mediaToken(String id, long end) {
        return end + "-" + HmacSha256.hex(tokenKey, (id + " " + end).getBytes(StandardCharsets.UTF_8));
    }

    /** Compares in constant time. */
    static boolean sameSecret(String expected, String given) {
        return MessageDigest.isEqual(expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }

    /** A message of the user: {@code content} is merged into its entry ({@code {"text":"…"}}, …). */
    public void userSaid(String user, String name, String messageId, String type, ObjectNode content) {
        add(user, name, new Entry(messageId, "user", type, content, now(), "sent"));
    }

    /** A message of the business, accepted but not yet sent. */
    public void businessSaid(String user, String messageId, String type, ObjectNode content) {
        add(user, null, new Entry(messageId, "business", type, content, now(), "accepted"));
    }

    private synchronized void add(String user, String name, Entry entry) {
        Conversation conversation = conversations.computeIfAbsent(user, key -> new Conversation());
        if (name != null) {
            conversation.name = name;
        }
        conversation.entries.add(entry);
        entries.put(entry.id, entry);
        entry.conversation = conversation;
        if (conversation.entries.size() > maxMessages) {
            entries.remove(conversation.entries.remove().id);
        }
        if (conversations.size() > maxConversations) {
            forget(conversations.keySet().iterator().next());
        }
    }

    /** Notes how far a message came; one that is no longer remembered is passed over. */
    public synchronized void setStatus(String messageId, String status) {
        Entry entry = entries.get(messageId);
        if (entry != null) {
            entry.status = status;
        }
    }

    /** The webhook took this message of a user; it may be read already. */
    public synchronized void markDelivered(String messageId) {
        Entry entry = entries.get(messageId);
        if (entry != null && !entry.status.equals("read")) {
            entry.status = "delivered";
        }
    }

    /**
     * The business has read this message of a user, and with it the earlier ones.
     *
     * @param typing whether it shows the user that it is typing
     * @return false when no user's message has this id
     */
    public synchronized boolean markRead(String messageId, boolean typing) {
        Entry read = entries.get(messageId);
        if (read == null || !read.from.equals("user")) {
            return false;
        }
        read.typing |= typing;
        for (Entry entry : read.conversation.entries) {
            if (entry.from.equals("user")) {
                entry.status = "read";
            }
            if (entry == read) {
                break;
            }
        }
        return true;
    }

    /** The name the user last gave. */
    public synchronized Optional<String> nameOf(String user) {
        return Optional.ofNullable(conversations.get(user)).map(conversation -> conversation.name);
    }

    /** The id of the last message the business sent to this user. */
    public synchronized Optional<String> lastBusinessMessage(String user) {
        Conversation conversation = conversations.get(user);
        if (conversation == null) {
            return Optional.empty();
        }
        for (var newest = conversation.entries.descendingIterator(); newest.hasNext();) {
            Entry entry = newest.next();
            if (entry.from.equals("business")) {
                return Optional.of(entry.id);
            }
        }
        return Optional.empty();
    }

    /**
     * The conversation in the order it was held, as a list of
     * {@code {"from":"user"|"business","type","id","at","status",…}}. A user's message also has {@code "typing"}: whether
     * the business showed that it was typing. Status of a user's message: sent, delivered (the webhook answered 200),
     * undelivered, read; of the business's: accepted, sent, delivered, read.
     */
    public synchronized JsonNode conversation(String user) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        Conversation conversation = conversations.get(user);
        if (conversation != null) {
            conversation.entries.forEach(entry -> list.add(entry.toJson()));
        }
        return list;
    }

    public synchronized void forget(String user) {
        Conversation forgotten = conversations.remove(user);
        if (forgotten != null) {
            forgotten.entries.forEach(entry -> entries.remove(entry.id));
        }
    }

    private static final class Conversation {
        private final Deque<Entry> entries = new ArrayDeque<>();
        private String name;
    }

    private static final class Entry {
        private final String id;
        private final String from;
        private final String type;
        private final ObjectNode content;
        private final Instant at;
        private Conversation conversation;
        private String status;
        private boolean typing;

        Entry(String id, String from, String type, ObjectNode content, Instant at, String status) {
            this.id = id;
            this.from = from;
            this.type = type;
            this.content = content;
            this.at = at;
            this.status = status;
        }

        ObjectNode toJson() {
            ObjectNode json = JsonNodeFactory.instance.objectNode()
                    .put("from", from).put("type", type).put("id", id).put("at", at.toString()).put("status", status);
            if (from.equals("user")) {
                json.put("typing", typing);
            }
            json.setAll(content.deepCopy());
            return json;
        }
    }
}
