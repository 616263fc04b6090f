package io.github.waroutes.simulator.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.message.PlainForm;
import io.github.waroutes.simulator.common.HmacSha256;
import io.github.waroutes.simulator.common.Ids;
import io.github.waroutes.simulator.common.NumberState;
import io.github.waroutes.simulator.common.NumberStates;
import io.github.waroutes.simulator.common.Parameters;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.common.SendBody;
import io.github.waroutes.simulator.common.SimulatedNumber;
import io.github.waroutes.simulator.common.SimulatedNumbers;
import io.github.waroutes.simulator.media.MediaStore;
import io.github.waroutes.simulator.media.MediaTypes;
import io.github.waroutes.simulator.people.Conversations;
import io.github.waroutes.simulator.people.EntryParts;
import io.github.waroutes.simulator.people.Groups;
import io.github.waroutes.simulator.webhook.Price;
import io.github.waroutes.simulator.webhook.SentMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;

/** What the Cloud API itself answers: messages and media. Refusals are {@link Refusal}s. */
public class GraphApi {

    private static final String BEARER = "Bearer ";
    private static final String SUCCESS = "{\"success\":true}";
    /** What a number of this status gets for a message. Source: WhatsApp Cloud API, "Error codes". */
    private static final Map<String, Integer> REFUSED = Map.of("BANNED", 131031, "PENDING", 133010, "UNVERIFIED", 133010, "DISCONNECTED", 133010,
            "MIGRATED", 133010, "DELETED", 133010);

    private final GraphErrors errors = new GraphErrors();
    private final OutboundRules rules = new OutboundRules();
    private final Conversations allConversations;
    private final Groups allGroups;
    private final MediaStore files;
    private final Templates templates;
    private final Limits quantities;
    private final PriceList prices;
    private final AcceptedMessages accepted;
    private final SimulatedNumbers numbers;
    private final NumberStates states;
    private String publicUrl;
    private boolean limits;
    private boolean appSecretProof;
    private Window window = Window.OFF;

    /** What happens to a free-form message to a user who has not written within 24 h. */
    private enum Window { OFF, ASYNC, REFUSE }

    public GraphApi(Conversations conversations, Groups groups, MediaStore files, Templates templates, Limits quantities, PriceList prices,
            AcceptedMessages accepted, SimulatedNumbers numbers, NumberStates states) {
        this.allConversations = conversations;
        this.allGroups = groups;
        this.files = files;
        this.templates = templates;
        this.quantities = quantities;
        this.prices = prices;
        this.accepted = accepted;
        this.numbers = numbers;
        this.states = states;
    }

    /** The address media URLs start with, without a slash at its end. */
    public void setPublicUrl(String publicUrl) {
        this.publicUrl = publicUrl;
    }

    /** Whether Meta's limits are enforced. */
    public void setLimits(boolean limits) {
        this.limits = limits;
    }

    /** Whether a call without {@code appsecret_proof} is refused, as in an app with "Require App Secret". A wrong one always is. */
    public void setAppSecretProof(boolean appSecretProof) {
        this.appSecretProof = appSecretProof;
    }

    /**
     * The 24 h customer service window: {@code off} accepts everything, {@code async} accepts a free-form message outside it and
     * lets it fail with 131047, as Meta mostly does, {@code refuse} answers 131047 at once.
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
     * @param message the accepted message; null when the request marked one as read
     */
    public record Accepted(String answer, SentMessage message) {
    }

    /**
     * Graph takes the token as a header or as a parameter; an app's own is {@code app-id|app-secret}.
     *
     * @throws Refusal code 190, HTTP 401, with subcode 463 for a token that has expired; code 2500 for a request about the token without one
     */
    public void authorize(@Header("Authorization") String authorization, @Header("access_token") String parameter,
            @Header(Exchange.HTTP_PATH) String path, Exchange exchange) {
        if (authorization == null && parameter == null && path != null && path.startsWith("/graph/") && path.endsWith("/me")) {
            throw Refusal.noToken();
        }
        String token = token(authorization, parameter);
        if (token != null && numbers.isExpired(token)) {
            throw errors.asked(190, null, null);
        }
        boolean ofApp = token != null && token.indexOf('|') > 0;
        List<SimulatedNumber> own = token == null ? List.of() : ofApp ? numbers.ofAppToken(token) : numbers.ofToken(token);
        if (own.isEmpty()) {
            throw ofApp ? Refusal.badAppToken() : Refusal.badToken();
        }
        exchange.setProperty(GraphAddresses.OF_TOKEN, own);
        exchange.setProperty(GraphAddresses.SCOPES, ofApp ? List.of() : numbers.scopes(token));
        exchange.setProperty(GraphAddresses.OF_APP, ofApp);
    }

