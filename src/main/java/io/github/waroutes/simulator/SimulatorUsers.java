package io.github.waroutes.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.camel.Body;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;
import org.apache.camel.spi.Registry;

/** The people at the other end: what they say, and how messages reach them. Refusals are {@link SimulatorFault}s. */
public class SimulatorUsers {

    private static final List<String> KINDS = List.of("text", "voice", "button");
    private static final Set<String> KEYS = Set.of("text", "voice", "button", "name");
    private static final String DEFAULT_NAME = "Simulated user";

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
     * @param messageId the new message's id
     * @param webhook   the webhook's body
     */
    public record Said(String messageId, byte[] webhook) {
    }

    /**
     * The answer about something a user said.
     *
     * @param httpStatus 200, or 502 when the webhook took it not
     * @param json       {@code {"message_id","webhook_status","error"?}}; webhook_status is 0 when nothing answered
     */
    public record Outcome(int httpStatus, String json) {
    }

    /**
     * Says something as this user.
     *
     * @param user a phone number or a business-scoped user id
     * @param body {@code {"text":"…"}}, {@code {"voice":"…"}} or {@code {"button":{"id","title"}}}; and {@code "name"} if wanted
     */
    public Said say(@Header("user") String user, @Header("Content-Type") String contentType, @Body byte[] body,
            Registry registry) {
        Recipient person = person(user);
        if (!Json.isJson(contentType)) {
            throw SimulatorFault.plain(415, "Content-Type must be application/json");
        }
        JsonNode request = Json.object(body).orElseThrow(() -> bad("The body must be a JSON object"));
        request.fieldNames().forEachRemaining(key -> {
            if (!KEYS.contains(key)) {
                throw bad("The body takes text, voice or button, and name; nothing else");
            }
        });
        List<String> kinds = KINDS.stream().filter(request::has).toList();
        if (kinds.size() != 1) {
            throw bad("Say exactly one of text, voice and button");
        }

        SimulatorState state = SimulatorState.in(registry);
        String name = request.has("name") ? text(request, "name", 128) : state.nameOf(person.key()).orElse(DEFAULT_NAME);
        String id = SimulatorIds.message();
        Instant now = state.now();
        ObjectNode message = JsonNodeFactory.instance.objectNode();
        ObjectNode remembered = JsonNodeFactory.instance.objectNode();
        switch (kinds.get(0)) {
            case "text" -> {
                String text = text(request, "text", 4096);
                message.put("type", "text").putObject("text").put("body", text);
                remembered.put("text", text);
            }
            case "voice" -> {
                String words = text(request, "voice", OggOpusVoice.MAX_WORDS);
                message.put("type", "audio").set("audio", voiceNote(words, state));
                remembered.put("voice", words).put("media_id", message.path("audio").path("id").textValue());
            }
            default -> {
                ObjectNode button = JsonNodeFactory.instance.objectNode()
                        .put("id", text(request.path("button"), "id", 256))
                        .put("title", text(request.path("button"), "title", 20));
                state.lastBusinessMessage(person.key()).ifPresent(last -> message.putObject("context")
                        .put("from", displayPhoneNumber).put("id", last));
                message.put("type", "interactive").putObject("interactive").put("type", "button_reply")
                        .set("button_reply", button);
                remembered.set("button", button);
            }
        }
        state.userSaid(person.key(), name, id, message.path("type").textValue(), remembered);
        return new Said(id, payloads().message(person, name, id, now, message));
    }

    /** Notes how the webhook took what a user said; {@code webhookStatus} is 0 when it did not answer at all. */
    public Outcome outcome(@ExchangeProperty("simulatorMessageId") String messageId, @Body int webhookStatus,
            Registry registry) {
        boolean taken = webhookStatus == 200;
        SimulatorState state = SimulatorState.in(registry);
        if (!taken) {
            state.setStatus(messageId, "undelivered");
        } else {
            state.markDelivered(messageId);
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("message_id", messageId)
                .put("webhook_status", webhookStatus);
        if (!taken) {
            json.put("error", "The webhook did not answer 200: look at its log, and at whatsapp.simulator.webhook-url");
        }
        return new Outcome(taken ? 200 : 502, json.toString());
    }

    /** The conversation with this user, as {@link SimulatorState#conversation} describes it. */
    public String conversation(@Header("user") String user, Registry registry) {
        return SimulatorState.in(registry).conversation(person(user).key()).toString();
    }

    /** Forgets the conversation with this user. */
    public void forget(@Header("user") String user, Registry registry) {
        SimulatorState.in(registry).forget(person(user).key());
    }

    /**
     * The webhook that tells how far a message of the business came.
     *
     * @param status sent, delivered or read
     */
    public byte[] status(@ExchangeProperty("simulatorMessage") SentMessage message, @Body String status,
            Registry registry) {
        SimulatorState state = SimulatorState.in(registry);
        state.setStatus(message.id(), status);
        String name = state.nameOf(message.user().key()).orElse(DEFAULT_NAME);
        return payloads().status(message.user(), name, message.id(), state.now(), status, message.template(),
                message.callbackData());
    }

    private ObjectNode voiceNote(String words, SimulatorState state) {
        SimulatorState.Media media = state.addMedia(OggOpusVoice.MIME_TYPE,
                OggOpusVoice.write(words, OggOpusVoice.lengthOf(words)));
        return JsonNodeFactory.instance.objectNode().put("mime_type", media.mimeType())
                .put("sha256", Base64.getEncoder().encodeToString(media.sha256())).put("id", media.id())
                .put("url", SimulatorGraph.mediaUrl(publicUrl, state, media.id())).put("voice", true);
    }

    private WebhookPayloads payloads() {
        return new WebhookPayloads(accountId, phoneNumberId, displayPhoneNumber);
    }

    private static Recipient person(String user) {
        return Optional.ofNullable(user).flatMap(Recipient::of).orElseThrow(() -> bad("The user in the path must be a"
                + " phone number (7 to 15 digits) or a business-scoped user id such as US.13491208655302741918"));
    }

    private static String text(JsonNode parent, String field, int most) {
        String text = parent.path(field).textValue();
        if (text == null || text.isBlank() || text.codePointCount(0, text.length()) > most) {
            throw bad(field + " must be a string of 1 to " + most + " characters");
        }
        return text;
    }

    private static SimulatorFault bad(String message) {
        return SimulatorFault.plain(400, message);
    }
}
