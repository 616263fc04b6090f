package io.github.waroutes.simulator.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.common.Ids;
import io.github.waroutes.simulator.common.Parameters;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.common.SimulatedNumber;
import io.github.waroutes.simulator.common.SimulatedNumbers;
import io.github.waroutes.simulator.people.Conversations;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;

/**
 * What belongs to a number beside its messages: blocked users, QR codes, the business profile and the public key for Flows. Source: WhatsApp Cloud
 * API, "Block users", "Business profiles", "QR codes" and "WhatsApp Business Encryption". Refusals are {@link Refusal}s. Thread-safe.
 */
public class NumberEdges {

    private static final String SUCCESS = "{\"success\":true}";
    private static final int NOT_ALL = 139100;
    private static final int LIST_FULL = 139101;
    private static final int MOST_BLOCKED = 64_000;
    private static final int MOST_AT_ONCE = 1_000;
    private static final int MOST_CODES = 2_000;
    private static final int PAGE = 25;
    private static final int PREFILLED = 140;
    private static final int KEY_BITS = 2048;
    private static final Map<String, Integer> PROFILE = Map.of("about", 139, "address", 256, "description", 512, "email", 128, "vertical", 64,
            "profile_picture_handle", 10_000);
    private static final Set<String> VERTICALS = Set.of("OTHER", "AUTO", "BEAUTY", "APPAREL", "EDU", "ENTERTAIN", "EVENT_PLAN", "FINANCE", "GROCERY", "GOVT",
            "HOTEL", "HEALTH", "NONPROFIT", "PROF_SERVICES", "RETAIL", "TRAVEL", "RESTAURANT", "ALCOHOL", "ONLINE_GAMBLING", "PHYSICAL_GAMBLING", "OTC_DRUGS",
            "MATRIMONY_SERVICE");

    private final Conversations conversations;
    private final Map<String, OfNumber> numbers = new HashMap<>();

    /** What one number has. */
    private static final class OfNumber {
        private final Map<String, ObjectNode> codes = new LinkedHashMap<>();
        private final ObjectNode profile = JsonNodeFactory.instance.objectNode();
        private String publicKey;
    }

    public NumberEdges(Conversations conversations) {
        this.conversations = conversations;
    }

    /** Resets it to its state at the start. */
    synchronized void reset() {
        numbers.clear();
    }

    private OfNumber of(SimulatedNumber number) {
        return numbers.computeIfAbsent(number.name(), name -> new OfNumber());
    }

    /** {@code GET|POST|DELETE /{phone_number_id}/block_users}. */
    public String blockUsers(@Header(Exchange.HTTP_METHOD) String method, @Header("Content-Type") String contentType, @Body byte[] body,
            @Header("limit") String limit, @Header("after") String after, @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        Conversations people = conversations.of(number);
        if (method.equals("GET")) {
            return blocked(people.blocked(), limit, after).toString();
        }
        JsonNode request = Parameters.object(contentType, body);
        requireProduct(request);
        JsonNode users = request.path("block_users");
        require(users.isArray() && !users.isEmpty() && users.size() <= MOST_AT_ONCE, "block_users must be a list of 1 to " + MOST_AT_ONCE + " users");
        boolean block = method.equals("POST");
        ObjectNode answer = JsonNodeFactory.instance.objectNode().put("messaging_product", "whatsapp");
        ArrayNode done = answer.putObject("block_users").putArray(block ? "added_users" : "removed_users");
        ArrayNode failed = JsonNodeFactory.instance.arrayNode();
        for (JsonNode one : users) {
            change(people, one, block, done, failed);
        }
        if (failed.isEmpty()) {
            return answer.toString();
        }
        ((ObjectNode) answer.path("block_users")).set("failed_users", failed);
        throw Refusal.partly(answer, NOT_ALL, "(#" + NOT_ALL + ") Failed to block/unblock users", "Failed to block or unblock some users, see block_users.failed_users");
    }

