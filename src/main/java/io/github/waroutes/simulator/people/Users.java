package io.github.waroutes.simulator.people;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.cloud.Account;
import io.github.waroutes.simulator.fault.FaultPlan;
import io.github.waroutes.simulator.cloud.GraphErrors;
import io.github.waroutes.simulator.common.Ids;
import io.github.waroutes.simulator.common.Json;
import io.github.waroutes.simulator.fault.MagicRecipient;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.webhook.SentMessage;
import io.github.waroutes.simulator.SimulatorState;
import io.github.waroutes.simulator.cloud.StatusLadder;
import io.github.waroutes.simulator.webhook.WebhookPayloads;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Body;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;
import org.apache.camel.spi.Registry;

/** The people at the other end: what they say, and how messages reach them. Refusals are {@link Refusal}s. */
public class Users {

    private static final int MAX_BATCH = 1000;
    private static final String DEFAULT_NAME = "Simulated user";
    private static final List<String> PERSONAL = List.of("name", "username", "user_id", "parent_user_id");

    private final GraphErrors errors = new GraphErrors();
    private String accountId;
    private String phoneNumberId;
    private String displayPhoneNumber;
    private String publicUrl;

    /** The WhatsApp Business Account in the webhooks. */
    public void setAccountId(String accountId) {
        this.accountId = accountId;
    }

    /** The business phone number's id in the webhooks. */
    public void setPhoneNumberId(String phoneNumberId) {
        this.phoneNumberId = phoneNumberId;
    }

    /** The business phone number in the webhooks, digits only. */
    public void setDisplayPhoneNumber(String displayPhoneNumber) {
        this.displayPhoneNumber = displayPhoneNumber;
    }

    /** The address media URLs start with, without a slash at its end. */
    public void setPublicUrl(String publicUrl) {
        this.publicUrl = publicUrl;
    }

    /**
     * Something a user said.
     *
     * @param user       {@link Recipient#key}
     * @param messageIds the new messages' ids, in the order they were said
     * @param webhook    the webhook's body
     */
    public record Said(String user, List<String> messageIds, byte[] webhook) {
    }

    /**
     * The answer about something a user said.
     *
     * @param httpStatus 200, or 502 when the webhook took it not
     * @param json       {@code {"message_id","message_ids"?,"webhook_status","error"?}}; webhook_status is 0 when nothing
     *                   answered, message_ids is there for a batch
     */
    public record Outcome(int httpStatus, String json) {
    }

    /**
     * Says something as this user.
     *
     * @param user a phone number or a business-scoped user id
     * @param body one of {@link UserMessages#KINDS}, or {@code {"batch":[…]}} of them for one webhook; and {@code "name"}
     *             and {@code "username"} if wanted
     */
    public Said say(@Header("user") String user, @Header("Content-Type") String contentType, @Body byte[] body,
            Registry registry) {
        Recipient person = SimulatorState.in(registry).known(person(user));
        if (!Json.isJson(contentType)) {
            throw Refusal.plain(415, "Content-Type must be application/json");
        }
        JsonNode request = Json.object(body).orElseThrow(() -> bad("The body must be a JSON object"));
        List<JsonNode> parts = parts(request);

        SimulatorState state = SimulatorState.in(registry);
        String name = request.has("name") ? UserMessages.text(request, "name", 128)
                : state.nameOf(person.key()).orElse(DEFAULT_NAME);
        String username = request.has("username") ? UserMessages.text(request, "username", 35) : null;
        String userId = userId(request, "user_id", person.isPhone());
        String parentUserId = userId(request, "parent_user_id", true);
        Instant now = state.now();
        UserMessages messages = new UserMessages(state, person, displayPhoneNumber, publicUrl);
        List<UserMessages.Composed> composed = parts.stream().map(messages::compose).toList();
        state.identify(person.key(), userId, parentUserId, username);
        List<WebhookPayloads.Content> contents = new ArrayList<>();
        for (UserMessages.Composed message : composed) {
            // a raw message may bring its own id, for a repetition
            String id = message.webhook().path("id").asText(Ids.message());
            WebhookPayloads.Content content = new WebhookPayloads.Content(id, message.webhook());
            contents.add(content);
            String type = message.webhook().path("type").textValue();
            EntryParts.addTo(message.remembered(), type, WebhookPayloads.message(state.identity(person, name), now, content), state);
            state.userSaid(person.key(), name, username, id, type, message.remembered());
            if (message.webhook().has("group_id")) {
                state.spokeIn(message.webhook().path("group_id").asText(), person);
            }
            if (message.webhook().has("referral")) {
                state.cameByAdvertisement(person.key());
            }
        }
        List<String> ids = contents.stream().map(WebhookPayloads.Content::id).toList();
        reorder(contents, person, state);
        return new Said(person.key(), ids, payloads().messages(state.identity(person, name), now, contents));
    }

