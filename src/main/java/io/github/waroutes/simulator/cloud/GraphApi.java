package io.github.waroutes.simulator.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.message.PlainForm;
import io.github.waroutes.simulator.people.EntryParts;
import io.github.waroutes.simulator.common.Ids;
import io.github.waroutes.simulator.media.MediaTypes;
import io.github.waroutes.simulator.common.Parameters;
import io.github.waroutes.simulator.webhook.Price;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.webhook.SentMessage;
import io.github.waroutes.simulator.SimulatorFaults;
import io.github.waroutes.simulator.SimulatorState;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;
import org.apache.camel.spi.Registry;

/** What the Cloud API itself answers: messages and media. Refusals are {@link Refusal}s. */
public class GraphApi {

    private static final String SUCCESS = "{\"success\":true}";

    private final GraphErrors errors = new GraphErrors();
    private final OutboundRules rules = new OutboundRules();
    private String accessToken;
    private String publicUrl;
    private String templates = "";
    private String phoneNumberId;
    private String displayPhoneNumber = "";
    private boolean limits;
    private int messagesPerSecond = 80;
    private int tier = 250;
    private Window window = Window.OFF;

    /** What becomes of a free-form message to a user who has not written within 24 h. */
    private enum Window { OFF, ASYNC, REFUSE }

    /** The only business phone number the simulator has. */
    public void setPhoneNumberId(String phoneNumberId) {
        this.phoneNumberId = phoneNumberId;
    }

    /** The only token it takes. */
    public void setAccessToken(String accessToken) {
        if (accessToken.isBlank()) {
            throw new IllegalArgumentException("Set whatsapp.access-token: the simulator asks for it");
        }
        this.accessToken = accessToken;
    }

    /** The address media URLs start with, without a slash at its end. */
    public void setPublicUrl(String publicUrl) {
        this.publicUrl = publicUrl;
    }

    /** The approved templates: {@code name:language}, separated by commas. */
    public void setTemplates(String templates) {
        this.templates = templates;
    }

    /** The business phone number, digits only. */
    public void setDisplayPhoneNumber(String displayPhoneNumber) {
        this.displayPhoneNumber = displayPhoneNumber;
    }

    /** Whether Meta's limits hold here too. */
    public void setLimits(boolean limits) {
        this.limits = limits;
    }

    /** The number's throughput, when limits hold. */
    public void setMessagesPerSecond(int messagesPerSecond) {
        this.messagesPerSecond = messagesPerSecond;
    }

    /** How many users the business may write to first within 24 h, when limits hold. */
    public void setTier(int tier) {
        this.tier = tier;
    }

    /**
     * The 24 h customer service window: {@code off} takes everything, {@code async} takes a free-form message outside it and lets it
     * fail with 131047, as Meta mostly does, {@code refuse} answers 131047 at once.
     */
    public void setWindow(String window) {
        for (Window one : Window.values()) {
            if (one.name().equalsIgnoreCase(window.strip())) {
                this.window = one;
                return;
            }
        }
        throw new IllegalArgumentException("whatsapp.simulator.window is \"" + window + "\". Set off, async or refuse.");
    }

    /**
     * The answer to an accepted request.
     *
     * @param answer  the JSON to answer with
     * @param message the message that is now on its way; null when the request marked one as read
     */
    public record Accepted(String answer, SentMessage message) {
    }

    /**
     * Graph takes the token as a header or as a parameter.
     *
     * @throws Refusal code 190, HTTP 401; code 2500 when the owner of no token is asked for
     */
    public void authorize(@Header("Authorization") String authorization, @Header("access_token") String parameter,
            @Header(Exchange.HTTP_PATH) String path) {
        if (authorization == null && parameter == null && path != null && path.startsWith("/graph/") && path.endsWith("/me")) {
            throw Refusal.noToken();
        }
        String given = authorization == null ? "Bearer " + parameter : authorization;
        if (!SimulatorState.sameSecret("Bearer " + accessToken, given)) {
            throw Refusal.badToken();
        }
    }

    /** {@code POST /{phone_number_id}/messages}: a message, or a read mark. */
    public Accepted send(@Header("Content-Type") String contentType, @Body byte[] body,
            @ExchangeProperty(SimulatorFaults.FAILURE) Integer failure, Registry registry) {
        JsonNode request = envelope(contentType, body);
        SimulatorState state = SimulatorState.in(registry);
        return OutboundRules.isReadMark(request) ? markRead(request, state) : accept(request, failure, false, state);
    }