    private static void change(Conversations people, JsonNode one, boolean block, ArrayNode done, ArrayNode failed) {
        boolean byId = one.hasNonNull("user_id");
        String input = one.path(byId ? "user_id" : "user").asText();
        Recipient user = (byId ? Recipient.ofUserId(input) : Recipient.ofPhone(input)).map(people::known).orElse(null);
        ObjectNode told = JsonNodeFactory.instance.objectNode().put("input", input);
        if (user == null) {
            failed.add(failure(told, 131009, "Parameter value is not valid", "A user is a phone number in user, or a business-scoped user id in user_id"));
        } else if (block && !people.isWindowOpen(user.key())) {
            failed.add(failure(told, 131047, "Re-engagement message", "Only users who have messaged the business in the last 24 hours can be blocked"));
        } else if (block && people.blocked().size() >= MOST_BLOCKED) {
            failed.add(failure(told, LIST_FULL, "Blocklist limit reached", "The list has " + MOST_BLOCKED + " users already"));
        } else {
            people.block(user.key(), block);
            done.add(user.putInto(told, "wa_id", "user_id"));
        }
    }

    private static ObjectNode failure(ObjectNode told, int code, String title, String details) {
        told.putArray("errors").addObject().put("message", "(#" + code + ") " + title).put("code", code).putObject("error_data").put("details", details);
        return told;
    }

    private static ObjectNode blocked(List<String> users, String limit, String after) {
        int size = PAGE;
        if (limit != null && !limit.isEmpty()) {
            require(limit.matches("[0-9]{1,6}") && Integer.parseInt(limit) > 0, "limit must be a number from 1");
            size = Integer.parseInt(limit);
        }
        int from = after == null || after.isEmpty() ? 0 : users.indexOf(new String(decoded(after), StandardCharsets.UTF_8)) + 1;
        List<String> page = users.subList(from, Math.min(users.size(), from + size));
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode data = answer.putArray("data");
        page.forEach(user -> Recipient.of(user).orElseThrow().putInto(data.addObject().put("messaging_product", "whatsapp"), "wa_id", "user_id"));
        if (!page.isEmpty()) {
            ObjectNode paging = answer.putObject("paging");
            String last = cursor(page.get(page.size() - 1));
            paging.putObject("cursors").put("before", cursor(page.get(0))).put("after", last);
            if (from + size < users.size()) {
                paging.put("next", "https://graph.facebook.com/?access_token=as-meta-has-it&after=" + last);
            }
        }
        return answer;
    }

    private static String cursor(String user) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(user.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] decoded(String cursor) {
        try {
            return Base64.getUrlDecoder().decode(cursor);
        } catch (IllegalArgumentException e) {
            throw Refusal.invalidParameter("after must be a cursor of this list");
        }
    }

    /** {@code GET|POST /{phone_number_id}/message_qrdls}, and {@code GET|DELETE} of one below it. */
    public synchronized String qrCodes(@Header(Exchange.HTTP_METHOD) String method, @Header("code") String code, @Header("Content-Type") String contentType,
            @Body byte[] body, @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        Map<String, ObjectNode> codes = of(number).codes;
        if (method.equals("POST")) {
            return putCode(codes, Parameters.object(contentType, body)).toString();
        }
        if (code == null) {
            return listed(codes.values()).toString();
        }
        if (!codes.containsKey(code)) {
            throw Refusal.unsupported(method, code);
        }
        if (method.equals("GET")) {
            return listed(List.of(codes.get(code))).toString();
        }
        codes.remove(code);
        return SUCCESS;
    }

    private static ObjectNode putCode(Map<String, ObjectNode> codes, JsonNode request) {
        String text = Parameters.text(request, "prefilled_message");
        require(text != null && !text.isBlank() && text.codePointCount(0, text.length()) <= PREFILLED, "prefilled_message must have 1 to " + PREFILLED + " characters");
        String code = Parameters.text(request, "code");
        if (code != null) {
            ObjectNode known = codes.get(code);
            if (known == null) {
                throw Refusal.unsupported("POST", code);
            }
            return known.put("prefilled_message", text).deepCopy();
        }
        String image = Parameters.text(request, "generate_qr_image");
        require(image == null || Set.of("PNG", "SVG").contains(image), "generate_qr_image must be PNG or SVG");
        require(codes.size() < MOST_CODES, "The number has " + MOST_CODES + " codes already: delete some");
        String fresh = Ids.media().substring(0, 14);
        ObjectNode made = JsonNodeFactory.instance.objectNode().put("code", fresh).put("prefilled_message", text)
                .put("deep_link_url", "https://wa.me/message/" + fresh);
        if (image != null) {
            made.put("qr_image_url", "https://example.com/qr/" + fresh + '.' + image.toLowerCase(Locale.ROOT));
        }
        codes.put(fresh, made);
        return made.deepCopy();
    }

