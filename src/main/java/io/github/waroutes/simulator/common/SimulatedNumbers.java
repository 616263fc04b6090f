package io.github.waroutes.simulator.common;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.Body;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Header;

/**
 * The business phone numbers that the simulator has. The first is configured by the plain properties; more come from a property, from a file
 * in the shape of the gateway's, and from the control API. Missing values of a number are taken from a number of its account, of its app,
 * or from the first. Thread-safe.
 */
public class SimulatedNumbers extends AtStart {

    /** Exchange property: the {@link SimulatedNumber} that a request or a webhook is about. */
    public static final String NUMBER = "simulatorNumber";

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?");
    private static final String META = "EAA";
    private static final int LONG = 60;
    private static final List<String> IN_LINE = List.of("phone-number-id", "display-phone-number", "account-id", "app", "access-token",
            "app-secret");
    private static final Set<String> KEYS = Set.of("phone-number-id", "display-phone-number", "account-id", "app", "access-token",
            "app-secret", "verify-token", "webhook-url", "messages-per-second", "tier");

    private final Map<String, String> plain = new LinkedHashMap<>(Map.of("phone-number-id", "106540352242922", "display-phone-number",
            "15550783881", "account-id", "102290129340398", "access-token", "simulated-access-token", "app-secret",
            "simulated-app-secret", "verify-token", "", "messages-per-second", "80", "tier", "250", "app", SimulatedNumber.FIRST));
    private final Map<String, SimulatedNumber> configured = new LinkedHashMap<>();
    private final Map<String, SimulatedNumber> numbers = new LinkedHashMap<>();
    private final TokenStates tokenStates = new TokenStates();
    private String line = "";
    private String file = "";

    public void setPhoneNumberId(String id) {
        plain.put("phone-number-id", id);
    }

    public void setDisplayPhoneNumber(String digits) {
        plain.put("display-phone-number", digits);
    }

    public void setAccountId(String id) {
        plain.put("account-id", id);
    }

    /** The token of the first number. */
    public void setAccessToken(String token) {
        if (token.isBlank()) {
            throw new IllegalArgumentException("Set whatsapp.access-token: the simulator asks for it");
        }
        plain.put("access-token", token);
    }

    /** One app secret, or several separated by commas while one is being rotated: the first signs. */
    public void setAppSecret(String secrets) {
        if (firstOf(secrets).isEmpty()) {
            throw new IllegalArgumentException("Set whatsapp.app-secret: the simulator signs its webhooks with it");
        }
        plain.put("app-secret", secrets);
    }

    /** The verify token of the handshake before the first webhook; empty for no handshake. */
    public void setVerifyToken(String token) {
        plain.put("verify-token", token.strip());
    }

    /** The number's throughput, when limits are enforced. */
    public void setMessagesPerSecond(int messages) {
        plain.put("messages-per-second", Integer.toString(messages));
    }

    /** How many users the account may write to first within 24 h, when limits are enforced. */
    public void setTier(int users) {
        plain.put("tier", Integer.toString(users));
    }

    /** More numbers: {@code name=phoneNumberId[:display[:account[:app[:token[:secret]]]]]}, with commas between. */
    public void setNumbers(String line) {
        this.line = line.strip();
    }

    /** More numbers: a YAML file in the shape of the gateway's {@code whatsapp.numbers.file}; empty for none. */
    public void setFile(String file) {
        this.file = file.strip();
    }

    @Override
    protected void atStart(CamelContext started) {
        all();
    }

    /** Whether this looks like a token of Meta's: these begin with EAA and are long. */
    public static boolean looksReal(String token) {
        String bare = token.strip();
        return bare.toUpperCase(Locale.ROOT).startsWith(META) || bare.length() >= LONG;
    }

    private static String firstOf(String list) {
        return list.split(",", 2)[0].strip();
    }

    /** All numbers, the first number first. */
    public synchronized List<SimulatedNumber> all() {
        if (configured.isEmpty()) {
            Map<String, SimulatedNumber> read = new LinkedHashMap<>();
            read.put(SimulatedNumber.FIRST, numberOf(SimulatedNumber.FIRST, plain, List.of()));
            given().forEach((name, values) -> {
                require(!read.containsKey(name), name, "the name is the first number's, or is there twice");
                read.put(name, numberOf(name, values, read.values()));
            });
            configured.putAll(read);
            numbers.putAll(read);
        }
        return List.copyOf(numbers.values());
    }

