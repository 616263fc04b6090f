package io.github.waroutes.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.call.CallLog;
import io.github.waroutes.simulator.webhook.Callbacks;
import io.github.waroutes.simulator.common.Events;
import io.github.waroutes.simulator.fault.FaultPlan;
import io.github.waroutes.simulator.media.FileNotes;
import io.github.waroutes.simulator.common.HmacSha256;
import io.github.waroutes.simulator.webhook.Identity;
import io.github.waroutes.simulator.common.Ids;
import io.github.waroutes.simulator.cloud.Limits;
import io.github.waroutes.simulator.load.LoadControl;
import io.github.waroutes.simulator.webhook.OwedStatuses;
import io.github.waroutes.simulator.cloud.Quota;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.cloud.Templates;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.apache.camel.spi.Registry;

/**
 * All the simulator remembers: media and conversations. Everything is bounded, the oldest goes first. Thread-safe.
 *
 * <p>It is the one bean with state, so others look it up by its {@linkplain #BEAN name} when they need it: Camel's
 * YAML loader may build a bean twice, and a reference taken earlier would then be to the wrong one.
 */
public class SimulatorState implements AutoCloseable {

    /** The name this bean has in the registry. */
    public static final String BEAN = "simulatorState";

    private static final Duration MEDIA_URL_LIFE = Duration.ofMinutes(5);
    private static final Duration WINDOW = Duration.ofHours(24);
    /** WhatsApp Cloud API, "Typing indicators": it goes after 25 seconds, or with the answer. */
    private static final Duration TYPING = Duration.ofSeconds(25);
    private static final int PREVIEW = 200;
    private static final int OVERHEAD = 256;
    /** Of all conversations together, counted as the length of their JSON. */
    static final long MAX_CONTENT = 64L << 20;
    private static final Duration FREE_ENTRY = Duration.ofHours(72);
    /** Fewer than the HTTP workers of any server that this runs in (Vert.x: 20). */
    public static final int MOST_TALKING = 16;
    private static final long MAX_FILE_BYTES = 1L << 30;

    private final int maxMediaBytes;
    private final int maxConversations;
    private final int maxMessages;
    private final long maxContent;
    private final Clock clock;
    private final byte[] tokenKey = Ids.bytes(32);

    private final LinkedHashMap<String, Media> media = new LinkedHashMap<>();
    private long mediaBytes;
    private long fileBytes;
    private Path files;
    private final FaultPlan faults = new FaultPlan();
    private Limits limits;
    private final Events events;
    private final CallLog calls;
    private final FileNotes notes = new FileNotes();
    private final Semaphore talking = new Semaphore(MOST_TALKING);
    private Templates templates;
    private boolean subscribed;
    private final Callbacks callbacks = new Callbacks();
    private Quota quota;
    private final Map<String, String> linked = new HashMap<>();
    private final Map<String, FaultPlan.Kind> spoilt = new HashMap<>();
    private final LinkedHashMap<String, Recipient> groups = new LinkedHashMap<>();
    private YearMonth month;
    private int services;
    /** Whether nothing had to give way yet. */
    private boolean complete = true;
    private volatile boolean closing;
    private final LinkedHashMap<String, Conversation> conversations = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<String, Entry> entries = new HashMap<>();
    private final LinkedHashSet<Entry> byAge = new LinkedHashSet<>();
    private long contentBytes;
    private final List<AcceptedListener> listeners = new CopyOnWriteArrayList<>();
    private final LoadControl load = new LoadControl();
    private final OwedStatuses owed = new OwedStatuses(OwedStatuses.MOST);

    /**
     * @param maxMediaBytes    how many bytes of media to keep
     * @param maxConversations how many conversations to keep
     * @param maxMessages      how many messages to keep of each
     */
    public SimulatorState(int maxMediaBytes, int maxConversations, int maxMessages) {
        this(maxMediaBytes, maxConversations, maxMessages, Clock.systemUTC());
    }

    SimulatorState(int maxMediaBytes, int maxConversations, int maxMessages, Clock clock) {
        this(maxMediaBytes, maxConversations, maxMessages, MAX_CONTENT, clock);
    }

