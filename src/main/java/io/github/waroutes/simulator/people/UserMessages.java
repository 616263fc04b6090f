package io.github.waroutes.simulator.people;

import static io.github.waroutes.simulator.common.ControlRequest.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.common.Ids;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.common.SimulatedNumber;
import io.github.waroutes.simulator.fault.FaultPlan;
import io.github.waroutes.simulator.fault.MagicRecipient;
import io.github.waroutes.simulator.media.MediaStore;
import io.github.waroutes.simulator.media.OggOpusVoice;
import io.github.waroutes.simulator.media.SampleFiles;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The messages that a user can send, as the message object of Meta's webhook. Source: WhatsApp Cloud API, "messages webhook reference".
 * Refusals are {@link Refusal}s, HTTP 400.
 */
public final class UserMessages {

    /** The keys of a request, one for each kind of message. */
    public static final List<String> KINDS = List.of("text", "voice", "button", "list", "quick_reply", "image", "video", "document",
            "sticker", "location", "contacts", "order", "reaction", "system", "edit", "revoke", "unsupported", "raw", "audio", "flow",
            "call_permission");

    /** Optional keys beside a message: what it answers, its source, and its group. */
    static final List<String> EXTRAS = List.of("reply_to", "forwarded", "referral", "product", "group_id");

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final Duration PERMISSION = Duration.ofDays(7);

    private final Conversations conversations;
    private final MediaStore files;
    private final Recipient user;
    private final SimulatedNumber number;
    private final String publicUrl;

    /**
     * @param number    the recipient
     * @param publicUrl the address media URLs start with
     */
    UserMessages(Conversations conversations, MediaStore files, Recipient user, SimulatedNumber number, String publicUrl) {
        this.conversations = conversations;
        this.files = files;
        this.user = user;
        this.number = number;
        this.publicUrl = publicUrl;
    }

    /**
     * One message.
     *
     * @param webhook    its {@code type}, the object under that name, context and errors if any
     * @param remembered its entry in the conversation
     */
    record Composed(ObjectNode webhook, ObjectNode remembered) {
    }

    /** Composes the message a request holds under exactly one of {@link #KINDS}, with {@link #EXTRAS} if there are any. */
    Composed compose(JsonNode request) {
        Composed composed = composeContent(request);
        extras(composed.webhook(), request);
        return composed;
    }

    private void extras(ObjectNode message, JsonNode request) {
        if (request.has("reply_to")) {
            String id = text(request, "reply_to", 1024);
            ObjectNode context = message.withObject("/context").put("id", id);
            if (conversations.isOfBusiness(id)) {
                context.put("from", number.display());
            } else if (user.isPhone()) {
                context.put("from", user.key());
            }
        }
        if (request.has("forwarded")) {
            String how = request.path("forwarded").asText();
            if (!List.of("true", "often").contains(how)) {
                throw bad("forwarded must be true, or \"often\" for more than five times");
            }
            message.withObject("/context").put(how.equals("true") ? "forwarded" : "frequently_forwarded", true);
        }
        if (request.has("product")) {
            JsonNode product = request.path("product");
            ObjectNode context = message.withObject("/context");
            if (!context.has("from")) {
                context.put("from", number.display()).put("id", conversations.lastBusinessMessage(user.key()).orElse(Ids.message()));
            }
            context.putObject("referred_product").put("catalog_id", text(product, "catalog_id", 64))
                    .put("product_retailer_id", text(product, "product_retailer_id", 100));
        }
        if (request.has("referral")) {
            JsonNode referral = request.path("referral");
            if (!referral.isObject() && !referral.asBoolean()) {
                throw bad("referral must be true, or the object of Meta's webhook");
            }
            message.set("referral", referral.isObject() ? referral : advertisement());
        }
        if (request.has("group_id")) {
            message.put("group_id", text(request, "group_id", 140));
        }
    }

    private static ObjectNode advertisement() {
        ObjectNode referral = JSON.objectNode().put("source_url", "https://fb.example.com/ads/120226305854810726")
                .put("source_id", "120226305854810726").put("source_type", "ad").put("headline", "Chat with us")
                .put("body", "Open all weekend").put("media_type", "image")
                .put("image_url", "https://example.com/shop.jpg").put("ctwa_clid", "simulated-click-0001");
        referral.putObject("welcome_message").put("text", "Hi there! How can we help?");
        return referral;
    }

