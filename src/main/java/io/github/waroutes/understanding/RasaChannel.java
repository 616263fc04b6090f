package io.github.waroutes.understanding;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import com.fasterxml.jackson.databind.JsonNode;
import org.apache.camel.Body;
import org.apache.camel.Variable;

/**
 * The bodies of Rasa's REST channel, {@code POST /webhooks/rest/webhook} (Rasa documentation, "Your Own Website", REST channels). Safe
 * for concurrent use.
 */
public final class RasaChannel {

    private static final String WHOSE = "Rasa (whatsapp.understanding.rasa.url)";
    private static final int SENDER_LENGTH = 32;

    private final ReplySplitter splitter = new ReplySplitter(ReplySplitter.WHATSAPP_TEXT_LIMIT);
    private volatile byte[] senderKey = new byte[0];

    /** Senders are plain SHA-256 pseudonyms. */
    /**
     * @param senderKey any secret text: senders become HMAC-SHA-256 pseudonyms, so that who has them, but not the secret, cannot find
     *                  the phone number by trying all of them. Keep it: another secret makes Rasa take everyone for a stranger. Empty:
     *                  plain SHA-256
     */
    public void setSenderKey(String senderKey) {
        this.senderKey = senderKey == null ? new byte[0] : senderKey.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * The name by which Rasa knows a conversation: stable, and without the phone number in it.
     *
     * @return 32 hexadecimal digits
     */
    public String senderId(String conversation) {
        if (conversation == null || conversation.isBlank()) {
            throw new IllegalArgumentException("There is no conversation to name a sender for; set the WhatsAppConversation header");
        }
        return HexFormat.of().formatHex(digest(conversation.getBytes(StandardCharsets.UTF_8))).substring(0, SENDER_LENGTH);
    }

    private byte[] digest(byte[] conversation) {
        try {
            if (senderKey.length == 0) {
                return MessageDigest.getInstance("SHA-256").digest(conversation);
            }
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(senderKey, "HmacSHA256"));
            return mac.doFinal(conversation);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java has no SHA-256", e);
        }
    }

    /**
     * The request body.
     *
     * @param sender what {@link #senderId(String)} gave
     * @param text   what the user wrote, or the payload of the button that was pressed
     * @return JSON
     */
    public String request(@Variable("whatsappSender") String sender, @Body String text) {
        if (text == null || text.isBlank()) {
            throw new IllegalArgumentException("There is no text to send to " + WHOSE + "; send only messages that have one");
        }
        return JsonBody.JSON.createObjectNode().put("sender", sender).put("message", text).toString();
    }

    /**
     * What the bot answered, in its order, cut into messages that WhatsApp accepts. Buttons become numbered lines below their text; an
     * image becomes its address; what else Rasa can send is left out.
     *
     * @param responseBody the response as bytes, String, InputStream or List
     * @return the messages; none if the bot said nothing
     * @throws IllegalArgumentException if the body is not a list; the message does not repeat it
     */
    public List<String> replies(Object responseBody) {
        JsonNode items = JsonBody.read(responseBody, WHOSE);
        if (!items.isArray()) {
            throw new IllegalArgumentException("The answer of " + WHOSE + " is not a list; check that the address ends in /webhooks/rest/webhook");
        }
        List<String> replies = new ArrayList<>();
        for (JsonNode item : items) {
            replies.addAll(splitter.split(textWithButtons(item)));
            replies.addAll(splitter.split(item.path("image").textValue()));
        }
        return List.copyOf(replies);
    }

    private static String textWithButtons(JsonNode item) {
        List<String> lines = new ArrayList<>();
        String text = item.path("text").textValue();
        if (text != null && !text.isBlank()) {
            lines.add(text.strip());
        }
        int number = 1;
        for (JsonNode button : item.path("buttons")) {
            String title = button.path("title").textValue();
            if (title != null && !title.isBlank()) {
                lines.add(number++ + ". " + title.strip());
            }
        }
        return String.join("\n", lines);
    }
}
