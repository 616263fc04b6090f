package io.github.waroutes.simulator.people;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.common.ControlRequest;
import io.github.waroutes.simulator.common.Ids;
import io.github.waroutes.simulator.common.Json;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.common.SimulatedNumber;
import io.github.waroutes.simulator.common.SimulatedNumbers;
import io.github.waroutes.simulator.fault.FaultPlan;
import io.github.waroutes.simulator.media.MediaStore;
import io.github.waroutes.simulator.webhook.Outcome;
import io.github.waroutes.simulator.webhook.WebhookPayloads;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Body;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;

/** The users: what they write, and how messages reach them. Refusals are {@link Refusal}s. */
public class Users {

    private static final int MAX_BATCH = 1000;
    /** The name of users without one. */
    public static final String DEFAULT_NAME = "Simulated user";
    private static final List<String> PERSONAL = List.of("name", "username", "user_id", "parent_user_id");

    private final Conversations all;
    private final Groups groups;
    private final MediaStore files;
    private final FaultPlan faults;
    private final WebhookPayloads payloads;
    private final SimulatedNumbers numbers;
    private String publicUrl;

    public Users(Conversations conversations, Groups groups, MediaStore files, FaultPlan faults, WebhookPayloads payloads,
            SimulatedNumbers numbers) {
        this.all = conversations;
        this.groups = groups;
        this.files = files;
        this.faults = faults;
        this.payloads = payloads;
        this.numbers = numbers;
    }

    /** The address media URLs start with, without a slash at its end. */
    public void setPublicUrl(String publicUrl) {
        this.publicUrl = publicUrl;
    }

    /**
     * Messages that a user sent.
     *
     * @param user       {@link Recipient#key}
     * @param messageIds the new messages' ids, in order
     * @param webhook    the webhook's body
     */
    public record Said(String user, List<String> messageIds, byte[] webhook) {
    }

    /**
     * Sends messages as this user.
     *
     * @param user a phone number or a business-scoped user id
     * @param body one of {@link UserMessages#KINDS}, or {@code {"batch":[…]}} of them for one webhook; and {@code "name"}
     *             and {@code "username"} if wanted
     */
    public Said say(@Header("user") String user, @Header("Content-Type") String contentType, @Body byte[] body,
            @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        Conversations conversations = all.of(number);
        Recipient person = conversations.known(person(user));
        if (conversations.isBlocked(person.key())) {
            throw Refusal.plain(409, "The business has blocked this user");
        }
        if (!Json.isJson(contentType)) {
            throw Refusal.plain(415, "Content-Type must be application/json");
        }
        JsonNode request = Json.object(body).orElseThrow(() -> bad("The body must be a JSON object"));
        List<JsonNode> parts = parts(request);

        String name = request.has("name") ? ControlRequest.text(request, "name", 128)
                : conversations.nameOf(person.key()).orElse(DEFAULT_NAME);
        String username = request.has("username") ? ControlRequest.text(request, "username", 35) : null;
        String userId = userId(request, "user_id", person.isPhone());
        String parentUserId = userId(request, "parent_user_id", true);
        Instant now = Instant.now();
        UserMessages messages = new UserMessages(conversations, files, person, number, publicUrl);
        List<UserMessages.Composed> composed = parts.stream().map(messages::compose).toList();
        conversations.identify(person.key(), userId, parentUserId, username);
        List<WebhookPayloads.Content> contents = new ArrayList<>();
        for (UserMessages.Composed message : composed) {
            // a raw message may have an id of its own, to repeat one
            String id = message.webhook().path("id").asText(Ids.message());
            WebhookPayloads.Content content = new WebhookPayloads.Content(id, message.webhook());
            contents.add(content);
            String type = message.webhook().path("type").textValue();
            EntryParts.addTo(message.remembered(), type, WebhookPayloads.message(conversations.identity(person, name), now, content), files);
            conversations.userSaid(person.key(), name, username, id, type, message.remembered());
            if (message.webhook().has("group_id")) {
                groups.of(number).spokeIn(message.webhook().path("group_id").asText(), person);
            }
            if (message.webhook().has("referral")) {
                conversations.cameByAdvertisement(person.key());
            }
        }
        List<String> ids = contents.stream().map(WebhookPayloads.Content::id).toList();
        faults.reorder(contents, person);
        return new Said(person.key(), ids, payloads.messages(number, conversations.identity(person, name), now, contents));
    }

