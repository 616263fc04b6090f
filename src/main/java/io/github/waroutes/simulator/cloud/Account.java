package io.github.waroutes.simulator.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.common.NumberState;
import io.github.waroutes.simulator.common.NumberStates;
import io.github.waroutes.simulator.common.Parameters;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.common.SimulatedNumber;
import io.github.waroutes.simulator.common.SimulatedNumbers;
import io.github.waroutes.simulator.webhook.Callbacks;
import io.github.waroutes.simulator.webhook.Callbacks.Scope;
import io.github.waroutes.simulator.webhook.TemplateEvents;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
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
 * The Business Management API: the number, the account, its templates and apps, and the token. Source:
 * WhatsApp Business Management API and Graph API, "Debug token". Refusals are {@link Refusal}s.
 */
public class Account {

    /** Exchange property: the webhook about a template that was created or changed; not there when there is none to send. */
    static final String ANNOUNCEMENT = "simulatorAnnouncement";

    private static final String SUCCESS = "{\"success\":true}";
    private static final String APP_NAME = "Simulated app";
    private static final String USER_ID = "122100000000000000";
    /** What an app is subscribed to unless it is told otherwise. */
    private static final List<String> FIELDS = List.of("account_update", "business_capability_update", "message_template_quality_update",
            "message_template_status_update", "messages",
            "phone_number_quality_update", "template_category_update");
    private static final String AVAILABLE = "AVAILABLE";
    private static final String LIMITED = "LIMITED";
    private static final String BLOCKED = "BLOCKED";
    private static final int NO_PAYMENT = 141006;
    private static final Set<String> NUMBER_DEFAULTS = Set.of("verified_name", "code_verification_status",
            "display_phone_number", "quality_rating", "platform_type", "throughput", "webhook_configuration");
    private static final Set<String> ACCOUNT_DEFAULTS = Set.of("name", "timezone_id", "message_template_namespace",
            "currency");

    private final Callbacks callbacks;
    private final Templates allTemplates;
    private final SimulatedNumbers numbers;
    private final NumberStates states;
    /** The accounts that an app is subscribed to. */
    private final Set<String> subscribed = new HashSet<>();
    private String publicUrl;

    public Account(Callbacks callbacks, Templates templates, SimulatedNumbers numbers, NumberStates states) {
        this.callbacks = callbacks;
        this.allTemplates = templates;
        this.numbers = numbers;
        this.states = states;
    }

    /** Resets it to its state at the start. */
    synchronized void reset() {
        subscribed.clear();
    }

    /** The address of this server, without a slash at its end. */
    public void setPublicUrl(String publicUrl) {
        this.publicUrl = publicUrl;
    }

    /** {@code GET /{phone_number_id}?fields=…}. */
    public String number(@Header("fields") String fields, @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        return chosen(allOf(number), fields, NUMBER_DEFAULTS, "WhatsAppBusinessPhoneNumber", number.phoneNumberId()).toString();
    }

    /** {@code GET /{account}/phone_numbers?fields=…}. */
    public String numbers(@Header("fields") String fields, @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode data = answer.putArray("data");
        numbers.all().stream().filter(one -> one.accountId().equals(number.accountId())).forEach(one -> data.add(
                chosen(allOf(one), fields, NUMBER_DEFAULTS, "WhatsAppBusinessPhoneNumber", one.phoneNumberId())));
        answer.putObject("paging").putObject("cursors").put("before", "QVFI").put("after", "QVFI");
        return answer.toString();
    }

    private ObjectNode allOf(SimulatedNumber one) {
        NumberState state = states.of(one);
        ObjectNode number = JsonNodeFactory.instance.objectNode().put("verified_name", one.label().orElse("Simulated shop"))
                .put("code_verification_status", "VERIFIED").put("display_phone_number", "+" + one.display())
                .put("quality_rating", state.quality()).put("platform_type", "CLOUD_API");
        number.putObject("throughput").put("level", state.throughput() != null ? state.throughput()
                : one.messagesPerSecond() > 80 ? "HIGH" : "STANDARD");
        ObjectNode webhooks = number.putObject("webhook_configuration")
                .put("application", hasCallback(one) ? callbacks.ofApp(one) : "");
        callbacks.get(Scope.ACCOUNT, one).ifPresent(url -> webhooks.put("whatsapp_business_account", url));
        callbacks.get(Scope.NUMBER, one).ifPresent(url -> webhooks.put("phone_number", url));
        number.put("status", state.status()).put("name_status", "APPROVED").put("account_mode", "LIVE")
                .put("is_official_business_account", false).put("is_pin_enabled", true).put("is_on_biz_app", false)
                .put("messaging_limit_tier", tierName(one)).put("whatsapp_business_manager_messaging_limit", tierName(one))
                .put("search_visibility", "VISIBLE").put("host_platform", "CLOUD_API")
                .put("last_onboarded_time", "2026-01-05T09:00:00+0000");
        number.set("health_status", health(one));
        return number;
    }