    /** {@code POST /{phone_number_id}/marketing_messages}: a template of the category MARKETING. */
    public Accepted market(@Header("Content-Type") String contentType, @Body byte[] body,
            @ExchangeProperty(SimulatorFaults.FAILURE) Integer failure, Registry registry) {
        JsonNode request = envelope(contentType, body);
        if (!"template".equals(request.path("type").textValue())) {
            throw Refusal.graph(400, 131055, null, "(#131055) Method not allowed",
                    "type must be \"template\": marketing_messages takes nothing else");
        }
        return accept(request, failure, true, SimulatorState.in(registry));
    }

    /**
     * {@code GET /{id}}: where to download a file for 5 minutes, or a template.
     *
     * @param number the number the file must belong to, or null
     */
    public String describe(@Header("id") String id, @Header("phone_number_id") String number, Registry registry) {
        SimulatorState state = SimulatorState.in(registry);
        Optional<SimulatorState.Media> found = state.media(id);
        if (found.isEmpty()) {
            return state.templates(templates).find(id).orElseThrow(() -> Refusal.unsupported("GET", shown(id))).toString();
        }
        requireOwner("GET", id, number);
        SimulatorState.Media media = found.get();
        return JsonNodeFactory.instance.objectNode()
                .put("url", mediaUrl(publicUrl, state, id)).put("mime_type", media.mimeType())
                .put("sha256", HexFormat.of().formatHex(media.sha256())).put("file_size", media.size())
                .put("id", id).put("messaging_product", "whatsapp").toString();
    }

    /** {@code DELETE /{id}}: a file. */
    public String delete(@Header("id") String id, @Header("phone_number_id") String number, Registry registry) {
        requireOwner("DELETE", id, number);
        if (!SimulatorState.in(registry).deleteMedia(id)) {
            throw Refusal.unsupported("DELETE", shown(id));
        }
        return SUCCESS;
    }

    private void requireOwner(String method, String id, String number) {
        if (number != null && !number.equals(phoneNumberId)) {
            throw Refusal.unsupported(method, shown(id));
        }
    }

    private static String shown(String id) {
        return id.length() > 100 ? id.substring(0, 100) : id;
    }

    /**
     * The file behind a media URL.
     *
     * @param wrongHash whether the bytes shall not fit their hash
     * @throws Refusal 404 when the URL is older than 5 minutes or was never handed out
     */
    public Download download(@Header("mediaId") String id, @Header("token") String token,
            @ExchangeProperty(SimulatorFaults.WRONG_HASH) Boolean wrongHash, Registry registry) throws IOException {
        SimulatorState state = SimulatorState.in(registry);
        if (token == null || !state.isMediaToken(id, token)) {
            throw Refusal.expiredUrl();
        }
        SimulatorState.Media media = state.media(id)
                .orElseThrow(() -> Refusal.plain(404, "The simulator no longer has this file"));
        return new Download(media.mimeType(), Boolean.TRUE.equals(wrongHash) ? media.spoilt() : media.content());
    }

    /**
     * A file on its way.
     *
     * @param content bytes or a stream
     */
    public record Download(String mimeType, Object content) {
    }

    private static JsonNode envelope(String contentType, byte[] body) {
        JsonNode request = PlainForm.withoutNulls(Parameters.object(contentType, body));
        OutboundRules.checkEnvelope(request);
        return request;
    }

    public static String mediaUrl(String publicUrl, SimulatorState state, String id) {
        return publicUrl + "/simulator/media/" + id + "?token=" + state.mediaToken(id);
    }

    private static Accepted markRead(JsonNode request, SimulatorState state) {
        OutboundRules.checkReadMark(request);
        if (!state.markRead(request.path("message_id").asText(), request.has("typing_indicator"))) {
            throw Refusal.invalidParameter("message_id is no message a user of this simulator sent");
        }
        return new Accepted(SUCCESS, null);
    }