    private Composed composeContent(JsonNode request) {
        List<String> kinds = KINDS.stream().filter(request::has).toList();
        if (kinds.size() != 1) {
            throw bad("Say exactly one of " + String.join(", ", KINDS));
        }
        String kind = kinds.get(0);
        JsonNode said = request.path(kind);
        ObjectNode message = JSON.objectNode();
        ObjectNode remembered = JSON.objectNode();
        switch (kind) {
            case "text" -> {
                String text = text(request, "text", 4096);
                message.put("type", "text").putObject("text").put("body", text);
                remembered.put("text", text);
                return new Composed(message, remembered);
            }
            case "voice" -> {
                String words = text(request, "voice", OggOpusVoice.MAX_WORDS);
                ObjectNode audio = media(OggOpusVoice.MIME_TYPE, OggOpusVoice.write(words, OggOpusVoice.lengthOf(words)))
                        .put("voice", true);
                files.find(audio.path("id").textValue())
                        .ifPresent(file -> files.metadata().note(file.id(), file.sha256(), null, words));
                message.put("type", "audio").set("audio", audio);
                remembered.put("voice", words).put("media_id", audio.path("id").textValue());
                return new Composed(message, remembered);
            }
            case "button" -> reply(message, "button_reply", JSON.objectNode().put("id", text(said, "id", 256))
                    .put("title", text(said, "title", 20)));
            case "list" -> {
                ObjectNode row = JSON.objectNode().put("id", text(said, "id", 200)).put("title", text(said, "title", 24));
                optional(said, row, "description", 72);
                reply(message, "list_reply", row);
            }
            case "quick_reply" -> {
                answering(message);
                message.put("type", "button").putObject("button").put("payload", text(said, "payload", 256))
                        .put("text", text(said, "text", 25));
            }
            case "flow" -> flow(message, said);
            case "call_permission" -> callPermission(message, said);
            case "audio" -> audio(message, said);
            case "image" -> file(message, kind, said, "image/png", SampleFiles.png());
            case "video" -> file(message, kind, said, "video/mp4", SampleFiles.mp4());
            case "document" -> file(message, kind, said, "application/pdf", SampleFiles.pdf());
            case "sticker" -> file(message, kind, said, "image/webp", SampleFiles.webp());
            case "location" -> location(message, said);
            case "contacts" -> contacts(message, said);
            case "order" -> order(message, said);
            case "reaction" -> {
                ObjectNode reaction = message.put("type", kind).putObject(kind).put("message_id",
                        target(said, "message_id", conversations.lastBusinessMessage(user.key())));
                // Meta leaves the key out when a reaction is taken back
                optional(said, reaction, "emoji", 64);
                remembered.set(kind, reaction);
                return new Composed(message, remembered);
            }
            case "system" -> {
                ObjectNode system = message.put("type", kind).putObject(kind);
                system.put("body", text(said, "body", 4096))
                        .put("type", said.has("type") ? text(said, "type", 64) : "user_changed_number");
                optional(said, system, "wa_id", 32);
                optional(said, system, "user_id", 140);
                optional(said, system, "parent_user_id", 140);
                optional(said, system, "previous_user_id", 140);
                optional(said, system, "previous_parent_user_id", 140);
            }
            case "edit" -> {
                String original = target(said, "original_message_id", conversations.lastUserMessage(user.key()));
                ObjectNode edited = message.put("type", kind).putObject(kind).put("original_message_id", original)
                        .putObject("message");
                edited.put("type", "text").putObject("text").put("body", text(said, "text", 4096));
                edited.putObject("context").put("id", original);
            }
            case "revoke" -> message.put("type", kind).putObject(kind).put("original_message_id",
                    target(said, "original_message_id", conversations.lastUserMessage(user.key())));
            case "unsupported" -> unsupported(message, said);
            default -> {
                if (!said.path("type").isTextual()) {
                    throw bad("raw must be a message object of Meta's webhook with a type; from, id and timestamp are added"
                            + " where they are missing");
                }
                message.setAll((ObjectNode) said.deepCopy());
            }
        }
        remembered.set(kind, said);
        return new Composed(message, remembered);
    }

    private void reply(ObjectNode message, String type, ObjectNode chosen) {
        answering(message);
        message.put("type", "interactive").putObject("interactive").put("type", type).set(type, chosen);
    }

    private void answering(ObjectNode message) {
        conversations.lastBusinessMessage(user.key())
                .ifPresent(last -> message.putObject("context").put("from", number.display()).put("id", last));
    }

    /** {@code true} or an object with caption and filename, where the kind has them; or the id of an uploaded file. */
    private void file(ObjectNode message, String kind, JsonNode said, String mimeType, byte[] sample) {
        if (!said.isObject() && !said.asBoolean()) {
            throw bad(kind + " must be true, or an object" + (kind.equals("sticker") ? "" : " with a caption"));
        }
        ObjectNode media = said.has("id") ? known(said, kind + ".id") : media(mimeType, sample);
        if (kind.equals("sticker")) {
            media.put("animated", false);
        } else {
            optional(said, media, "caption", 1024);
        }
        if (kind.equals("document")) {
            media.put("filename", said.has("filename") ? text(said, "filename", 240)
                    : files.metadata().filename(media.path("id").textValue()).orElse("document.pdf"));
        }
        message.put("type", kind).set(kind, media);
    }

    /** An audio file rather than a voice note, unless {@code voice} says otherwise; a sample, or one that was uploaded. */
    private void audio(ObjectNode message, JsonNode said) {
        if (!said.isObject() && !said.asBoolean()) {
            throw bad("audio must be true, or an object with id and voice if wanted");
        }
        ObjectNode media = said.has("id") ? known(said, "audio.id")
                : media(OggOpusVoice.MIME_TYPE, OggOpusVoice.write("la la la", OggOpusVoice.lengthOf("la la la")));
        message.put("type", "audio").set("audio", media.put("voice", said.path("voice").asBoolean(false)));
    }

