package io.github.waroutes.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HexFormat;
import org.apache.camel.Body;
import org.apache.camel.Header;
import org.apache.camel.spi.Registry;

/** What the Cloud API itself answers: messages and media. Refusals are {@link SimulatorFault}s. */
public class SimulatorGraph {

    private String phoneNumberId;
    private String accessToken;
    private String publicUrl;
    private String templates = "";

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
            @Header("Content-Type") String contentType, @Body byte[] body, Registry registry) {
        requireVersion(version);
        if (!phoneNumberId.equals(number)) {
            throw SimulatorFault.unknownObject();
        }
        if (!Json.isJson(contentType)) {
            throw SimulatorFault.invalidParameter("Content-Type must be application/json");
        }
        JsonNode request = Json.object(body)
                .orElseThrow(() -> SimulatorFault.invalidParameter("The body must be a JSON object"));
        OutboundRules.checkEnvelope(request);
        SimulatorState state = SimulatorState.in(registry);
        return OutboundRules.isReadMark(request) ? markRead(request, state) : accept(request, state);
    }

    /** {@code GET /{version}/{mediaId}}: where to download a file, for 5 minutes. */
    public String describeMedia(@Header("version") String version, @Header("mediaId") String id, Registry registry) {
        requireVersion(version);
        SimulatorState state = SimulatorState.in(registry);
        SimulatorState.Media media = state.media(id).orElseThrow(SimulatorFault::unknownObject);
        return JsonNodeFactory.instance.objectNode()
                .put("url", mediaUrl(publicUrl, state, id)).put("mime_type", media.mimeType())
                .put("sha256", HexFormat.of().formatHex(media.sha256())).put("file_size", media.bytes().length)
                .put("id", id).put("messaging_product", "whatsapp").toString();
    }

    /**
     * The file behind a media URL.
     *
     * @throws SimulatorFault 404 when the URL is older than 5 minutes or was never handed out
     */
    public SimulatorState.Media download(@Header("mediaId") String id, @Header("token") String token, Registry registry) {
        SimulatorState state = SimulatorState.in(registry);
        if (token == null || !state.isMediaToken(id, token)) {
            throw SimulatorFault.plain(404, "This media URL has expired or is wrong: ask for a new one by the media id");
        }
        return state.media(id).orElseThrow(() -> SimulatorFault.plain(404, "The simulator no longer has this file"));
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
        return new Accepted("{\"success\":true}", null);
    }

    private Accepted accept(JsonNode request, SimulatorState state) {
        Recipient user = OutboundRules.recipientOf(request);
        new OutboundRules(templates, id -> state.media(id).isPresent()).checkMessage(request);

        String type = OutboundRules.typeOf(request);
        String id = SimulatorIds.message();
        ObjectNode content = JsonNodeFactory.instance.objectNode();
        content.set(type, type.equals("text") ? request.path("text").path("body") : request.path(type));
        state.businessSaid(user.key(), id, type, content);

        boolean template = type.equals("template");
        ObjectNode answer = JsonNodeFactory.instance.objectNode().put("messaging_product", "whatsapp");
        user.putInto(answer.putArray("contacts").addObject().put("input", OutboundRules.inputOf(request)),
                "wa_id", "user_id");
        ObjectNode message = answer.putArray("messages").addObject().put("id", id);
        if (template) {
            message.put("message_status", "accepted");
        }
        return new Accepted(answer.toString(), new SentMessage(user, id, template,
                request.path("biz_opaque_callback_data").textValue()));
    }
}