    private Accepted accept(JsonNode request, Integer asked, boolean marketing, SimulatorState state) {
        boolean toGroup = OutboundRules.isToGroup(request);
        Recipient given = toGroup ? speaker(request, state) : OutboundRules.recipientOf(request);
        Recipient user = state.known(given);
        rules.checkMessage(request);
        Optional<Integer> spoilt = OutboundRules.checkMedia(request, id -> state.media(id).map(media -> MediaTypes.seen(media.mimeType(), state.notes().filename(id).orElse(null))));
        if (user.isPhone() && user.key().equals(displayPhoneNumber)) {
            throw Refusal.graph(400, 131021, null, "(#131021) Recipient cannot be sender",
                    "to must be another number than the business's own");
        }
        for (String pointer : List.of("/reaction/message_id", "/context/message_id")) {
            String about = request.at(pointer).textValue();
            if (about != null && state.isNoMessage(about, user.key())) {
                throw Refusal.wrongValue(pointer.substring(1).replace('/', '.')
                        + " is no message of this simulator");
            }
        }
        String type = OutboundRules.typeOf(request);
        JsonNode template = type.equals("template") ? template(request, given, marketing, state) : null;
        boolean open = state.isWindowOpen(user.key());
        String direct = OutboundRules.directCategory(request);
        if ("authentication".equals(direct) && !given.isPhone()) {
            throw phonesOnly("messages of the category authentication go to a phone number, in to, only");
        }
        boolean outside = window != Window.OFF && template == null && direct == null && !open && !toGroup;
        if (outside && window == Window.REFUSE) {
            throw errors.refusal(131047);
        }
        if (limits) {
            state.limits().refuse(user.key(), !open, messagesPerSecond, tier).ifPresent(code -> {
                throw errors.refusal(code);
            });
        }

        String id = Ids.message();
        ObjectNode content = JsonNodeFactory.instance.objectNode();
        content.set(type, type.equals("text") ? request.path("text").path("body") : request.path(type));
        EntryParts.addTo(content, type, (ObjectNode) request, state);
        if (template != null) {
            content.set("rendered", TemplateText.render(template.path("components"), request.path("template"), state));
        }
        int nth = state.businessSaid(user.key(), id, type, content);
        String group = toGroup ? OutboundRules.inputOf(request) : null;
        Integer failure = asked != null ? asked : spoilt.orElse(outside ? Integer.valueOf(131047) : null);
        state.tellAccepted(user, request, failure);
        return new Accepted(answer(request, given, id, group, template, state), new SentMessage(user, id,
                price(template, direct, marketing, user, state), request.path("biz_opaque_callback_data").textValue(), failure,
                request.at("/audio/voice").asBoolean(), group, nth));
    }

    private static Recipient speaker(JsonNode request, SimulatorState state) {
        return state.speakerIn(OutboundRules.inputOf(request)).orElseThrow(() -> Refusal.invalidParameter(
                "to must be the id of a group that somebody has spoken in: say something with group_id first"));
    }

    private JsonNode template(JsonNode request, Recipient given, boolean marketing, SimulatorState state) {
        JsonNode template = state.templates(templates).sendable(request.at("/template/name").asText(),
                request.at("/template/language/code").asText());
        String category = template.path("category").asText();
        if (marketing && !category.equals("MARKETING")) {
            throw Refusal.graph(400, 134100, null, "(#134100) Only marketing messages supported",
                    "marketing_messages takes templates of the category MARKETING");
        }
        if (!given.isPhone() && (category.equals("AUTHENTICATION") || template.has("bid_spec"))) {
            throw phonesOnly("authentication templates, and marketing templates with bid_spec, go to a phone number, in to, only");
        }
        TemplateParameters.check(template, request.at("/template/components"));
        return template;
    }

    private static Refusal phonesOnly(String details) {
        return Refusal.graph(400, 131062, null,
                "(#131062) Business-scoped User ID (BSUID) recipients are not supported for this message", details);
    }

    private static String answer(JsonNode request, Recipient given, String id, String group, JsonNode template,
            SimulatorState state) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode().put("messaging_product", "whatsapp");
        ObjectNode contact = answer.putArray("contacts").addObject().put("input", OutboundRules.inputOf(request));
        ObjectNode message = answer.putArray("messages").addObject().put("id", id);
        if (group != null) {
            contact.put("wa_id", group);
            message.put("group_id", group);
        } else {
            given.putInto(contact, "wa_id", "user_id");
            String userId = state.identity(given, "").userId();
            if (given.isPhone() && userId != null) {
                contact.put("user_id", userId);
            }
        }
        if (template != null) {
            message.put("message_status", template.path(Templates.PACING).asBoolean()
                    ? "held_for_quality_assessment" : "accepted");
        }
        return answer.toString();
    }

    private static Price price(JsonNode template, String direct, boolean marketing, Recipient user, SimulatorState state) {
        String category = direct != null ? direct : template == null ? Price.SERVICE
                : marketing ? "marketing_lite" : template.path("category").asText().toLowerCase(Locale.ROOT);
        return Price.of(category, category.equals(Price.SERVICE) ? state.countService() : 0, state.freeEntryUntil(user.key()).orElse(null));
    }
}
