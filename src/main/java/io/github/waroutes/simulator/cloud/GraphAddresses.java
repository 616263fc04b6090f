package io.github.waroutes.simulator.cloud;

import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.common.SimulatedNumber;
import io.github.waroutes.simulator.common.SimulatedNumbers;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;

/**
 * Which operation of the Graph API an address and a method name: {@code /graph[/{version}]/{object}[/{edge}]}. Any version is
 * accepted; without one Graph uses the oldest available. Source: Graph API, "Overview" and "Versioning". Refusals are
 * {@link Refusal}s: code 2500 for a path that means nothing, 100 with subcode 33 for an object that does not exist or does
 * not support the method, 100 for a field that its kind does not have.
 */
public class GraphAddresses {

    /** Exchange property: the {@link SimulatedNumber}s that the caller's token may use. */
    static final String OF_TOKEN = "simulatorNumbersOfToken";
    /** Exchange property: whether the caller's token is an app's own. */
    static final String OF_APP = "simulatorTokenOfApp";
    /** Exchange property: the permissions of the caller's token. */
    static final String SCOPES = "simulatorScopes";

    private static final String ROOT = "/graph";
    private static final String OLDEST = "v21.0";
    private static final Pattern VERSION = Pattern.compile("v[0-9]{1,3}\\.[0-9]");
    private static final int MAX_SHOWN = 100;
    private static final String NOT_HERE = "The simulator does not have this; Meta may. What it has is in docs/simulator.md";
    private static final String STRANGER = "The simulator does not have this: its only number and its only account are those of its"
            + " configuration (whatsapp.phone-number-id, whatsapp.simulator.account-id)";
    private static final String ANOTHERS = "The simulator does not have this, or not for this token: GET /simulator/numbers shows which"
            + " numbers, accounts and tokens there are";
    private static final String MESSAGING = "whatsapp_business_messaging";
    private static final String MANAGEMENT = "whatsapp_business_management";
    /** Operations that need {@value #MESSAGING}; the others about numbers and accounts need {@value #MANAGEMENT}. */
    private static final Set<String> WITH_MESSAGING = Set.of("messages", "marketing", "upload", "delete-media", "block-users", "encryption");
    /** Operations that any token may ask for: an object is a file or a template. */
    private static final Set<String> FREE = Set.of("me", "debug_token", "object");
    private static final Set<String> ALONE = Set.of("me", "debug_token");
    private static final String CODES = "message_qrdls";
    private static final Map<String, String> OF_NUMBER = Map.ofEntries(Map.entry("POST messages", "messages"),
            Map.entry("POST marketing_messages", "marketing"), Map.entry("POST media", "upload"), Map.entry("GET ", "number"), Map.entry("POST ", "configure-number"),
            Map.entry("GET block_users", "block-users"), Map.entry("POST block_users", "block-users"), Map.entry("DELETE block_users", "block-users"),
            Map.entry("GET " + CODES, "qr-codes"), Map.entry("POST " + CODES, "qr-codes"),
            Map.entry("GET whatsapp_business_profile", "profile"), Map.entry("POST whatsapp_business_profile", "profile"),
            Map.entry("GET whatsapp_business_encryption", "encryption"), Map.entry("POST whatsapp_business_encryption", "encryption"));
    private static final Map<String, String> OF_ACCOUNT = Map.of("GET ", "account", "GET phone_numbers", "list-numbers",
            "GET message_templates", "list-templates", "POST message_templates", "create-template",
            "DELETE message_templates", "delete-template", "GET subscribed_apps", "list-apps",
            "POST subscribed_apps", "subscribe-app", "DELETE subscribed_apps", "unsubscribe-app");
    private static final Map<String, String> OF_OTHERS = Map.of("GET ", "object", "DELETE ", "delete-media",
            "POST ", "edit-template");

    private final SimulatedNumbers numbers;

    public GraphAddresses(SimulatedNumbers numbers) {
        this.numbers = numbers;
    }


