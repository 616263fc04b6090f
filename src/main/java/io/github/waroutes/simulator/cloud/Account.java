package io.github.waroutes.simulator.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.common.HmacSha256;
import io.github.waroutes.simulator.common.Parameters;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.webhook.Callbacks;
import io.github.waroutes.simulator.webhook.Callbacks.Scope;
import io.github.waroutes.simulator.webhook.TemplateEvents;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Header;

/**
 * What the Business Management API tells about the number, the account, its templates and apps, and about the token. Source:
 * WhatsApp Business Management API and Graph API, "Debug token". Refusals are {@link Refusal}s.
 */
public class Account {

    /** Exchange property: the webhook about a template that was created or changed; not there when there is none to send. */
    static final String ANNOUNCEMENT = "simulatorAnnouncement";

    private static final String SUCCESS = "{\"success\":true}";
    private static final String APP_ID = "670843887433847";
    private static final String APP_NAME = "Simulated app";
    private static final String USER_ID = "122100000000000000";
    private static final List<String> SCOPES = List.of("whatsapp_business_management", "whatsapp_business_messaging");
    private static final Set<String> NUMBER_DEFAULTS = Set.of("verified_name", "code_verification_status",
            "display_phone_number", "quality_rating", "platform_type", "throughput", "webhook_configuration");
    private static final Set<String> ACCOUNT_DEFAULTS = Set.of("name", "timezone_id", "message_template_namespace",
            "currency");

    private final Callbacks callbacks;
    private final Templates templates;
    private String phoneNumberId;
    private String accountId;
    private String displayPhoneNumber;
    private String publicUrl;
    private String accessToken;
    private int messagesPerSecond = 80;
    private int tier = 250;
    private boolean subscribed;

    public Account(Callbacks callbacks, Templates templates) {
        this.callbacks = callbacks;
        this.templates = templates;
    }

    /** As it was at the start. */
    synchronized void reset() {
        subscribed = false;
    }

    /** The only business phone number the simulator has. */
    public void setPhoneNumberId(String phoneNumberId) {
        this.phoneNumberId = phoneNumberId;
    }

    /** The only WhatsApp Business Account. */
    public void setAccountId(String accountId) {
        this.accountId = accountId;
    }

    /** The business phone number, digits only. */
    public void setDisplayPhoneNumber(String displayPhoneNumber) {
        this.displayPhoneNumber = displayPhoneNumber;
    }

    /** The address of this server, without a slash at its end. */
    public void setPublicUrl(String publicUrl) {
        this.publicUrl = publicUrl;
    }

    /** The only token there is. */
    public void setAccessToken(String accessToken) {
        this.accessToken = accessToken;
    }

    /** The number's throughput. */
    public void setMessagesPerSecond(int messagesPerSecond) {
        this.messagesPerSecond = messagesPerSecond;
    }

    /** How many users the business may write to first within 24 h. */
    public void setTier(int tier) {
        this.tier = tier;
    }

    /** {@code GET /{phone_number_id}?fields=…}. */
    public String number(@Header("fields") String fields) {
        return chosen(allOfNumber(), fields, NUMBER_DEFAULTS, "WhatsAppBusinessPhoneNumber", phoneNumberId).toString();
    }

