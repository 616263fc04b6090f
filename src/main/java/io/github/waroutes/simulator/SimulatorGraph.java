package io.github.waroutes.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Locale;
import org.apache.camel.Body;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;
import org.apache.camel.spi.Registry;

/** What the Cloud API itself answers: messages and media. Refusals are {@link SimulatorFault}s. */
public class SimulatorGraph {

    private static final String SUCCESS = "{\"success\":true}";

    private final GraphErrors errors = new GraphErrors();
    private String phoneNumberId;
    private String accessToken;
    private String publicUrl;
    private String templates = "";
    private String accountId;
    private String displayPhoneNumber;
    private boolean limits;
    private int messagesPerSecond = 80;
    private int tier = 250;

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

    /** The only WhatsApp Business Account. */
    public void setAccountId(String accountId) {
        this.accountId = accountId;
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
     * The answer to an accepted request.
     *
     * @param answer  the JSON to answer with
     * @param message the message that is now on its way; null when the request marked one as read
     */
    public record Accepted(String answer, SentMessage message) {
    }

    /** @throws SimulatorFault code 190, HTTP 401 */
    public void authorize(@Header("Authorization") String authorization) {
        if (authorization == null || !SimulatorState.sameSecret("Bearer " + accessToken, authorization)) {
            throw SimulatorFault.badToken();
        }
    }

    /** {@code POST /{version}/{phoneNumberId}/messages}: a message, or a read mark. */
    public Accepted send(@Header("version") String version, @Header("phoneNumberId") String number,
            @Header("Content-Type") String contentType, @Body byte[] body,
            @ExchangeProperty(SimulatorFaults.FAILURE) Integer failure, Registry registry) {
        JsonNode request = envelope(version, number, contentType, body);
        SimulatorState state = SimulatorState.in(registry);
        return OutboundRules.isReadMark(request) ? markRead(request, state) : accept(request, failure, false, state);
    }

    /** {@code POST /{version}/{phoneNumberId}/marketing_messages}: a template of the category MARKETING. */
    public Accepted market(@Header("version") String version, @Header("phoneNumberId") String number,
            @Header("Content-Type") String contentType, @Body byte[] body,
            @ExchangeProperty(SimulatorFaults.FAILURE) Integer failure, Registry registry) {
        JsonNode request = envelope(version, number, contentType, body);
        if (!"template".equals(request.path("type").textValue())) {
            throw SimulatorFault.graph(400, 131055, null, "(#131055) Method not allowed",
                    "type must be \"template\": marketing_messages takes nothing else");
        }
        return accept(request, failure, true, SimulatorState.in(registry));
    }

    /** Checks that a path names the business phone number. */
    public void requireNumber(@Header("version") String version, @Header("phoneNumberId") String number) {
        requireVersion(version);
        if (!phoneNumberId.equals(number)) {
            throw SimulatorFault.unknownObject();
        }
    }

    /** {@code GET /{version}/{id}}: the number, the account, or where to download a file for 5 minutes. */
    public String describe(@Header("version") String version, @Header("id") String id, @Header("fields") String fields,
            Registry registry) {
        requireVersion(version);
        if (phoneNumberId.equals(id)) {
            ObjectNode number = JsonNodeFactory.instance.objectNode().put("verified_name", "Simulated shop")
                    .put("code_verification_status", "VERIFIED").put("display_phone_number", "+" + displayPhoneNumber)
                    .put("quality_rating", "GREEN").put("platform_type", "CLOUD_API");
            number.putObject("throughput").put("level", messagesPerSecond > 80 ? "HIGH" : "STANDARD");
            return chosen(number, fields).put("id", id).toString();
        }
        if (accountId.equals(id)) {
            ObjectNode account = JsonNodeFactory.instance.objectNode().put("name", "Simulated account")
                    .put("timezone_id", "1").put("message_template_namespace", "simulated_namespace")
                    .put("whatsapp_business_manager_messaging_limit", "TIER_" + tier);
            return chosen(account, fields).put("id", id).toString();
        }
        SimulatorState state = SimulatorState.in(registry);
        SimulatorState.Media media = state.media(id).orElseThrow(SimulatorFault::unknownObject);
        return JsonNodeFactory.instance.objectNode()
                .put("url", mediaUrl(publicUrl, state, id)).put("mime_type", media.mimeType())
                .put("sha256", HexFormat.of().formatHex(media.sha256())).put("file_size", media.size())
                .put("id", id).put("messaging_product", "whatsapp").toString();
    }

    /** {@code DELETE /{version}/{id}}: a file. */
    public String delete(@Header("version") String version, @Header("id") String id, Registry registry) {
        requireVersion(version);
        if (!SimulatorState.in(registry).deleteMedia(id)) {
            throw SimulatorFault.unknownObject();
        }
        return SUCCESS;
    }

    /**
     * The file behind a media URL.
     *
     * @param wrongHash whether the bytes shall not fit their hash
     * @throws SimulatorFault 404 when the URL is older than 5 minutes or was never handed out
     */
    public Download download(@Header("mediaId") String id, @Header("token") String token,
            @ExchangeProperty(SimulatorFaults.WRONG_HASH) Boolean wrongHash, Registry registry) throws IOException {
        SimulatorState state = SimulatorState.in(registry);
        if (token == null || !state.isMediaToken(id, token)) {
            throw SimulatorFault.expiredUrl();
        }
        SimulatorState.Media media = state.media(id)
                .orElseThrow(() -> SimulatorFault.plain(404, "The simulator no longer has this file"));
        return new Download(media.mimeType(), Boolean.TRUE.equals(wrongHash) ? media.spoilt() : media.content());
    }

    /**
     * A file on its way.
     *
     * @param content bytes or a stream
     */
    public record Download(String mimeType, Object content) {
    }

    /** {@code GET /{version}/{accountId}/message_templates}. */
    public String listTemplates(@Header("version") String version, @Header("accountId") String account,
            @Header("name") String name, Registry registry) {
        return templatesOf(version, account, registry).list(name).toString();
    }

    /** {@code POST /{version}/{accountId}/message_templates}. */
    public String createTemplate(@Header("version") String version, @Header("accountId") String account,
            @Header("Content-Type") String contentType, @Body byte[] body, Registry registry) {
        SimulatorTemplates known = templatesOf(version, account, registry);
        return known.create(object(contentType, body)).toString();
    }

    /** {@code DELETE /{version}/{accountId}/message_templates?name=…}. */
    public String deleteTemplate(@Header("version") String version, @Header("accountId") String account,
            @Header("name") String name, Registry registry) {
        templatesOf(version, account, registry).delete(name);
        return SUCCESS;
    }

    /** {@code GET /{version}/{accountId}/subscribed_apps}. */
    public String listApps(@Header("version") String version, @Header("accountId") String account, Registry registry) {
        requireAccount(version, account);
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        if (SimulatorState.in(registry).isSubscribed()) {
            answer.putArray("data").addObject().putObject("whatsapp_business_api_data").put("id", "670843887433847")
                    .put("name", "Simulated app").put("link", "https://example.com/");
        } else {
            answer.putArray("data");
        }
        return answer.toString();
    }

    /** {@code POST /{version}/{accountId}/subscribed_apps}. */
    public String subscribe(@Header("version") String version, @Header("accountId") String account, Registry registry) {
        requireAccount(version, account);
        SimulatorState.in(registry).setSubscribed(true);
        return SUCCESS;
    }

    /** {@code DELETE /{version}/{accountId}/subscribed_apps}. */
    public String unsubscribe(@Header("version") String version, @Header("accountId") String account, Registry registry) {
        requireAccount(version, account);
        SimulatorState.in(registry).setSubscribed(false);
        return SUCCESS;
    }

    private SimulatorTemplates templatesOf(String version, String account, Registry registry) {
        requireAccount(version, account);
        return SimulatorState.in(registry).templates(templates);
    }

    private void requireAccount(String version, String account) {
        requireVersion(version);
        if (!accountId.equals(account)) {
            throw SimulatorFault.unknownObject();
        }
    }

    private JsonNode envelope(String version, String number, String contentType, byte[] body) {
        requireNumber(version, number);
        JsonNode request = object(contentType, body);
        OutboundRules.checkEnvelope(request);
        return request;
    }

    private static JsonNode object(String contentType, byte[] body) {
        if (!Json.isJson(contentType)) {
            throw SimulatorFault.invalidParameter("Content-Type must be application/json");
        }
        return Json.object(body).orElseThrow(() -> SimulatorFault.invalidParameter("The body must be a JSON object"));
    }

    private static ObjectNode chosen(ObjectNode all, String fields) {
        return fields == null ? all : all.retain(fields.split("[ ,]+"));
    }

    static String mediaUrl(String publicUrl, SimulatorState state, String id) {
        return publicUrl + "/simulator/media/" + id + "?token=" + state.mediaToken(id);
    }

    private static void requireVersion(String version) {
        if (!version.matches("v[0-9]{1,3}\\.[0-9]")) {
            throw SimulatorFault.graph(400, 2500, null, "Unknown path components: start with a version such as v26.0",
                    null);
        }
    }

    private static Accepted markRead(JsonNode request, SimulatorState state) {
        OutboundRules.checkReadMark(request);
        if (!state.markRead(request.path("message_id").asText(), request.has("typing_indicator"))) {
            throw SimulatorFault.invalidParameter("message_id is no message a user of this simulator sent");
        }
        return new Accepted(SUCCESS, null);
    }

    private Accepted accept(JsonNode request, Integer failure, boolean marketing, SimulatorState state) {
        Recipient user = OutboundRules.recipientOf(request);
        SimulatorTemplates known = state.templates(templates);
        new OutboundRules((name, language) -> known.approvedCategory(name, language).isPresent(),
                id -> state.media(id).isPresent()).checkMessage(request);
        String type = OutboundRules.typeOf(request);
        boolean template = type.equals("template");
        String category = template ? known.approvedCategory(request.at("/template/name").asText(),
                request.at("/template/language/code").asText()).orElse("UTILITY") : "service";
        if (marketing && !category.equals("MARKETING")) {
            throw SimulatorFault.graph(400, 134100, null, "(#134100) Only marketing messages supported",
                    "marketing_messages takes templates of the category MARKETING");
        }
        if (limits) {
            state.limits().refuse(user.key(), !state.isWindowOpen(user.key()), messagesPerSecond, tier)
                    .ifPresent(code -> {
                        throw errors.refusal(code, null);
                    });
        }

        String id = SimulatorIds.message();
        ObjectNode content = JsonNodeFactory.instance.objectNode();
        content.set(type, type.equals("text") ? request.path("text").path("body") : request.path(type));
        EntryParts.addTo(content, type, (ObjectNode) request, state);
        if (template) {
            JsonNode sent = request.path("template");
            content.set("rendered", TemplateText.render(known.components(sent.path("name").asText(),
                    sent.at("/language/code").asText()), sent, state));
        }
        state.businessSaid(user.key(), id, type, content);
        state.tellAccepted(user, request, failure);

        ObjectNode answer = JsonNodeFactory.instance.objectNode().put("messaging_product", "whatsapp");
        user.putInto(answer.putArray("contacts").addObject().put("input", OutboundRules.inputOf(request)),
                "wa_id", "user_id");
        ObjectNode message = answer.putArray("messages").addObject().put("id", id);
        if (template) {
            message.put("message_status", "accepted");
        }
        return new Accepted(answer.toString(), new SentMessage(user, id,
                marketing ? "marketing_lite" : category.toLowerCase(Locale.ROOT),
                request.path("biz_opaque_callback_data").textValue(), failure));
    }
}