    /**
     * The name of the operation; the version and the object's id become the headers {@code version} and {@code id}, the number that
     * it is about becomes {@link SimulatedNumbers#NUMBER}: one of the token's own, as others do not exist for it.
     *
     * @throws Refusal when there is no such operation
     */
    public String operation(@Header(Exchange.HTTP_PATH) String path, @Header(Exchange.HTTP_METHOD) String method,
            @ExchangeProperty(GraphAddresses.OF_TOKEN) List<SimulatedNumber> own, Exchange exchange) {
        List<String> parts = Arrays.stream(path.substring(ROOT.length()).split("/")).filter(part -> !part.isEmpty()).toList();
        boolean versioned = !parts.isEmpty() && VERSION.matcher(parts.get(0)).matches();
        List<String> rest = versioned ? parts.subList(1, parts.size()) : parts;
        if (!path.startsWith(ROOT + "/") || rest.isEmpty()) {
            throw Refusal.unknownPath(shown(path.startsWith(ROOT + "/") ? "/" + String.join("/", parts) : path), NOT_HERE);
        }
        boolean ofCode = rest.size() == 3 && rest.get(1).equals(CODES) && Set.of("GET", "DELETE").contains(method);
        if (rest.size() > 2 && !ofCode) {
            throw Refusal.unknownPath(shown("/" + String.join("/", rest.subList(2, rest.size()))), NOT_HERE);
        }
        String object = rest.get(0);
        String edge = rest.size() > 1 ? rest.get(1) : "";
        exchange.getMessage().setHeader("version", versioned ? parts.get(0) : OLDEST);
        exchange.getMessage().setHeader("id", object);
        Optional<SimulatedNumber> number = own.stream().filter(one -> one.phoneNumberId().equals(object)).findFirst();
        Optional<SimulatedNumber> account = own.stream().filter(one -> one.accountId().equals(object)).findFirst();
        exchange.setProperty(SimulatedNumbers.NUMBER, number.or(() -> account).orElse(own.get(0)));
        if (edge.equals("subscriptions") && method.equals("GET") && object.equals(own.get(0).appId())) {
            if (!Boolean.TRUE.equals(exchange.getProperty(OF_APP))) {
                throw Refusal.appTokenOnly();
            }
            return "subscriptions";
        }
        if (ofCode) {
            exchange.getMessage().setHeader("code", rest.get(2));
        }
        String operation = ofCode && number.isPresent() ? "qr-codes" : find(method, object, edge, number.isPresent(), account.isPresent());
        requireScope(operation, exchange.getProperty(SCOPES, List.class));
        return operation;
    }

    private static void requireScope(String operation, List<?> scopes) {
        String scope = WITH_MESSAGING.contains(operation) ? MESSAGING : MANAGEMENT;
        if (!FREE.contains(operation) && scopes != null && !scopes.contains(scope)) {
            throw Refusal.notPermitted(scope);
        }
    }

    private String find(String method, String object, String edge, boolean number, boolean account) {
        if (ALONE.contains(object)) {
            if (!edge.isEmpty()) {
                throw Refusal.unknownPath(shown("/" + edge), NOT_HERE);
            }
            if (!method.equals("GET")) {
                throw Refusal.unsupported(method, object, NOT_HERE);
            }
            return object;
        }
        if (object.matches("v[0-9.]+.*")) {
            throw Refusal.unknownPath(shown("/" + object), NOT_HERE);
        }
        Map<String, String> operations = number ? OF_NUMBER : account ? OF_ACCOUNT : OF_OTHERS;
        String operation = operations.get(method + " " + edge);
        if (operation != null) {
            return operation;
        }
        boolean known = edge.isEmpty() || operations.keySet().stream().anyMatch(key -> key.endsWith(" " + edge));
        if (known || !(number || account)) {
            throw Refusal.unsupported(method, shown(object), number || account ? NOT_HERE : numbers.all().size() > 1 ? ANOTHERS : STRANGER);
        }
        if (method.equals("GET")) {
            throw Refusal.noSuchField(shown(edge), number ? "WhatsAppBusinessPhoneNumber" : "WhatsAppBusinessAccount", NOT_HERE);
        }
        throw Refusal.unknownPath(shown("/" + edge), NOT_HERE);
    }

    private static String shown(String text) {
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "…";
    }
}