    private Map<String, Map<String, String>> given() {
        Map<String, Map<String, String>> given = new LinkedHashMap<>();
        if (!file.isEmpty()) {
            CamelContext camel = getCamelContext();
            given.putAll(NumbersYaml.read(file, text -> camel == null ? text : camel.resolvePropertyPlaceholders(text)));
        }
        for (String one : line.isEmpty() ? new String[0] : line.split(",")) {
            String[] halves = one.strip().split("=", 2);
            String[] parts = halves.length < 2 ? new String[0] : halves[1].split(":");
            if (parts.length == 0 || parts.length > IN_LINE.size()) {
                throw new IllegalArgumentException("whatsapp.simulator.numbers takes name=phoneNumberId, and after it, with : before each,"
                        + " the display number, account id, app, token and secret; commas between numbers");
            }
            Map<String, String> values = new LinkedHashMap<>();
            for (int at = 0; at < parts.length; at++) {
                if (!parts[at].isBlank()) {
                    values.put(IN_LINE.get(at), parts[at].strip());
                }
            }
            given.put(halves[0].strip(), values);
        }
        return given;
    }

    /** @param others the existing ones, the first number first */
    private static SimulatedNumber numberOf(String name, Map<String, String> given, Collection<SimulatedNumber> others) {
        require(NAME.matcher(name).matches(), name, "the name must be small letters, digits and hyphens");
        SimulatedNumber first = others.stream().findFirst().orElse(null);
        String id = given.getOrDefault("phone-number-id", "");
        require(id.matches("[0-9]{1,32}"), name, "phone_number_id must be digits only");
        List<SimulatedNumber> rest = others.stream().filter(other -> !other.name().equals(name)).toList();
        require(rest.stream().noneMatch(other -> other.phoneNumberId().equals(id)), name, "another number has this phone_number_id");
        String account = given.getOrDefault("account-id", first == null ? "" : first.accountId());
        require(account.matches("[0-9]{1,32}"), name, "account_id must be digits only");
        require(rest.stream().noneMatch(other -> other.accountId().equals(id) || other.phoneNumberId().equals(account)) && !id.equals(account),
                name, "a phone_number_id cannot be an account_id too");
        SimulatedNumber ofAccount = rest.stream().filter(other -> other.accountId().equals(account)).findFirst().orElse(first);
        String app = given.getOrDefault("app", ofAccount == null ? "" : ofAccount.app());
        require(!app.isBlank(), name, "app must be a name");
        SimulatedNumber ofApp = rest.stream().filter(other -> other.app().equals(app)).findFirst().orElse(first);
        String display = given.getOrDefault("display-phone-number", "1555" + ("0000000" + id).substring(id.length())).replaceFirst("^\\+", "");
        require(display.matches("[0-9]{1,32}"), name, "display_phone_number must be digits only");
        String token = given.get("access-token");
        // the plain property is one token, whatever it looks like
        List<String> tokens = token == null ? ofAccount.accessTokens() : first == null ? List.of(token)
                : Arrays.stream(token.split(",")).map(String::strip).filter(one -> !one.isEmpty()).toList();
        require(!tokens.isEmpty() && (first == null || tokens.stream().noneMatch(SimulatedNumbers::looksReal)), name,
                "access_token is empty, or looks like a real one of Meta's: give a made-up one");
        String secret = given.containsKey("app-secret") ? firstOf(given.get("app-secret")) : ofApp == null ? "" : ofApp.appSecret();
        require(!secret.isEmpty(), name, "app_secret is empty");
        String url = given.getOrDefault("webhook-url", ofApp == null || ofApp == first && !ofApp.app().equals(app) ? null : ofApp.webhookUrl());
        require(url == null || LoopbackOnly.isLocal(url), name, "webhook_url must be an http address on this machine");
        return new SimulatedNumber(name, id, display, account, app, tokens, secret,
                given.getOrDefault("verify-token", ofApp == null ? "" : ofApp.verifyToken()), url,
                count(name, given, "messages-per-second", first == null ? 0 : first.messagesPerSecond()),
                count(name, given, "tier", ofAccount == null ? 0 : ofAccount.tier()), first == null || first.name().equals(name) ? null : first);
    }

    private static int count(String name, Map<String, String> given, String key, int otherwise) {
        String text = given.get(key);
        if (text == null) {
            return otherwise;
        }
        if (key.equals("tier") && text.equalsIgnoreCase("unlimited")) {
            return Integer.MAX_VALUE;
        }
        require(text.matches("[0-9]{1,9}"), name, key.replace('-', '_') + " must be a number");
        return Integer.parseInt(text);
    }

    private static void require(boolean holds, String name, String rule) {
        if (!holds) {
            throw new IllegalArgumentException("The simulator's number " + name + ": " + rule);
        }
    }

    /** The number that the plain properties describe. */
    public SimulatedNumber first() {
        return all().get(0);
    }