    /**
     * Whoever has the token must have the app's secret too, where that is required; the download of a file is no call to Graph, and needs the
     * token alone.
     *
     * @throws Refusal code 100 for an {@code appsecret_proof} that is wrong, or missing where it is required
     */
    public void prove(@Header("Authorization") String authorization, @Header("access_token") String parameter,
            @Header("appsecret_proof") String proof, @ExchangeProperty(GraphAddresses.OF_TOKEN) List<SimulatedNumber> own) {
        if (proof == null) {
            if (appSecretProof) {
                throw Refusal.appSecretProof("API calls from the server require an appsecret_proof argument");
            }
            return;
        }
        byte[] token = token(authorization, parameter).getBytes(StandardCharsets.UTF_8);
        if (own.stream().noneMatch(number -> HmacSha256.isSame(HmacSha256.hex(number.appSecret(), token), proof))) {
            throw Refusal.appSecretProof("Invalid appsecret_proof provided in the API argument");
        }
    }

    private static String token(String authorization, String parameter) {
        return authorization == null ? parameter : authorization.startsWith(BEARER) ? authorization.substring(BEARER.length()) : "";
    }

    /** {@code POST /{phone_number_id}/messages}: a message, or a read receipt. */
    public Accepted send(@Header("Content-Type") String contentType, @Body byte[] body,
            @ExchangeProperty(FaultPoints.FAILURE) Integer failure,
            @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        JsonNode request = envelope(contentType, body);
        return SendBody.isReadMark(request) ? markRead(number, request) : accept(number, request, failure, false);
    }

    /** {@code POST /{phone_number_id}/marketing_messages}: a template of the category MARKETING. */
    public Accepted market(@Header("Content-Type") String contentType, @Body byte[] body,
            @ExchangeProperty(FaultPoints.FAILURE) Integer failure,
            @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        JsonNode request = envelope(contentType, body);
        if (!"template".equals(request.path("type").textValue())) {
            throw Refusal.graph(400, 131055, null, "(#131055) Method not allowed",
                    "type must be \"template\": marketing_messages takes nothing else");
        }
        return accept(number, request, failure, true);
    }

    /**
     * {@code GET /{id}}: where to download a file for 5 minutes, or a template.
     *
     * @param number the number the file must belong to, or null
     */
    public String describe(@Header("id") String id, @Header("phone_number_id") String number,
            @ExchangeProperty(GraphAddresses.OF_TOKEN) List<SimulatedNumber> own) {
        Optional<MediaStore.Media> found = files.find(id);
        if (found.isEmpty()) {
            return own.stream().flatMap(one -> templates.of(one).find(id).stream()).findFirst()
                    .orElseThrow(() -> Refusal.unsupported("GET", shown(id))).toString();
        }
        requireOwner("GET", id, number, own);
        MediaStore.Media media = found.get();
        return JsonNodeFactory.instance.objectNode()
                .put("url", files.url(publicUrl, id)).put("mime_type", media.mimeType())
                .put("sha256", HexFormat.of().formatHex(media.sha256())).put("file_size", media.size())
                .put("id", id).put("messaging_product", "whatsapp").toString();
    }

    /** {@code DELETE /{id}}: a file. */
    public String delete(@Header("id") String id, @Header("phone_number_id") String number,
            @ExchangeProperty(GraphAddresses.OF_TOKEN) List<SimulatedNumber> own) {
        requireOwner("DELETE", id, number, own);
        if (!files.delete(id)) {
            throw Refusal.unsupported("DELETE", shown(id));
        }
        return SUCCESS;
    }

    private void requireOwner(String method, String id, String number, List<SimulatedNumber> own) {
        if (own.stream().noneMatch(one -> (number == null || number.equals(one.phoneNumberId())) && files.isOf(id, one.accountId()))) {
            throw Refusal.unsupported(method, shown(id));
        }
    }

    private static String shown(String id) {
        return id.length() > 100 ? id.substring(0, 100) : id;
    }

    /**
     * The file behind a media URL.
     *
     * @param wrongHash whether the bytes must not match their hash
     * @throws Refusal 190 when the file is another account's; 404 when the URL is older than 5 minutes or was never handed out
     */
    public Download download(@Header("mediaId") String id, @Header("token") String token,
            @ExchangeProperty(FaultPoints.WRONG_HASH) Boolean wrongHash,
            @ExchangeProperty(GraphAddresses.OF_TOKEN) List<SimulatedNumber> own) throws IOException {
        if (own.stream().noneMatch(one -> files.isOf(id, one.accountId()))) {
            throw Refusal.badToken();
        }
        if (token == null || !files.isToken(id, token)) {
            throw Refusal.expiredUrl();
        }
        MediaStore.Media media = files.find(id)
                .orElseThrow(() -> Refusal.plain(404, "The simulator no longer has this file"));
        return new Download(media.mimeType(), Boolean.TRUE.equals(wrongHash) ? media.spoilt() : media.content());
    }