    private boolean hasCallback(SimulatedNumber number) {
        Set<String> fields = callbacks.fields(number);
        return fields == null || !fields.isEmpty();
    }

    private ObjectNode health(SimulatedNumber number) {
        NumberState state = states.of(number);
        ObjectNode health = JsonNodeFactory.instance.objectNode().put("can_send_message", !state.payment() ? BLOCKED : state.limitation() != null ? LIMITED : AVAILABLE);
        ArrayNode entities = health.putArray("entities");
        ObjectNode phone = entity(entities, "PHONE_NUMBER", number.phoneNumberId());
        if (state.limitation() != null) {
            phone.put("can_send_message", LIMITED).putArray("additional_info").add(state.limitation());
        }
        ObjectNode account = entity(entities, "WABA", number.accountId());
        if (!state.payment()) {
            account.put("can_send_message", BLOCKED).putArray("errors").addObject().put("error_code", NO_PAYMENT)
                    .put("error_description", "The account has no payment method that works. Conversations that the business starts are blocked.")
                    .put("possible_solution", "Add a payment method to the account.");
        }
        entity(entities, "APP", number.appId());
        return health;
    }

    private static ObjectNode entity(ArrayNode entities, String type, String id) {
        return entities.addObject().put("entity_type", type).put("id", id).put("can_send_message", AVAILABLE);
    }

    private String tierName(SimulatedNumber number) {
        String told = states.of(number).messagingLimit();
        int tier = number.tier();
        return told != null ? told : "TIER_" + (tier < 1000 ? Integer.toString(tier) : tier > 100_000 ? "UNLIMITED" : tier / 1000 + "K");
    }

    /** {@code GET /{account}?fields=…}. */
    public String account(@Header("fields") String fields, @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        ObjectNode account = JsonNodeFactory.instance.objectNode().put("name", "Simulated account").put("timezone_id", "1")
                .put("currency", "USD").put("message_template_namespace", "simulated_namespace").put("status", "ACTIVE")
                .put("country", "US").put("account_review_status", "APPROVED").put("business_verification_status", "verified")
                .put("ownership_type", "SELF").put("marketing_messages_lite_api_status", "ONBOARDED")
                .put("whatsapp_business_manager_messaging_limit", tierName(number));
        account.putObject("owner_business_info").put("name", "Simulated business").put("id", "506914307656634");
        account.set("health_status", health(number));
        return chosen(account, fields, ACCOUNT_DEFAULTS, "WhatsAppBusinessAccount", number.accountId()).toString();
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
        List<SimulatedNumber> own = numbers.ofToken(token);
        boolean expired = numbers.isExpired(token);
        if (own.isEmpty() || expired) {
            ObjectNode error = data.putObject("error").put("code", 190).put("message", expired
                    ? "Error validating access token: Session has expired" : "Invalid OAuth access token - Cannot parse access token");
            if (expired) {
                error.put("subcode", 463);
            }
            data.put("is_valid", false).putArray("scopes");
            return answer.toString();
        }
        SimulatedNumber number = own.get(0);
        data.put("app_id", number.appId()).put("type", "SYSTEM_USER").put("application", appName(number)).put("data_access_expires_at", 0)
                .put("expires_at", numbers.expiresAt(token)).put("is_valid", true)
                .put("issued_at", Instant.now().getEpochSecond());
        ArrayNode scopes = data.putArray("scopes");
        ArrayNode granular = data.putArray("granular_scopes");
        numbers.scopes(token).forEach(scope -> {
            scopes.add(scope);
            ArrayNode targets = granular.addObject().put("scope", scope).putArray("target_ids");
            own.stream().map(SimulatedNumber::accountId).distinct().forEach(targets::add);
        });
        data.put("user_id", USER_ID);
        return answer.toString();
    }

    /** {@code GET /{app}/subscriptions}: the callback and the fields, of an app's own token. Source: Graph API, "/{app-id}/subscriptions". */
    public String subscriptions(@Header("version") String version, @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode data = answer.putArray("data");
        if (hasCallback(number)) {
            ObjectNode subscription = data.addObject().put("object", "whatsapp_business_account").put("callback_url", callbacks.ofApp(number))
                    .put("active", true);
            ArrayNode fields = subscription.putArray("fields");
            Set<String> chosen = callbacks.fields(number);
            (chosen == null ? FIELDS : chosen.stream().sorted().toList()).forEach(field -> fields.addObject().put("name", field).put("version", version));
        }
        return answer.toString();
    }