    /** @throws Refusal 400 that lists the names, when it is neither a name nor a phone number id; null and empty are the first */
    public SimulatedNumber named(String nameOrId) {
        if (nameOrId == null || nameOrId.isBlank()) {
            return first();
        }
        List<SimulatedNumber> all = all();
        return all.stream().filter(number -> number.name().equals(nameOrId) || number.phoneNumberId().equals(nameOrId)).findFirst()
                .orElseThrow(() -> Refusal.plain(400, "There is no such number. There are "
                        + all.stream().map(SimulatedNumber::name).collect(Collectors.joining(", "))));
    }

    /** Sets the number that the parameter names as the exchange's. */
    public void choose(@Header("number") String nameOrId, Exchange exchange) {
        exchange.setProperty(NUMBER, named(nameOrId));
    }

    /** Sets the number that a webhook is about, by its content, unless it is set already. */
    public void settle(@Body byte[] webhook, Exchange exchange) {
        if (exchange.getProperty(NUMBER) != null) {
            return;
        }
        List<SimulatedNumber> all = all();
        JsonNode entry = all.size() == 1 ? null : Json.object(webhook).map(json -> json.at("/entry/0")).orElse(null);
        String id = entry == null ? "" : entry.at("/changes/0/value/metadata/phone_number_id").asText();
        exchange.setProperty(NUMBER, all.stream().filter(number -> number.phoneNumberId().equals(id)).findFirst()
                .or(() -> all.stream().filter(number -> entry != null && number.accountId().equals(entry.path("id").asText())).findFirst())
                .orElse(all.get(0)));
    }

    /** The numbers that a token may use; none for an unknown token, or one that is no longer valid. */
    public List<SimulatedNumber> ofToken(String token) {
        return tokenStates.isInvalid(token) ? List.of()
                : all().stream().filter(number -> number.accessTokens().stream().anyMatch(one -> HmacSha256.isSame(one, token))).toList();
    }

    /** Whether this token has expired. */
    public boolean isExpired(String token) {
        return tokenStates.isExpired(token);
    }

    /** The permissions of this token. */
    public List<String> scopes(String token) {
        return tokenStates.scopes(token);
    }

    /** When this token expires, in epoch seconds; 0: never. */
    public long expiresAt(String token) {
        return tokenStates.end(token);
    }

    /**
     * The numbers of the app whose own token this is, {@code app-id|app-secret}; none for another token. Source: Graph API, "Access
     * tokens", "App access tokens".
     */
    public List<SimulatedNumber> ofAppToken(String token) {
        return all().stream().filter(number -> HmacSha256.isSame(number.appId() + '|' + number.appSecret(), token)).toList();
    }

    /** Resets to the configured numbers. */
    public synchronized void reset() {
        tokenStates.reset();
        if (!configured.isEmpty()) {
            numbers.clear();
            numbers.putAll(configured);
        }
    }

    /** {@code GET /simulator/numbers}: every number, with its made-up tokens and secret. */
    public synchronized String list() {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        all().forEach(number -> list.add(shown(number)));
        return list.toString();
    }

    private ObjectNode shown(SimulatedNumber number) {
        ObjectNode json = number.toJson();
        number.accessTokens().forEach(json.putArray("access_tokens")::add);
        json.put("token_expired", number.accessTokens().stream().allMatch(tokenStates::isExpired)).put("app_secret", number.appSecret());
        json.put("verify_token", number.verifyToken());
        if (number.webhookUrl() != null) {
            json.put("webhook_url", number.webhookUrl());
        }
        return json.put("messages_per_second", number.messagesPerSecond()).put("tier", number.tier());
    }

    /** {@code POST /simulator/numbers {"name","phone_number_id",…}}: another number, or another description of one but the first. */
    public synchronized String add(@Header("Content-Type") String contentType, @Body byte[] body) {
        JsonNode request = ControlRequest.object(contentType, body, "{\"name\":\"es\",\"phone_number_id\":\"5001\"}");
        Map<String, String> given = new LinkedHashMap<>();
        request.fields().forEachRemaining(field -> given.put(field.getKey().replace('_', '-'), field.getValue().asText()));
        String name = given.getOrDefault("name", "");
        given.remove("name");
        if (!KEYS.containsAll(given.keySet())) {
            throw Refusal.plain(400, "A number takes name, " + KEYS.stream().sorted().map(key -> key.replace('-', '_'))
                    .collect(Collectors.joining(", ")) + "; nothing else");
        }
        if (name.equals(SimulatedNumber.FIRST)) {
            throw Refusal.plain(400, "The first number is as the properties say");
        }
        try {
            SimulatedNumber number = numberOf(name, given, all());
            numbers.put(name, number);
            return shown(number).toString();
        } catch (IllegalArgumentException e) {
            throw Refusal.plain(400, e.getMessage());
        }
    }