    private static ObjectNode listed(Iterable<ObjectNode> items) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode data = answer.putArray("data");
        items.forEach(item -> data.add(item.deepCopy()));
        return answer;
    }

    /** {@code GET|POST /{phone_number_id}/whatsapp_business_profile}. */
    public synchronized String profile(@Header(Exchange.HTTP_METHOD) String method, @Header("fields") String fields, @Header("Content-Type") String contentType,
            @Body byte[] body, @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        ObjectNode profile = of(number).profile;
        if (method.equals("GET")) {
            ObjectNode shown = profile.deepCopy();
            shown.remove("profile_picture_handle");
            if (fields != null && !fields.isBlank()) {
                shown.retain(new ArrayList<>(List.of(fields.split(","))));
            }
            return listed(List.of(shown.put("messaging_product", "whatsapp"))).toString();
        }
        JsonNode request = Parameters.object(contentType, body);
        requireProduct(request);
        ObjectNode changed = JsonNodeFactory.instance.objectNode();
        PROFILE.forEach((field, most) -> {
            String text = Parameters.text(request, field);
            if (text != null) {
                require(text.codePointCount(0, text.length()) <= most, field + " may have " + most + " characters");
                changed.put(field, text);
            }
        });
        require(!changed.has("about") || !changed.path("about").asText().isEmpty(), "about must not be empty");
        require(!changed.has("vertical") || VERTICALS.contains(changed.path("vertical").asText()), "vertical must be one of " + String.join(", ", VERTICALS));
        if (request.has("websites")) {
            JsonNode websites = request.path("websites");
            require(websites.isArray() && websites.size() <= 2, "websites must be a list of up to 2 addresses");
            websites.forEach(one -> require(one.asText().matches("https?://\\S{1,250}"), "websites[] must begin with http:// or https://"));
            changed.set("websites", websites);
        }
        profile.setAll(changed);
        return SUCCESS;
    }

    /** {@code GET|POST /{phone_number_id}/whatsapp_business_encryption}. */
    public synchronized String encryption(@Header(Exchange.HTTP_METHOD) String method, @Header("Content-Type") String contentType, @Body byte[] body,
            @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        OfNumber own = of(number);
        if (method.equals("GET")) {
            return own.publicKey == null ? listed(List.of()).toString() : listed(List.of(JsonNodeFactory.instance.objectNode()
                    .put("business_public_key", own.publicKey).put("business_public_key_signature_status", "VALID"))).toString();
        }
        String pem = Parameters.text(Parameters.object(contentType, body), "business_public_key");
        require(pem != null && isPublicKey(pem), "business_public_key must be an RSA public key of " + KEY_BITS + " bits in PEM");
        own.publicKey = pem;
        return SUCCESS;
    }

    private static boolean isPublicKey(String pem) {
        try {
            byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----(BEGIN|END) PUBLIC KEY-----", ""));
            return pem.contains("-----BEGIN PUBLIC KEY-----")
                    && KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(der)) instanceof RSAPublicKey key && key.getModulus().bitLength() == KEY_BITS;
        } catch (IllegalArgumentException | GeneralSecurityException e) {
            return false;
        }
    }

    private static void requireProduct(JsonNode request) {
        require("whatsapp".equals(request.path("messaging_product").textValue()), "messaging_product must be \"whatsapp\"");
    }

    private static void require(boolean holds, String details) {
        if (!holds) {
            throw Refusal.invalidParameter(details);
        }
    }
}