    /** The answer to a Flow: {@code response_json} is JSON in a string, as Meta sends it; it may be given as an object. */
    private void flow(ObjectNode message, JsonNode said) {
        JsonNode response = said.path("response_json");
        if (!response.isObject() && !response.isTextual()) {
            throw bad("flow needs response_json, an object or JSON in a string");
        }
        ObjectNode reply = JSON.objectNode().put("name", said.has("name") ? text(said, "name", 64) : "flow")
                .put("body", said.has("body") ? text(said, "body", 1024) : "Sent")
                .put("response_json", response.isTextual() ? response.textValue() : response.toString());
        reply(message, "nfm_reply", reply);
    }

    private void callPermission(ObjectNode message, JsonNode said) {
        String response = text(said, "response", 16);
        if (!List.of("accept", "reject").contains(response)) {
            throw bad("call_permission.response must be accept or reject");
        }
        ObjectNode reply = JSON.objectNode().put("response", response)
                .put("response_source", said.has("response_source") ? text(said, "response_source", 32) : "user_action");
        if (said.path("is_permanent").asBoolean()) {
            reply.put("is_permanent", true);
        } else if (response.equals("accept")) {
            reply.put("expiration_timestamp", Instant.now().plus(PERMISSION).getEpochSecond());
        }
        reply(message, "call_permission_reply", reply);
    }

    private ObjectNode known(JsonNode said, String field) {
        return described(files.find(text(said, "id", 64)).orElseThrow(() -> bad(field + " is no media of this simulator")));
    }

    private void location(ObjectNode message, JsonNode said) {
        double latitude = said.path("latitude").asDouble(Double.NaN);
        double longitude = said.path("longitude").asDouble(Double.NaN);
        if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) {
            throw bad("location needs latitude, -90 to 90, and longitude, -180 to 180");
        }
        ObjectNode location = message.put("type", "location").putObject("location").put("latitude", latitude)
                .put("longitude", longitude);
        optional(said, location, "name", 1024);
        optional(said, location, "address", 1024);
    }

    private static void contacts(ObjectNode message, JsonNode said) {
        if (!said.isArray() || said.isEmpty()) {
            throw bad("contacts must be a list of contacts, such as [{\"name\":{\"formatted_name\":\"Kim\"}}]");
        }
        for (JsonNode contact : said) {
            text(contact.path("name"), "formatted_name", 1024);
        }
        message.put("type", "contacts").set("contacts", said);
    }

    private static void order(ObjectNode message, JsonNode said) {
        JsonNode items = said.path("product_items");
        if (!items.isArray() || items.isEmpty()) {
            throw bad("order needs product_items, a list of {\"product_retailer_id\",\"quantity\",\"item_price\",\"currency\"}");
        }
        ObjectNode order = message.put("type", "order").putObject("order").put("catalog_id", text(said, "catalog_id", 64));
        optional(said, order, "text", 4096);
        order.set("product_items", items);
    }

    private static void unsupported(ObjectNode message, JsonNode said) {
        int code = said.path("code").asInt(131051);
        ObjectNode error = message.put("type", "unsupported").putArray("errors").addObject().put("code", code);
        boolean unavailable = code == 131060;
        String title = unavailable ? "Message not available" : "Message type unknown";
        error.put("title", title).put("message", title).putObject("error_data")
                .put("details", unavailable ? "Message is not available." : "Message type is currently not supported.");
        message.putObject("unsupported").put("type", said.has("type") ? text(said, "type", 64) : "poll_creation");
    }

    private ObjectNode media(String mimeType, byte[] bytes) {
        return described(files.add(mimeType, bytes));
    }

    private ObjectNode described(MediaStore.Media media) {
        files.own(media.id(), number.accountId());
        MagicRecipient.of(user).filter(magic -> magic.kind().strikes(FaultPlan.Endpoint.MEDIA_DOWNLOAD) && magic.code() == null
                && !magic.kind().strikes(FaultPlan.Endpoint.MESSAGES)).ifPresent(magic -> files.spoil(media.id(), magic.kind()));
        return JSON.objectNode().put("mime_type", media.mimeType())
                .put("sha256", Base64.getEncoder().encodeToString(media.sha256())).put("id", media.id())
                .put("url", files.url(publicUrl, media.id()));
    }

    private static String target(JsonNode said, String field, Optional<String> last) {
        return said.has(field) ? text(said, field, 1024)
                : last.orElseThrow(() -> bad(field + " is missing, and there is no earlier message to take it from"));
    }

    private static void optional(JsonNode from, ObjectNode to, String field, int most) {
        if (from.has(field)) {
            to.put(field, text(from, field, most));
        }
    }

    private static Refusal bad(String message) {
        return Refusal.plain(400, message);
    }
}