    /** {@code DELETE /simulator/numbers/{name}}: removes it from Graph. */
    public synchronized String remove(@Header("name") String name) {
        SimulatedNumber number = named(name);
        if (number.first() == null) {
            throw Refusal.plain(400, "The first number stays");
        }
        numbers.remove(number.name());
        return "{\"success\":true}";
    }

    /**
     * {@code POST /simulator/numbers/{name}/token}: {@code {"expired":true}}, or false to take that back, or
     * {@code {"access_token":"…"}} for a new one that replaces the old ones, which have then expired; {@code {"invalid":true}}, or false;
     * {@code {"scopes":["whatsapp_business_messaging"]}}; {@code {"expires_in":3600}} in seconds, 0 for never. It affects every number with
     * the same token.
     */
    public synchronized String changeToken(@Header("name") String name, @Header("Content-Type") String contentType, @Body byte[] body) {
        JsonNode request = ControlRequest.object(contentType, body, "{\"expired\":true}");
        ControlRequest.only(request, Set.of("expired", "access_token", "invalid", "scopes", "expires_in"),
                "The body takes access_token, expired, expires_in, invalid or scopes; nothing else");
        SimulatedNumber asked = named(name);
        if (!request.has("access_token")) {
            changeState(asked, request);
            return shown(asked).toString();
        }
        String token = ControlRequest.text(request, "access_token", LONG);
        if (looksReal(token)) {
            throw Refusal.plain(400, "access_token looks like a real one of Meta's: give a made-up one");
        }
        renew(asked, token);
        return shown(named(name)).toString();
    }

    private void changeState(SimulatedNumber number, JsonNode request) {
        JsonNode scopes = request.path("scopes");
        JsonNode seconds = request.path("expires_in");
        if (request.isEmpty() || request.has("expired") && !request.path("expired").isBoolean() || request.has("invalid") && !request.path("invalid").isBoolean()) {
            throw Refusal.plain(400, "expired and invalid must be true or false, or access_token a new token");
        }
        if (request.has("expires_in") && (!seconds.isInt() || seconds.intValue() < 0)) {
            throw Refusal.plain(400, "expires_in must be a whole number of seconds, or 0 for never");
        }
        List<String> only = new ArrayList<>();
        scopes.forEach(scope -> only.add(scope.asText()));
        if (request.has("scopes") && (!scopes.isArray() || !only.stream().allMatch(scope -> scope.matches("[a-z_]{1,100}")))) {
            throw Refusal.plain(400, "scopes must be a list of permissions, such as [\"whatsapp_business_messaging\"]");
        }
        if (request.has("expired")) {
            expire(number, request.path("expired").booleanValue());
        }
        if (request.has("invalid")) {
            invalidate(number, request.path("invalid").booleanValue());
        }
        if (request.has("scopes")) {
            permit(number, only);
        }
        if (request.has("expires_in")) {
            expireIn(number, Duration.ofSeconds(seconds.intValue()));
        }
    }

    /** Lets the number's tokens expire, or be valid again. */
    public void expire(SimulatedNumber number, boolean over) {
        tokenStates.expire(number.accessTokens(), over);
    }

    /** Lets Graph know the number's tokens no longer, or again. */
    public void invalidate(SimulatedNumber number, boolean wrong) {
        tokenStates.invalidate(number.accessTokens(), wrong);
    }

    /** Gives the number's tokens these permissions, and no others. */
    public void permit(SimulatedNumber number, List<String> scopes) {
        tokenStates.permit(number.accessTokens(), scopes);
    }

    /** Lets the number's tokens expire after this time; zero: never. */
    public void expireIn(SimulatedNumber number, Duration time) {
        tokenStates.end(number.accessTokens(), time.isZero() ? null : Instant.now().plus(time));
    }

    /** Replaces the number's tokens, which have then expired, also for other numbers that have the same. */
    public synchronized void renew(SimulatedNumber asked, String token) {
        List<String> old = asked.accessTokens();
        expire(asked, true);
        tokenStates.expire(List.of(token), false);
        List<SimulatedNumber> renewed = new ArrayList<>();
        for (SimulatedNumber number : all()) {
            renewed.add(new SimulatedNumber(number.name(), number.phoneNumberId(), number.display(), number.accountId(), number.app(),
                    number.accessTokens().equals(old) ? List.of(token) : number.accessTokens(), number.appSecret(), number.verifyToken(),
                    number.webhookUrl(), number.messagesPerSecond(), number.tier(), renewed.isEmpty() ? null : renewed.get(0)));
        }
        renewed.forEach(number -> numbers.put(number.name(), number));
    }
}