    /** {@code GET /{account}/phone_numbers?fields=…}. */
    public String numbers(@Header("fields") String fields) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.putArray("data").add(
                chosen(allOfNumber(), fields, NUMBER_DEFAULTS, "WhatsAppBusinessPhoneNumber", phoneNumberId));
        answer.putObject("paging").putObject("cursors").put("before", "QVFI").put("after", "QVFI");
        return answer.toString();
    }

    private ObjectNode allOfNumber() {
        ObjectNode number = JsonNodeFactory.instance.objectNode().put("verified_name", "Simulated shop")
                .put("code_verification_status", "VERIFIED").put("display_phone_number", "+" + displayPhoneNumber)
                .put("quality_rating", "GREEN").put("platform_type", "CLOUD_API");
        number.putObject("throughput").put("level", messagesPerSecond > 80 ? "HIGH" : "STANDARD");
        ObjectNode webhooks = number.putObject("webhook_configuration")
                .put("application", callbacks.ofApp());
        callbacks.get(Scope.ACCOUNT).ifPresent(url -> webhooks.put("whatsapp_business_account", url));
        callbacks.get(Scope.NUMBER).ifPresent(url -> webhooks.put("phone_number", url));
        number.put("status", "CONNECTED").put("name_status", "APPROVED").put("account_mode", "LIVE")
                .put("is_official_business_account", false).put("is_pin_enabled", true).put("is_on_biz_app", false)
                .put("messaging_limit_tier", tierName()).put("whatsapp_business_manager_messaging_limit", tierName())
                .put("search_visibility", "VISIBLE").put("host_platform", "CLOUD_API")
                .put("last_onboarded_time", "2026-01-05T09:00:00+0000");
        number.set("health_status", health());
        return number;
    }

    private ObjectNode health() {
        ObjectNode health = JsonNodeFactory.instance.objectNode().put("can_send_message", "AVAILABLE");
        ArrayNode entities = health.putArray("entities");
        Map.of("PHONE_NUMBER", phoneNumberId, "WABA", accountId, "APP", APP_ID).entrySet().stream()
                .sorted(Map.Entry.comparingByKey()).forEach(entity -> entities.addObject().put("entity_type", entity.getKey())
                        .put("id", entity.getValue()).put("can_send_message", "AVAILABLE"));
        return health;
    }

    private String tierName() {
        return "TIER_" + (tier < 1000 ? Integer.toString(tier) : tier > 100_000 ? "UNLIMITED" : tier / 1000 + "K");
    }

    /** {@code GET /{account}?fields=…}. */
    public String account(@Header("fields") String fields) {
        ObjectNode account = JsonNodeFactory.instance.objectNode().put("name", "Simulated account").put("timezone_id", "1")
                .put("currency", "USD").put("message_template_namespace", "simulated_namespace").put("status", "ACTIVE")
                .put("country", "US").put("account_review_status", "APPROVED").put("business_verification_status", "verified")
                .put("ownership_type", "SELF").put("marketing_messages_lite_api_status", "ONBOARDED")
                .put("whatsapp_business_manager_messaging_limit", tierName());
        account.putObject("owner_business_info").put("name", "Simulated business").put("id", "506914307656634");
        account.set("health_status", health());
        return chosen(account, fields, ACCOUNT_DEFAULTS, "WhatsAppBusinessAccount", accountId).toString();
    }

    /** {@code GET /me}: who the token belongs to. */
    public String me(@Header("fields") String fields) {
        return chosen(JsonNodeFactory.instance.objectNode().put("name", "Simulated system user"), fields, Set.of("name"), "User",
                USER_ID).toString();
    }

    /** {@code GET /debug_token?input_token=…}. */
    public String debugToken(@Header("input_token") String token) {
        if (token == null || token.isBlank()) {
            throw Refusal.graph(400, 100, null, "(#100) The parameter input_token is required.", null);
        }
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ObjectNode data = answer.putObject("data");
        if (!HmacSha256.isSame(accessToken, token)) {
            data.putObject("error").put("code", 190).put("message", "Invalid OAuth access token - Cannot parse access token");
            data.put("is_valid", false).putArray("scopes");
            return answer.toString();
        }
        data.put("app_id", APP_ID).put("type", "SYSTEM_USER").put("application", APP_NAME).put("data_access_expires_at", 0)
                .put("expires_at", 0).put("is_valid", true)
                .put("issued_at", Instant.now().getEpochSecond());
        ArrayNode scopes = data.putArray("scopes");
        ArrayNode granular = data.putArray("granular_scopes");
        SCOPES.forEach(scope -> {
            scopes.add(scope);
            granular.addObject().put("scope", scope).putArray("target_ids").add(accountId);
        });
        data.put("user_id", USER_ID);
        return answer.toString();
    }

    /** {@code GET /{account}/message_templates?name&status&language&category&limit&after&before}. */
    public String listTemplates(@Header("version") String version, @Header("name") String name,
            @Header("status") String status, @Header("language") String language, @Header("category") String category,
            @Header("limit") String limit, @Header("after") String after, @Header("before") String before) {
        Map<String, String> filters = new LinkedHashMap<>();
        filters.put("name", name);
        filters.put("status", status);
        filters.put("language", language);
        filters.put("category", category);
        filters.values().removeIf(value -> value == null || value.isEmpty());
        StringBuilder address = new StringBuilder(publicUrl + "/graph/" + version + "/" + accountId + "/message_templates?");
        filters.forEach((key, value) -> address.append(key).append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8)).append('&'));
        return templates.list(template -> filters.entrySet().stream()
                .allMatch(filter -> filter.getValue().equalsIgnoreCase(template.path(filter.getKey()).asText())),
                limit, after, before, address.toString()).toString();
    }

    /** {@code POST /{account}/message_templates}. */
    public String createTemplate(@Header("Content-Type") String contentType, @Body byte[] body, Exchange exchange) {
        ObjectNode created = templates.create(Parameters.object(contentType, body));
        announce(templates.find(created.path("id").asText()).orElseThrow(), exchange);
        return created.toString();
    }

    /** {@code POST /{template_id}}: other components or another category. */
    public String editTemplate(@Header("id") String id, @Header("Content-Type") String contentType, @Body byte[] body,
            Exchange exchange) {
        JsonNode request = Parameters.read(contentType, body);
        if (templates.find(id).isEmpty()) {
            throw Refusal.unsupported("POST", id);
        }
        templates.edit(id, request);
        announce(templates.find(id).orElseThrow(), exchange);
        return SUCCESS;
    }

    private void announce(JsonNode template, Exchange exchange) {
        if (!template.path("status").asText().equals("PENDING")) {
            exchange.setProperty(ANNOUNCEMENT, TemplateEvents.webhook(accountId, Instant.now(),
                    List.of(template)));
        }
    }

    /** {@code DELETE /{account}/message_templates?name=…&hsm_id=…}. */
    public String deleteTemplate(@Header("name") String name, @Header("hsm_id") String id) {
        templates.delete(name, id);
        return SUCCESS;
    }

    /** {@code GET /{account}/subscribed_apps}. */
    public synchronized String listApps() {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode data = answer.putArray("data");
        if (subscribed) {
            ObjectNode app = data.addObject();
            app.putObject("whatsapp_business_api_data").put("id", APP_ID).put("name", APP_NAME)
                    .put("link", "https://example.com/");
            callbacks.get(Scope.ACCOUNT).ifPresent(url -> app.put("override_callback_uri", url));
        }
        return answer.toString();
    }

    /** {@code POST /{account}/subscribed_apps}. */
    public synchronized String subscribe() {
        subscribed = true;
        return listed();
    }

    private String listed() {
        // Meta answers with the override when there is one, and with success alone otherwise
        return callbacks.get(Scope.ACCOUNT)
                .map(url -> JsonNodeFactory.instance.objectNode().put("success", true).put("override_callback_uri", url).toString())
                .orElse(SUCCESS);
    }

    /** {@code DELETE /{account}/subscribed_apps}. */
    public synchronized String unsubscribe() {
        subscribed = false;
        callbacks.clear(Scope.ACCOUNT);
        return SUCCESS;
    }

    /** {@code POST /{phone_number_id}}. */
    public String configured() {
        return SUCCESS;
    }

    /** The fields that were asked for, or the usual ones, and the id. What is in braces after a field is passed over. */
    private static ObjectNode chosen(ObjectNode all, String fields, Set<String> defaults, String kind, String id) {
        List<String> wanted = fields == null || fields.isBlank() ? List.copyOf(defaults) : names(fields);
        for (String field : wanted) {
            if (!field.equals("id") && !all.has(field)) {
                throw Refusal.noSuchField(field.length() > 100 ? field.substring(0, 100) : field, kind,
                        "The simulator does not have this field");
            }
        }
        for (Iterator<String> left = all.fieldNames(); left.hasNext();) {
            if (!wanted.contains(left.next())) {
                left.remove();
            }
        }
        return all.put("id", id);
    }

    private static List<String> names(String fields) {
        List<String> names = new ArrayList<>();
        StringBuilder name = new StringBuilder();
        int depth = 0;
        for (char letter : (fields + ",").toCharArray()) {
            if (letter == '{' || letter == '(') {
                depth++;
            } else if (letter == '}' || letter == ')') {
                depth--;
            } else if (depth == 0 && letter == ',') {
                if (!name.toString().isBlank()) {
                    names.add(name.toString().strip());
                }
                name.setLength(0);
            } else if (depth == 0) {
                name.append(letter);
            }
        }
        return names;
    }
}
