package io.github.waroutes.junit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.junit.ReceivedMessage.Offer;
import io.github.waroutes.simulator.GraphCall;
import io.github.waroutes.simulator.Simulator;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.opentest4j.AssertionFailedError;

/**
 * A person on WhatsApp who talks to the application. What they send arrives as a signed webhook, and a method that sends
 * returns when the webhook has answered 200; any other answer, four repetitions later, is an {@link AssertionError}. What
 * they receive is taken in order, each message once: {@code receives} looks at the next one only, {@code eventuallyReceives} passes
 * over others. An expectation waits as long as the patience of the simulator lets it, and then fails with the conversation so
 * far. Thread-safe.
 */
public final class SimulatedUser {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern PHONE = Pattern.compile("[0-9]{7,15}");
    private static final Pattern USER_ID = Pattern.compile("[A-Z]{2}\\.(ENT\\.)?[A-Za-z0-9]{1,128}");
    private static final Duration WEBHOOK_LIMIT = Duration.ofMinutes(2);
    private static final long POLL_MILLIS = 10;
    private static final long BUSY_MILLIS = 50;
    private static final int MAX_WORDS = 200;

    private final SimulatedWhatsApp whatsapp;
    private final Simulator simulator;
    private final Duration patience;
    private final SimulatedBusinessNumber number;
    private final String name;
    private final String id;
    private final Set<String> received = new HashSet<>();

    SimulatedUser(SimulatedWhatsApp whatsapp, Simulator simulator, Duration patience, SimulatedBusinessNumber number, String name,
            String id) {
        this.whatsapp = whatsapp;
        this.simulator = simulator;
        this.patience = patience;
        this.number = number;
        this.name = name;
        this.id = id;
    }

    static String keyOf(String phoneOrUserId) {
        String plain = phoneOrUserId.replaceAll("[+ ()-]", "");
        if (PHONE.matcher(plain).matches()) {
            return plain;
        }
        if (USER_ID.matcher(phoneOrUserId).matches()) {
            return phoneOrUserId;
        }
        throw new IllegalArgumentException("a user is a phone number (7 to 15 digits) or a business-scoped user id such as"
                + " US.13491208655302741918, but not: " + phoneOrUserId);
    }

    /** The name on WhatsApp. */
    public String name() {
        return name;
    }

    /** As it is in webhooks: digits of the phone number, or the business-scoped user id. */
    public String id() {
        return id;
    }

    /** Which number of the business this person writes to. */
    public SimulatedBusinessNumber number() {
        return number;
    }

    // --- what a user does

    /** Sends a text. */
    public UserMessage sends(String text) {
        return say("text", JSON.getNodeFactory().textNode(text));
    }

    /** Sends several texts that come in one webhook. */
    public List<UserMessage> sendsTogether(String... texts) {
        ObjectNode request = JSON.createObjectNode();
        ArrayNode batch = request.putArray("batch");
        for (String text : texts) {
            batch.addObject().put("text", text);
        }
        JsonNode answer = said(request);
        List<UserMessage> messages = new ArrayList<>();
        answer.path("message_ids").forEach(one -> messages.add(new UserMessage(one.asText())));
        return messages.isEmpty() ? List.of(new UserMessage(answer.path("message_id").asText())) : messages;
    }

    /** Sends a voice message that the simulated transcription understands as these words. */
    public UserMessage sendsVoice(String words) {
        return say("voice", JSON.getNodeFactory().textNode(words));
    }

    public UserMessage sendsImage() {
        return say("image", JSON.getNodeFactory().booleanNode(true));
    }

    public UserMessage sendsImage(String caption) {
        return say("image", JSON.createObjectNode().put("caption", caption));
    }

    public UserMessage sendsVideo() {
        return say("video", JSON.getNodeFactory().booleanNode(true));
    }

    public UserMessage sendsDocument(String filename) {
        return say("document", JSON.createObjectNode().put("filename", filename));
    }

    public UserMessage sendsSticker() {
        return say("sticker", JSON.getNodeFactory().booleanNode(true));
    }

    /** Degrees, north and east positive. */
    public UserMessage sendsLocation(double latitude, double longitude) {
        return say("location", JSON.createObjectNode().put("latitude", latitude).put("longitude", longitude));
    }

    /** Reacts to the last message of the business. */
    public UserMessage reacts(String emoji) {
        return say("reaction", JSON.createObjectNode().put("emoji", emoji));
    }