    private static String userId(JsonNode request, String field, boolean allowed) {
        if (!request.has(field)) {
            return null;
        }
        String id = ControlRequest.text(request, field, 140);
        if (!allowed || Recipient.ofUserId(id).isEmpty()) {
            throw bad(field + " must be a business-scoped user id such as US.13491208655302741918, and user_id goes with a phone"
                    + " number in the path");
        }
        return id;
    }

    /**
     * One message to the first number, with an id of the caller's choice.
     *
     * @param request one of {@link UserMessages#KINDS}
     */
    public Said sayAs(Recipient person, String id, JsonNode request) {
        SimulatedNumber number = numbers.first();
        Conversations conversations = all.of(number);
        UserMessages.Composed message = new UserMessages(conversations, files, person, number, publicUrl).compose(request);
        conversations.userSaid(person.key(), DEFAULT_NAME, null, id, message.webhook().path("type").textValue(), message.remembered());
        return new Said(person.key(), List.of(id), payloads.messages(number, conversations.identity(person, DEFAULT_NAME), Instant.now(),
                List.of(new WebhookPayloads.Content(id, message.webhook()))));
    }

    private static List<JsonNode> parts(JsonNode request) {
        boolean isBatch = request.has("batch");
        List<JsonNode> parts = new ArrayList<>();
        if (isBatch) {
            request.path("batch").forEach(parts::add);
            if (parts.isEmpty() || parts.size() > MAX_BATCH || !parts.stream().allMatch(JsonNode::isObject)) {
                throw bad("batch must be a list of 1 to " + MAX_BATCH + " objects, each as one message is said");
            }
            onlyKeys(request, List.of("batch"));
        } else {
            parts.add(request);
        }
        List<String> keys = new ArrayList<>(UserMessages.KINDS);
        keys.addAll(UserMessages.EXTRAS);
        parts.forEach(part -> onlyKeys(part, keys));
        return parts;
    }

    private static void onlyKeys(JsonNode request, List<String> keys) {
        request.fieldNames().forEachRemaining(key -> {
            if (!keys.contains(key) && !PERSONAL.contains(key)) {
                throw bad("The body takes one of " + String.join(", ", UserMessages.KINDS) + " or batch, and with a message "
                        + String.join(", ", UserMessages.EXTRAS) + ", and " + String.join(", ", PERSONAL) + "; nothing else");
            }
        });
    }

    /** Records the webhook's response to a user's messages; {@code webhookStatus} is 0 when it did not answer. */
    public Outcome outcome(@ExchangeProperty("simulatorMessageIds") List<String> messageIds, @Body int webhookStatus,
            @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        Conversations conversations = all.of(number);
        boolean taken = webhookStatus == 200;
        for (String messageId : messageIds) {
            if (!taken) {
                conversations.setStatus(messageId, "undelivered");
            } else {
                conversations.markDelivered(messageId);
            }
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("message_id", messageIds.get(0));
        if (messageIds.size() > 1) {
            messageIds.forEach(json.putArray("message_ids")::add);
        }
        json.put("webhook_status", webhookStatus);
        if (!taken) {
            json.put("error", "The webhook did not answer 200: look at its log, and at whatsapp.simulator.webhook-url");
        }
        return new Outcome(taken ? 200 : 502, json.toString());
    }

    /** The conversation with this user, as {@link Conversations#conversation} describes it. */
    public String conversation(@Header("user") String user, @Header("number") String number) {
        Conversations conversations = all.of(numbers.named(number));
        return conversations.conversation(known(conversations, user)).toString();
    }

    /** Forgets the conversation with this user. */
    public String forget(@Header("user") String user, @Header("number") String number) {
        Conversations conversations = all.of(numbers.named(number));
        conversations.forget(known(conversations, user));
        return "{\"success\":true}";
    }

    private static String known(Conversations conversations, String user) {
        return conversations.known(person(user)).key();
    }

    private static Recipient person(String user) {
        return Optional.ofNullable(user).flatMap(Recipient::of).orElseThrow(() -> bad("The user in the path must be a"
                + " phone number (7 to 15 digits) or a business-scoped user id such as US.13491208655302741918"));
    }

    private static Refusal bad(String message) {
        return Refusal.plain(400, message);
    }
}