    private static String appName(SimulatedNumber number) {
        return number.appKey().isEmpty() ? APP_NAME : number.app();
    }

    /** {@code GET /{account}/message_templates?name&status&language&category&limit&after&before}. */
    public String listTemplates(@Header("version") String version, @Header("name") String name,
            @Header("status") String status, @Header("language") String language, @Header("category") String category,
            @Header("limit") String limit, @Header("after") String after, @Header("before") String before,
            @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        Map<String, String> filters = new LinkedHashMap<>();
        filters.put("name", name);
        filters.put("status", status);
        filters.put("language", language);
        filters.put("category", category);
        filters.values().removeIf(value -> value == null || value.isEmpty());
        StringBuilder address = new StringBuilder(publicUrl + "/graph/" + version + "/" + number.accountId() + "/message_templates?");
        filters.forEach((key, value) -> address.append(key).append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8)).append('&'));
        return allTemplates.of(number).list(template -> filters.entrySet().stream().allMatch(filter -> filter.getKey().equals("name")
                // Meta finds parts of names
                ? template.path("name").asText().contains(filter.getValue().toLowerCase(Locale.ROOT))
                : filter.getValue().equalsIgnoreCase(template.path(filter.getKey()).asText())),
                limit, after, before, address.toString()).toString();
    }

    /** {@code POST /{account}/message_templates}. */
    public String createTemplate(@Header("Content-Type") String contentType, @Body byte[] body,
            @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number, Exchange exchange) {
        Templates templates = allTemplates.of(number);
        ObjectNode created = templates.create(Parameters.object(contentType, body));
        announce(number, templates.find(created.path("id").asText()).orElseThrow(), exchange);
        return created.toString();
    }

    /** {@code POST /{template_id}}: other components or another category. */
    public String editTemplate(@Header("id") String id, @Header("Content-Type") String contentType, @Body byte[] body,
            @ExchangeProperty(GraphAddresses.OF_TOKEN) List<SimulatedNumber> own, Exchange exchange) {
        JsonNode request = Parameters.read(contentType, body);
        SimulatedNumber number = own.stream().filter(one -> allTemplates.of(one).find(id).isPresent()).findFirst()
                .orElseThrow(() -> Refusal.unsupported("POST", id));
        Templates templates = allTemplates.of(number);
        exchange.setProperty(SimulatedNumbers.NUMBER, number);
        templates.edit(id, request);
        announce(number, templates.find(id).orElseThrow(), exchange);
        return SUCCESS;
    }

    private static void announce(SimulatedNumber number, JsonNode template, Exchange exchange) {
        if (!template.path("status").asText().equals("PENDING")) {
            exchange.setProperty(ANNOUNCEMENT, TemplateEvents.webhook(number.accountId(), Instant.now(),
                    List.of(template)));
        }
    }

    /** {@code DELETE /{account}/message_templates?name=…&hsm_id=…}. */
    public String deleteTemplate(@Header("name") String name, @Header("hsm_id") String id,
            @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        allTemplates.of(number).delete(name, id);
        return SUCCESS;
    }

    /** {@code GET /{account}/subscribed_apps}. */
    public synchronized String listApps(@ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode data = answer.putArray("data");
        if (subscribed.contains(number.accountId())) {
            ObjectNode app = data.addObject();
            app.putObject("whatsapp_business_api_data").put("id", number.appId()).put("name", appName(number))
                    .put("link", "https://example.com/");
            callbacks.get(Scope.ACCOUNT, number).ifPresent(url -> app.put("override_callback_uri", url));
        }
        return answer.toString();
    }

    /** {@code POST /{account}/subscribed_apps}. */
    public synchronized String subscribe(@ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        subscribed(number, true);
        return listed(number);
    }

    private String listed(SimulatedNumber number) {
        // Meta answers with the override when there is one, and with success alone otherwise
        return callbacks.get(Scope.ACCOUNT, number)
                .map(url -> JsonNodeFactory.instance.objectNode().put("success", true).put("override_callback_uri", url).toString())
                .orElse(SUCCESS);
    }

    /** Subscribes the number's app to its account, or takes that back. */
    public synchronized void subscribed(SimulatedNumber number, boolean is) {
        if (is) {
            subscribed.add(number.accountId());
        } else {
            subscribed.remove(number.accountId());
        }
    }

    /** {@code DELETE /{account}/subscribed_apps}. */
    public synchronized String unsubscribe(@ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        subscribed(number, false);
        callbacks.clear(Scope.ACCOUNT, number);
        return SUCCESS;
    }

    /** {@code POST /{phone_number_id}}. */
    public String configured() {
        return SUCCESS;
    }

    /** The requested fields, or the default ones, and the id. Nested fields in braces are ignored. */
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