    /** Changes the words of the last own message. */
    public UserMessage edits(String text) {
        return say("edit", JSON.createObjectNode().put("text", text));
    }

    /** Deletes the last own message for everyone. */
    public UserMessage revokes() {
        return say("revoke", JSON.createObjectNode());
    }

    /**
     * Taps the button or list row of this title; where several messages offer one, that of the latest. It need not have been
     * received by an expectation before, but it must come within the patience.
     */
    public UserMessage taps(String title) {
        Offer offer = waitFor(() -> offer(title)).orElseThrow(() -> failure(
                "found no button or list row \"" + title + "\" to tap within " + seconds() + "; offered were " + offered(), null));
        // as raw, so that it refers to the message that offered it, which need not be the last one
        ObjectNode message = JSON.createObjectNode().put("type", "interactive");
        message.putObject("context").put("from", number.displayPhoneNumber()).put("id", offer.messageId());
        message.putObject("interactive").put("type", offer.type()).set(offer.type(), offer.reply());
        return say("raw", message);
    }

    /** Taps a quick-reply button of the last message, a template. */
    public UserMessage tapsQuickReply(String text, String payload) {
        return say("quick_reply", JSON.createObjectNode().put("payload", payload).put("text", text));
    }

    /**
     * Anything else a user can say.
     *
     * @param json as the control API takes it, such as {@code {"contacts":[{"name":{"formatted_name":"Sam"}}]}}
     */
    public UserMessage says(String json) {
        return new UserMessage(said(parsed(json)).path("message_id").asText());
    }

    /**
     * As {@link #says}, whatever the webhook answers.
     *
     * @return the HTTP status of its last answer; 0 when there was none
     */
    public int triesToSay(String json) {
        return post(parsed(json)).path("webhook_status").asInt();
    }

    private UserMessage say(String kind, JsonNode what) {
        ObjectNode request = JSON.createObjectNode();
        request.set(kind, what);
        return new UserMessage(said(request).path("message_id").asText());
    }

    private JsonNode said(ObjectNode request) {
        JsonNode answer = post(request);
        int status = answer.path("webhook_status").asInt();
        if (status != 200) {
            throw failure("could not send to the application: its webhook " + whatsapp.webhookUrl()
                    + (status == 0 ? " did not answer" : " answered HTTP " + status) + ", five times", null);
        }
        return answer;
    }