    /**
     * A file response.
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

    private Accepted markRead(SimulatedNumber number, JsonNode request) {
        OutboundRules.checkReadMark(request);
        if (!allConversations.of(number).markRead(request.path("message_id").asText(), request.has("typing_indicator"))) {
            throw Refusal.invalidParameter("message_id is no message a user of this simulator sent");
        }
        return new Accepted(SUCCESS, null);
    }

    private Accepted accept(SimulatedNumber number, JsonNode request, Integer asked, boolean marketing) {
        NumberState state = states.of(number);
        Integer refused = REFUSED.get(state.status());
        if (refused != null) {
            throw errors.refusal(refused);
        }
        Conversations conversations = allConversations.of(number);
        boolean toGroup = OutboundRules.isToGroup(request);
        Recipient given = toGroup ? speaker(number, request) : OutboundRules.recipientOf(request);
        Recipient user = conversations.known(given);
        rules.checkMessage(request);
        Optional<Integer> spoilt = OutboundRules.checkMedia(request, id -> files.find(id).filter(media -> files.isOf(id, number.accountId()))
                .map(media -> MediaTypes.seen(media.mimeType(), files.metadata().filename(id).orElse(null))));
        if (user.isPhone() && user.key().equals(number.display())) {
            throw Refusal.graph(400, 131021, null, "(#131021) Recipient cannot be sender",
                    "to must be another number than the business's own");
        }
        if (conversations.isBlocked(user.key())) {
            throw errors.refusal(130403);
        }
        for (String pointer : List.of("/reaction/message_id", "/context/message_id")) {
            String about = request.at(pointer).textValue();
            if (about != null && conversations.isNoMessage(about, user.key())) {
                throw Refusal.wrongValue(pointer.substring(1).replace('/', '.')
                        + " is no message of this simulator");
            }
        }
        String type = SendBody.typeOf(request);
        JsonNode template = type.equals("template") ? template(number, request, given, marketing) : null;
        boolean open = conversations.isWindowOpen(user.key());
        String direct = OutboundRules.directCategory(request);
        if ("authentication".equals(direct) && !given.isPhone()) {
            throw phonesOnly("messages of the category authentication go to a phone number, in to, only");
        }
        boolean outside = window != Window.OFF && template == null && direct == null && !open && !toGroup;
        if (outside && window == Window.REFUSE) {
            throw errors.refusal(131047);
        }
        if (limits) {
            quantities.of(number).refuse(user.key(), !open, number.messagesPerSecond(), number.tier()).ifPresent(code -> {
                throw errors.refusal(code);
            });
        }

        String id = Ids.message();
        ObjectNode content = JsonNodeFactory.instance.objectNode();
        content.set(type, type.equals("text") ? request.path("text").path("body") : request.path(type));
        EntryParts.addTo(content, type, (ObjectNode) request, files);
        if (template != null) {
            content.set("rendered", TemplateText.render(template.path("components"), request.path("template"), files));
        }
        int nth = conversations.businessSaid(user.key(), id, type, content);
        String group = toGroup ? SendBody.inputOf(request) : null;
        Integer failure = asked != null ? asked : spoilt.orElse(outside ? Integer.valueOf(131047) : !open && !state.payment() ? Integer.valueOf(131042) : null);
        if (number.first() == null) {
            accepted.publish(user, request, failure);
        }
        return new Accepted(answer(conversations, request, given, id, group, template), new SentMessage(user, id,
                price(number, template, direct, marketing, user), request.path("biz_opaque_callback_data").textValue(), failure,
                request.at("/audio/voice").asBoolean(), group, nth));
    }

    private Recipient speaker(SimulatedNumber number, JsonNode request) {
        return allGroups.of(number).speakerIn(SendBody.inputOf(request)).orElseThrow(() -> Refusal.invalidParameter(
                "to must be the id of a group that somebody has spoken in: say something with group_id first"));
    }

    private JsonNode template(SimulatedNumber number, JsonNode request, Recipient given, boolean marketing) {
        JsonNode template = templates.of(number).sendable(request.at("/template/name").asText(),
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

    private String answer(Conversations conversations, JsonNode request, Recipient given, String id, String group, JsonNode template) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode().put("messaging_product", "whatsapp");
        ObjectNode contact = answer.putArray("contacts").addObject().put("input", SendBody.inputOf(request));
        ObjectNode message = answer.putArray("messages").addObject().put("id", id);
        if (group != null) {
            contact.put("wa_id", group);
            message.put("group_id", group);
        } else {
            given.putInto(contact, "wa_id", "user_id");
            String userId = conversations.identity(given, "").userId();
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

    private Price price(SimulatedNumber number, JsonNode template, String direct, boolean marketing, Recipient user) {
        String category = direct != null ? direct : template == null ? Price.SERVICE
                : marketing ? "marketing_lite" : template.path("category").asText().toLowerCase(Locale.ROOT);
        return prices.of(number).price(category, allConversations.of(number).freeEntryUntil(user.key()).orElse(null));
    }
}