    SimulatorState(int maxMediaBytes, int maxConversations, int maxMessages, long maxContent, Clock clock) {
        if (maxMediaBytes < 1 || maxConversations < 1 || maxMessages < 1) {
            throw new IllegalArgumentException("The simulator's limits must be 1 or more");
        }
        this.maxMediaBytes = maxMediaBytes;
        this.maxConversations = maxConversations;
        this.maxMessages = maxMessages;
        this.maxContent = maxContent;
        this.clock = clock;
        this.limits = new Limits(clock);
        // not from 0: a reader that comes back after a restart must not take new numbers for those it has
        this.events = new Events(clock.millis() * 1000);
        this.calls = new CallLog(events);
        Events.Source changed = new FaultsChanged(faults);
        faults.onChange(() -> events.publish(changed));
        this.quota = new Quota(clock);
    }

    public static SimulatorState in(Registry registry) {
        SimulatorState state = registry.lookupByNameAndType(BEAN, SimulatorState.class);
        if (state == null) {
            throw new IllegalStateException("There is no bean " + BEAN + ": load all files of routes/simulator");
        }
        return state;
    }

    /**
     * One file.
     *
     * @param bytes  its content, not copied, so leave them as they are; null when it lies in {@code file}
     * @param file   where it lies on disk, or null
     * @param sha256 of its content
     */
    public record Media(String id, String mimeType, byte[] bytes, Path file, long size, byte[] sha256) {

        /** The content as a body: the bytes, or a stream of the file. */
        public Object content() throws IOException {
            return file == null ? bytes : stream();
        }

        /** As {@link #content}, with its first bit flipped, so that the hash is wrong and the length is right. */
        public InputStream spoilt() throws IOException {
            InputStream rest = stream();
            byte[] first = {(byte) (rest.read() ^ 1)};
            return new SequenceInputStream(new ByteArrayInputStream(first), rest);
        }

        private InputStream stream() throws IOException {
            return file == null ? new ByteArrayInputStream(bytes) : Files.newInputStream(file);
        }
    }

    public FaultPlan faults() {
        return faults;
    }

    /** Hears of every message of the business that is accepted, when it is; it must return at once. */
    public interface AcceptedListener {

        /**
         * @param request the body it was sent with
         * @param failure the code it will fail with, or null
         */
        void accepted(Recipient user, JsonNode request, Integer failure);
    }

    public void listen(AcceptedListener listener) {
        listeners.add(listener);
    }

    public void unlisten(AcceptedListener listener) {
        listeners.remove(listener);
    }

    public void tellAccepted(Recipient user, JsonNode request, Integer failure) {
        listeners.forEach(listener -> listener.accepted(user, request, failure));
    }

    /** Whether one more may talk: a webhook to this very server needs a worker of it while the one who talks holds one. */
    public boolean beginTalk() {
        return talking.tryAcquire();
    }

    public void endTalk() {
        talking.release();
    }

    public OwedStatuses owed() {
        return owed;
    }

    public LoadControl load() {
        return load;
    }

    public synchronized Limits limits() {
        return limits;
    }

    public Events events() {
        return events;
    }

    public CallLog calls() {
        return calls;
    }

    public FileNotes notes() {
        return notes;
    }

    public Callbacks callbacks() {
        return callbacks;
    }

    public synchronized Quota quota() {
        return quota;
    }

    /** @param configured what there is before any is created, as {@link Templates} takes it */
    public synchronized Templates templates(String configured) {
        if (templates == null) {
            templates = new Templates(configured);
        }
        return templates;
    }

    /** Whether an app is subscribed to the account's webhooks. They come anyway: this is for asking about it. */
    public synchronized boolean isSubscribed() {
        return subscribed;
    }

    public synchronized void setSubscribed(boolean subscribed) {
        this.subscribed = subscribed;
    }

    /** Whether no more webhooks shall go out. */
    public boolean isClosing() {
        return closing;
    }

    public void setClosing() {
        closing = true;
    }

    /** As it was at the start: no conversation, file or fault, the configured templates, full limits, no callback of the account or the number. The app's callback stays. */
    synchronized void reset() {
        List.copyOf(media.keySet()).forEach(this::deleteMedia);
        List.copyOf(conversations.keySet()).forEach(this::forget);
        faults.clear();
        templates = null;
        subscribed = false;
        callbacks.reset();
        limits = new Limits(clock);
        quota = new Quota(clock);
        linked.clear();
        spoilt.clear();
        groups.clear();
        services = 0;
        complete = true;
    }

    /** Ends a load that runs, and deletes all files. */
    @Override
    public void close() throws IOException {
        load.close();
        deleteFiles();
    }