    private JsonNode post(ObjectNode request) {
        if (whatsapp.webhookUrl() == null) {
            throw new IllegalStateException("Nobody has said where the application's webhook is: call webhookPort(port) or"
                    + " webhookUrl(url) of SimulatedWhatsApp when the application has started, or set webhookUrl of @WhatsAppSimulator");
        }
        request.put("name", name);
        try {
            HttpResponse<byte[]> answer = sent(request);
            JsonNode json = JSON.readTree(answer.body());
            if (answer.statusCode() != 200 && answer.statusCode() != 502) {
                throw new IllegalArgumentException(json.path("error").asText("HTTP " + answer.statusCode()));
            }
            return json;
        } catch (IOException e) {
            throw new IllegalStateException("The simulator does not answer at " + simulator.url() + ": is it closed?", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while the webhook was waited for", e);
        }
    }

    /** Again for the patience when too many talk at once to a webhook on the simulator's own server. */
    private HttpResponse<byte[]> sent(ObjectNode request) throws IOException, InterruptedException {
        HttpRequest message = HttpRequest.newBuilder(URI.create(simulator.url() + "/simulator/users/" + id + "/messages?number=" + number.name()))
                .timeout(WEBHOOK_LIMIT).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(request))).build();
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            HttpResponse<byte[]> answer = whatsapp.http().send(message, HttpResponse.BodyHandlers.ofByteArray());
            if (answer.statusCode() != 503 || System.nanoTime() >= end) {
                return answer;
            }
            Thread.sleep(BUSY_MILLIS);
        }
    }

    private static ObjectNode parsed(String json) {
        try {
            if (JSON.readTree(json) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("This is no JSON: " + json, e);
        }
        throw new IllegalArgumentException("This is no JSON object: " + json);
    }

    // --- what a user expects

    /** The next message, whatever it is. */
    public ReceivedMessage receives() {
        return next("a message", null, message -> true);
    }

    /** The next message is a text, or another message with a body or caption, of exactly these words. */
    public ReceivedMessage receives(String text) {
        return next('"' + text + '"', text, message -> message.text().equals(text));
    }

    /** The next messages are of exactly these words, in this order. */
    public List<ReceivedMessage> receives(String first, String second, String... more) {
        List<ReceivedMessage> messages = new ArrayList<>(List.of(receives(first), receives(second)));
        for (String text : more) {
            messages.add(receives(text));
        }
        return messages;
    }

    /** The next message is as wanted. */
    public ReceivedMessage receives(Predicate<ReceivedMessage> wanted) {
        return next("a message that fits", null, wanted);
    }

    /** The words of the next message contain a match of this regular expression. */
    public ReceivedMessage receivesMatching(String regex) {
        Pattern pattern = Pattern.compile(regex);
        return next("words that match /" + regex + '/', null, message -> pattern.matcher(message.text()).find());
    }

    /** The next message is of this type: text, image, interactive, … */
    public ReceivedMessage receivesType(String type) {
        return next("a message of the type " + type, null, message -> message.type().equals(type));
    }

    /** The next message is this template. */
    public ReceivedMessage receivesTemplate(String template) {
        return next("the template " + template, null, message -> template.equals(message.template()));
    }

    /** A message of exactly these words comes, now or later; others before it are passed over. */
    public ReceivedMessage eventuallyReceives(String text) {
        return eventually('"' + text + '"', message -> message.text().equals(text));
    }

    /** A message as wanted comes, now or later; others before it are passed over. */
    public ReceivedMessage eventuallyReceives(Predicate<ReceivedMessage> wanted) {
        return eventually("a message that fits", wanted);
    }

    /** No further message comes for this long. */
    public void receivesNothingFor(Duration duration) {
        Optional<ReceivedMessage> one = waitFor(duration, () -> unreceived().stream().findFirst());
        if (one.isPresent()) {
            throw failure("expected no message for " + duration.toMillis() + " ms, but received " + one.get(), null);
        }
    }

    /** The application marks this message as read. */
    public void seesRead(UserMessage message) {
        waitFor(() -> entry(message).filter(entry -> "read".equals(entry.path("status").asText())))
                .orElseThrow(() -> failure("expected that their message is marked as read within " + seconds() + ", and it was not", null));
    }

    /** The application shows that it is typing, in answer to this message. */
    public void seesTyping(UserMessage message) {
        waitFor(() -> entry(message).filter(entry -> entry.path("typing").asBoolean()))
                .orElseThrow(() -> failure("expected the typing indicator within " + seconds() + ", and it was not shown", null));
    }

    /** Everything received so far, by an expectation or not, the oldest first. */
    public List<ReceivedMessage> inbox() {
        List<ReceivedMessage> inbox = new ArrayList<>();
        simulator.conversation(simulator.number(number.name()), id).forEach(entry -> {
            if ("business".equals(entry.path("from").asText())) {
                inbox.add(ReceivedMessage.of(entry));
            }
        });
        return inbox;
    }

    /** The conversation so far, a line a message, and what Graph refused; as assertions show it. */
    public String transcript() {
        StringBuilder text = new StringBuilder();
        int width = Math.max(name.length(), "business".length());
        for (JsonNode entry : simulator.conversation(simulator.number(number.name()), id)) {
            boolean business = "business".equals(entry.path("from").asText());
            text.append("  ").append(String.format("%-" + width + "s", business ? "business" : name)).append("  ")
                    .append(shortened(business ? ReceivedMessage.of(entry).toString() : words(entry)))
                    .append("  (").append(entry.path("status").asText()).append(")\n");
        }
        if (text.isEmpty()) {
            text.append("  nothing has been said\n");
        }
        List<GraphCall> refused = simulator.calls().stream()
                .filter(call -> call.isMessage() && !call.isSent() && isAboutThis(call)).toList();
        if (!refused.isEmpty()) {
            text.append("Not accepted by Graph:\n");
            refused.forEach(call -> text.append("  ").append(shortened(call.toString())).append('\n'));
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return name + " (" + id + ')';
    }

    synchronized void forget() {
        received.clear();
    }

    /** Whether the call is a message to this person, and not one of another number. */
    boolean isAboutThis(GraphCall call) {
        return call.user().filter(id::equals).isPresent()
                && simulator.numbers().stream().noneMatch(other -> !other.name().equals(number.name()) && call.isOf(other.phoneNumberId()));
    }

    private ReceivedMessage next(String expectation, String words, Predicate<ReceivedMessage> wanted) {
        // several threads may expect something; each message is for one of them
        return waitFor(() -> takeNext(expectation, words, wanted)).orElseThrow(() -> failure(
                "expected to receive " + expectation + ", but received nothing more within " + seconds(), null));
    }

    private synchronized Optional<ReceivedMessage> takeNext(String expectation, String words, Predicate<ReceivedMessage> wanted) {
        Optional<ReceivedMessage> next = unreceived().stream().findFirst();
        if (next.isPresent() && !wanted.test(next.get())) {
            String problem = "expected to receive " + expectation + ", but the next message is " + next.get();
            throw words == null ? failure(problem, null) : failure(problem, new String[] {words, next.get().text()});
        }
        next.ifPresent(message -> received.add(message.id()));
        return next;
    }

    private ReceivedMessage eventually(String expectation, Predicate<ReceivedMessage> wanted) {
        return waitFor(() -> takeFirst(wanted)).orElseThrow(() -> failure(
                "expected to receive " + expectation + " within " + seconds() + ", and did not", null));
    }

    private synchronized Optional<ReceivedMessage> takeFirst(Predicate<ReceivedMessage> wanted) {
        List<ReceivedMessage> passed = new ArrayList<>();
        for (ReceivedMessage message : unreceived()) {
            passed.add(message);
            if (wanted.test(message)) {
                passed.forEach(one -> received.add(one.id()));
                return Optional.of(message);
            }
        }
        return Optional.empty();
    }

    private synchronized List<ReceivedMessage> unreceived() {
        List<ReceivedMessage> inbox = inbox();
        // looked at after the inbox: a message counts when its call is over, so that the calls then show it as sent
        List<GraphCall> open = simulator.calls().stream()
                .filter(call -> call.status() == 0 && isAboutThis(call)).toList();
        return inbox.stream().filter(message -> !received.contains(message.id()))
                .takeWhile(message -> open.stream().allMatch(call -> call.at().isAfter(message.at()))).toList();
    }

    private Optional<JsonNode> entry(UserMessage message) {
        for (JsonNode entry : simulator.conversation(simulator.number(number.name()), id)) {
            if (message.id().equals(entry.path("id").asText())) {
                return Optional.of(entry);
            }
        }
        return Optional.empty();
    }

    private Optional<Offer> offer(String title) {
        List<ReceivedMessage> inbox = inbox();
        for (int latest = inbox.size() - 1; latest >= 0; latest--) {
            Optional<Offer> offer = inbox.get(latest).offer(title);
            if (offer.isPresent()) {
                return offer;
            }
        }
        return Optional.empty();
    }

    private List<String> offered() {
        return inbox().stream().flatMap(message -> message.choices().stream()).toList();
    }

    private static String words(JsonNode entry) {
        if (entry.path("text").isTextual()) {
            return '"' + entry.path("text").asText() + '"';
        }
        if (entry.path("voice").isTextual()) {
            return "[voice] \"" + entry.path("voice").asText() + '"';
        }
        List<String> titles = entry.findValuesAsText("title");
        return "[" + entry.path("type").asText() + "]" + (titles.isEmpty() ? "" : " \"" + titles.get(0) + '"');
    }

    private static String shortened(String text) {
        String line = text.replaceAll("\\s*\\R\\s*", " / ");
        return line.length() <= MAX_WORDS ? line : line.substring(0, MAX_WORDS) + "…";
    }

    /** @param words the expected and the actual words, for tools that show the difference, or null */
    private AssertionFailedError failure(String problem, String[] words) {
        String message = this + " " + problem + ".\nThe conversation so far:\n" + transcript();
        return words == null ? new AssertionFailedError(message) : new AssertionFailedError(message, words[0], words[1]);
    }

    private String seconds() {
        return patience.toMillis() % 1000 == 0 ? patience.toSeconds() + " s" : patience.toMillis() + " ms";
    }

    private <T> Optional<T> waitFor(Supplier<Optional<T>> what) {
        return waitFor(patience, what);
    }

    private static <T> Optional<T> waitFor(Duration limit, Supplier<Optional<T>> what) {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            // looked at before the clock, so that there is a last look after the limit
            boolean last = System.nanoTime() >= end;
            Optional<T> found = what.get();
            if (found.isPresent() || last) {
                return found;
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Interrupted while something was expected", e);
            }
        }
    }
}