    private static String userId(JsonNode request, String field, boolean allowed) {
        if (!request.has(field)) {
            return null;
        }
        String id = UserMessages.text(request, field, 140);
        if (!allowed || Recipient.ofUserId(id).isEmpty()) {
            throw bad(field + " must be a business-scoped user id such as US.13491208655302741918, and user_id goes with a phone"
                    + " number in the path");
        }
        return id;
    }

    /**
     * One message with an id of the caller's choice.
     *
     * @param request one of {@link UserMessages#KINDS}
     */
    public Said sayAs(Recipient person, String id, JsonNode request, SimulatorState state) {
        UserMessages.Composed message = new UserMessages(state, person, displayPhoneNumber, publicUrl).compose(request);
        state.userSaid(person.key(), DEFAULT_NAME, null, id, message.webhook().path("type").textValue(), message.remembered());
        return new Said(person.key(), List.of(id), payloads().messages(state.identity(person, DEFAULT_NAME), state.now(),
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

    /** Notes how the webhook took what a user said; {@code webhookStatus} is 0 when it did not answer at all. */
    public Outcome outcome(@ExchangeProperty("simulatorMessageIds") List<String> messageIds, @Body int webhookStatus,
            Registry registry) {
        boolean taken = webhookStatus == 200;
        SimulatorState state = SimulatorState.in(registry);
        for (String messageId : messageIds) {
            if (!taken) {
                state.setStatus(messageId, "undelivered");
            } else {
                state.markDelivered(messageId);
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

    /** The conversation with this user, as {@link SimulatorState#conversation} describes it. */
    public String conversation(@Header("user") String user, Registry registry) {
        return SimulatorState.in(registry).conversation(known(user, registry)).toString();
    }

    /** Forgets the conversation with this user. */
    public void forget(@Header("user") String user, Registry registry) {
        SimulatorState.in(registry).forget(known(user, registry));
    }

    /**
     * The webhook that tells how far a message of the business came.
     *
     * @param status   sent, delivered, read, played or failed
     * @param statuses all the statuses it gets
     */
    public byte[] status(@ExchangeProperty("simulatorMessage") SentMessage message, @Body String status,
            @ExchangeProperty(StatusLadder.STATUSES) List<String> statuses, Registry registry) {
        SimulatorState state = SimulatorState.in(registry);
        state.setStatus(message.id(), status);
        if (message.failure() != null) {
            JsonNode error = errors.ofStatus(message.failure()).path(0);
            state.setError(message.id(), JsonNodeFactory.instance.objectNode().put("code", message.failure())
                    .put("title", error.path("title").asText()));
        }
        // the price is told with sent, and with one of delivered and read
        boolean priced = status.equals("sent") || status.equals("delivered")
                || status.equals("read") && !statuses.contains("delivered");
        return payloads().status(message, state.identity(message.user(), DEFAULT_NAME), state.now(), status, priced,
                message.failure() == null ? null : errors.ofStatus(message.failure()));
    }

    /** Mixes what has an order, if that was asked for; never into the order it had. */
    public static <T> void reorder(List<T> ordered, Recipient user, SimulatorState state) {
        if (ordered.size() < 2) {
            return;
        }
        state.faults().take(FaultPlan.Endpoint.WEBHOOK, user.key(), kind -> kind == FaultPlan.Kind.REORDERED_WEBHOOKS)
                .or(() -> MagicRecipient.of(user).filter(magic -> magic.kind() == FaultPlan.Kind.REORDERED_WEBHOOKS)
                        .map(MagicRecipient::due))
                .ifPresent(due -> {
                    for (int last = ordered.size() - 1; last > 0; last--) {
                        // Sattolo's algorithm: one cycle, so nothing stays where it was
                        Collections.swap(ordered, last, due.random().nextInt(last));
                    }
                });
    }

    private WebhookPayloads payloads() {
        return new WebhookPayloads(accountId, phoneNumberId, displayPhoneNumber);
    }

    private static String known(String user, Registry registry) {
        return SimulatorState.in(registry).known(person(user)).key();
    }

    private static Recipient person(String user) {
        return Optional.ofNullable(user).flatMap(Recipient::of).orElseThrow(() -> bad("The user in the path must be a"
                + " phone number (7 to 15 digits) or a business-scoped user id such as US.13491208655302741918"));
    }

    private static Refusal bad(String message) {
        return Refusal.plain(400, message);
    }
}