    private synchronized void deleteFiles() throws IOException {
        List.copyOf(media.keySet()).forEach(this::deleteMedia);
        if (files != null) {
            Files.deleteIfExists(files);
            files = null;
        }
    }

    public Instant now() {
        return clock.instant();
    }

    /** @throws Refusal 413 when it alone is larger than the whole store may be */
    public synchronized Media addMedia(String mimeType, byte[] bytes) {
        if (bytes.length > maxMediaBytes) {
            throw Refusal.plain(413, "This file is larger than the simulator's media store");
        }
        Media added = new Media(Ids.media(), mimeType, bytes, null, bytes.length, sha256().digest(bytes));
        media.put(added.id(), added);
        mediaBytes += bytes.length;
        trim();
        return added;
    }

    /** Takes over a file: it is moved, and deleted when it is forgotten. */
    public Media keepFile(String mimeType, Path upload) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(upload), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        synchronized (this) {
            if (files == null) {
                files = Files.createTempDirectory("whatsapp-simulator-");
            }
            String id = Ids.media();
            Path kept = Files.move(upload, files.resolve(id));
            Media added = new Media(id, mimeType, null, kept, Files.size(kept), digest.digest());
            media.put(id, added);
            fileBytes += added.size();
            trim();
            return added;
        }
    }

    /** @return false when there is none with this id */
    public synchronized boolean deleteMedia(String id) {
        Media deleted = media.remove(id);
        spoilt.remove(id);
        if (deleted == null) {
            return false;
        }
        if (deleted.file() == null) {
            mediaBytes -= deleted.size();
            return true;
        }
        fileBytes -= deleted.size();
        try {
            Files.deleteIfExists(deleted.file());
        } catch (IOException e) {
            deleted.file().toFile().deleteOnExit();
        }
        return true;
    }

    private void trim() {
        while (mediaBytes > maxMediaBytes) {
            deleteMedia(oldest(false));
        }
        while (fileBytes > MAX_FILE_BYTES) {
            deleteMedia(oldest(true));
        }
    }

    private String oldest(boolean onDisk) {
        return media.values().stream().filter(one -> (one.file() != null) == onDisk).findFirst().orElseThrow().id();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java runtime has no SHA-256", e);
        }
    }

    public synchronized Optional<Media> media(String id) {
        return Optional.ofNullable(media.get(id));
    }

    /** Every download of this file is struck by this fault. */
    public synchronized void spoil(String id, FaultPlan.Kind fault) {
        if (media.containsKey(id)) {
            spoilt.put(id, fault);
        }
    }

    synchronized Optional<FaultPlan.Kind> spoiltBy(String id) {
        return Optional.ofNullable(spoilt.get(id));
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
    public static boolean sameSecret(String expected, String given) {
        return MessageDigest.isEqual(expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
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
     * What else is known of a user who says something; what is null stays as it was. What was said with {@code userId} alone
     * goes to the conversation of this user, and a user id that was another phone number's leaves that one.
     *
     * @param userId       the business-scoped user id of a user with a phone number
     * @param parentUserId the same within the parent portfolio
     */
    public synchronized void identify(String user, String userId, String parentUserId, String username) {
        if (userId == null && parentUserId == null && username == null) {
            return;
        }
        // before its first entry, which tells these too
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

    /** Moves everything of a conversation that is in the map no more into another one. */
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
        groups.replaceAll((group, speaker) -> speaker.key().equals(from.user) ? new Recipient(into.user, true) : speaker);
        events.publish(new Forgotten(from.user, into.user));
        from.entries.forEach(entry -> {
            entry.conversation = into;
            events.publish(entry);
        });
        while (into.entries.size() > maxMessages) {
            drop(into.entries.remove());
            complete = false;
        }
    }

    /** The user by the phone number that goes with a business-scoped user id; the same user if none does. */
    public synchronized Recipient known(Recipient user) {
        String phone = user.isPhone() ? null : linked.get(user.key());
        return phone == null ? user : new Recipient(phone, true);
    }

    /** Everything that webhooks tell of a user. */
    public synchronized Identity identity(Recipient user, String missingName) {
        Conversation conversation = conversations.get(user.key());
        if (conversation == null) {
            return new Identity(user, user.isPhone() ? null : user.key(), null, missingName, null);
        }
        return new Identity(user, user.isPhone() ? conversation.userId : user.key(), conversation.parentUserId,
                conversation.name == null ? missingName : conversation.name, conversation.username);
    }

    /** The user came by an advertisement: messages cost nothing for 72 h. */
    public synchronized void cameByAdvertisement(String user) {
        Conversation conversation = conversations.get(user);
        if (conversation != null) {
            conversation.freeUntil = now().plus(FREE_ENTRY);
        }
    }

    /** When messages to a user who came by an advertisement begin to cost, if that is still ahead. */
    public synchronized Optional<Instant> freeEntryUntil(String user) {
        return Optional.ofNullable(conversations.get(user)).map(conversation -> conversation.freeUntil)
                .filter(end -> end.isAfter(now()));
    }

    /** Counts a free-form message: how many there have been this month, with this one. */
    public synchronized int countService() {
        YearMonth current = YearMonth.from(now().atZone(ZoneOffset.UTC));
        services = current.equals(month) ? services + 1 : 1;
        month = current;
        return services;
    }

    /** The user spoke in a group. */
    public synchronized void spokeIn(String group, Recipient user) {
        groups.remove(group);
        groups.put(group, user);
        if (groups.size() > maxConversations) {
            groups.remove(groups.keySet().iterator().next());
        }
    }

    /** Who spoke last in a group; empty for a group nobody has spoken in. */
    public synchronized Optional<Recipient> speakerIn(String group) {
        return Optional.ofNullable(groups.get(group));
    }

    /**
     * Whether there surely is no message with this id. What gave way to newer messages, or was forgotten together with its
     * conversation, may have been one.
     *
     * @param user whom the message would be sent to
     */
    public synchronized boolean isNoMessage(String messageId, String user) {
        return complete && conversations.containsKey(user) && !entries.containsKey(messageId);
    }

    /** Whether the business sent this message. */
    public synchronized boolean isOfBusiness(String messageId) {
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
        // the id may have been said again since
        entries.remove(entry.id, entry);
        entry.conversation = null;
    }

    /** Notes how far a message came; one that is no longer remembered is passed over. */
    public synchronized void setStatus(String messageId, String status) {
        Entry entry = entries.get(messageId);
        if (entry != null) {
            entry.status = status;
            events.publish(entry);
        }
    }

    /**
     * Notes why a message failed; its status is set apart.
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

    /** The webhook took this message of a user; it may be read already. */
    public synchronized void markDelivered(String messageId) {
        Entry entry = entries.get(messageId);
        if (entry != null && !entry.status.equals("read")) {
            entry.status = "delivered";
            events.publish(entry);
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

    /** The name the user last gave. */
    public synchronized Optional<String> nameOf(String user) {
        return Optional.ofNullable(conversations.get(user)).map(conversation -> conversation.name);
    }

    /** The id of the last message this user sent. */
    public synchronized Optional<String> lastUserMessage(String user) {
        return last(user, "user").map(entry -> entry.id);
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

    /** Who wrote this message, or whom it was written to, as long as it is remembered. */
    public synchronized Optional<String> userOf(String messageId) {
        return Optional.ofNullable(entries.get(messageId)).map(entry -> entry.conversation.user);
    }

    /**
     * The conversation in the order it was held, as a list of
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
     * Everybody there is a conversation with, the latest first:
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
            events.publish(new Forgotten(user, null));
        }
    }

    private static final class Conversation {
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
            if (name != null) {
                json.put("name", name);
            }
            if (username != null) {
                json.put("username", username);
            }
            return json;
        }
    }

    private static final class FaultsChanged extends Events.Source {
        private final FaultPlan faults;

        FaultsChanged(FaultPlan faults) {
            this.faults = faults;
        }

        @Override
        public String event() {
            return "faults";
        }

        @Override
        public String user() {
            return EVERYBODY;
        }

        @Override
        public JsonNode data() {
            return faults.list();
        }
    }

    private static final class Forgotten extends Events.Source {
        private final String user;
        private final String knownAs;

        /** @param knownAs where what was said is now, or null */
        Forgotten(String user, String knownAs) {
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
        /** Set before the first event of it, and never changed. */
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
            // the parts are shared, not copied: nobody here changes them
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
            synchronized (SimulatorState.this) {
                return conversation == null ? null : conversation.person().set("message", toJson());
            }
        }

        /** The words of it, if it has any. */
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
