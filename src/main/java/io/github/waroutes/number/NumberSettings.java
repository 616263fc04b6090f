package io.github.waroutes.number;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.setting.Settings;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/** What holds for the number of the current message: its own value, or else the gateway's. Routes ask it by the setting's full key. */
public class NumberSettings implements CamelContextAware {

    /** The name of this bean. */
    public static final String BEAN = "whatsappNumberSettings";
    /** The header by which a message names its number. */
    public static final String NAME = "WhatsAppNumber";
    /** The {@link #label} of a number that is not configured. */
    public static final String OTHER = "other";
    private static final String NUMBER = "WhatsAppPhoneNumberId";
    private static final String TYPE = "WhatsAppMessageType";
    private static final String KIND = "WhatsAppUpdateKind";
    /** The variable that is false of a message without the object of its type. */
    private static final String READABLE = "whatsappReadable";
    /** The settings that name what handles updates which are no messages. */
    private static final Set<String> HANDLERS = Set.of("whatsapp.on.status", "whatsapp.on.error", "whatsapp.on.change", "whatsapp.on.template");

    private final Map<String, String> common = new HashMap<>();
    private CamelContext camelContext;
    private Set<String> types = Set.of();
    private ConfiguredNumbers configured;
    private volatile NumberRegistry registry;

    /** The one of this context, or null. */
    public static NumberSettings in(CamelContext context) {
        return context == null ? null : context.getRegistry().lookupByNameAndType(BEAN, NumberSettings.class);
    }

    @Override
    public void setCamelContext(CamelContext context) {
        camelContext = context;
    }

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    /** Reads what is configured. */
    public void read() {
        Settings settings = Settings.load();
        types = Set.copyOf(settings.messageTypes());
        settings.numberKeys().stream().map(key -> settings.ofNumber(key).orElseThrow()).forEach(setting -> {
            String value = camelContext.resolvePropertyPlaceholders("{{?" + setting.name() + "}}");
            common.put(setting.name(), value != null ? value.strip() : setting.defaultValue() == null ? "" : setting.defaultValue());
        });
        configured = new ConfiguredNumbers(camelContext, settings);
    }

    /** Ends the look at the file. */
    public void close() {
        if (configured != null) {
            configured.close();
        }
    }

    /** The host's, if there is one. */
    public NumberRegistry registry() {
        NumberRegistry known = registry;
        if (known == null) {
            NumberRegistry hosts = camelContext.getRegistry().lookupByNameAndType(NumberRegistry.BEAN, NumberRegistry.class);
            known = hosts != null ? hosts : configured;
            if (known == configured) {
                // only here: the loader may make a second bean like this one, which nobody asks
                configured.watch();
            }
            registry = known;
        }
        return known;
    }

    /** @return the number of this id, the first without an id, or null if it is not served */
    public BusinessNumber of(String phoneNumberId) {
        NumberRegistry numbers = registry();
        if (phoneNumberId == null || phoneNumberId.isBlank()) {
            return numbers.first();
        }
        BusinessNumber number = numbers.byId(phoneNumberId);
        return number != null || !numbers.servesUnknown() ? number : numbers.first();
    }

    /**
     * The number of this id, the first without an id.
     *
     * @throws WhatsAppMessageException if it is not served
     */
    public BusinessNumber require(String phoneNumberId) {
        BusinessNumber number = of(phoneNumberId);
        if (number == null) {
            throw new WhatsAppMessageException(ErrorDetails.builder("The message is for a number that is not configured. There are: "
                    + names()).build());
        }
        return number;
    }

    /**
     * The id of the number with this name.
     *
     * @throws WhatsAppMessageException if there is none
     */
    public String idOf(String name) {
        BusinessNumber number = registry().byName(name.strip());
        if (number == null) {
            throw new WhatsAppMessageException(ErrorDetails.builder("The header WhatsAppNumber names no number. There are: " + names()).build());
        }
        return number.phoneNumberId();
    }

    /**
     * A name in the header {@value #NAME} becomes its id in the header {@code WhatsAppPhoneNumberId}.
     *
     * @throws WhatsAppMessageException if there is no such number
     */
    public void named(Exchange exchange) {
        Object name = exchange.getMessage().removeHeader(NAME);
        if (name != null && !name.toString().isBlank()) {
            exchange.getMessage().setHeader(NUMBER, idOf(name.toString()));
        }
    }

    private String names() {
        return names(registry().all());
    }

    /** What metrics call the number of the current message: its name, and never its id. */
    public String label(Exchange exchange) {
        BusinessNumber number = of(exchange.getMessage().getHeader(NUMBER, String.class));
        return number == null ? OTHER : number.name();
    }

    /** Their names as the end of a sentence, in the order of the alphabet. */
    public static String names(Collection<BusinessNumber> numbers) {
        return numbers.stream().map(BusinessNumber::name).sorted().collect(Collectors.joining(", "));
    }

    /** What holds for the current message's number. */
    public String text(String key, Exchange exchange) {
        String own = own(key, exchange);
        return own != null ? own : common.get(key);
    }

    /** As {@link BusinessNumber#secret}, of the current message's number. */
    public String secret(String address, String secret, Exchange exchange) {
        BusinessNumber number = of(exchange.getMessage().getHeader(NUMBER, String.class));
        return number == null ? common.get(secret) : number.secret(address, secret, common::get);
    }

    public boolean isOn(String key, Exchange exchange) {
        return "true".equalsIgnoreCase(text(key, exchange));
    }

    /** What the current message's number has of its own, or the source that takes an update in the place of what the setting names; null: nothing. */
    public String own(String key, Exchange exchange) {
        String source = HANDLERS.contains(key) ? source(exchange, true) : null;
        if (source != null) {
            return source;
        }
        Map<String, String> own = ownOf(exchange);
        return own.isEmpty() ? null : own.get(key);
    }

    /** The source that takes the current message, or else the number's own route for its type; null: the gateway's. */
    public String ownRoute(Exchange exchange) {
        boolean readable = !Boolean.FALSE.equals(exchange.getVariable(READABLE));
        String source = source(exchange, readable);
        if (source != null || !readable) {
            return source;
        }
        Map<String, String> own = ownOf(exchange);
        if (own.isEmpty()) {
            return null;
        }
        String type = exchange.getMessage().getHeader(TYPE, "", String.class);
        // the type is a stranger's word, and must not choose among the other settings
        return own.get(types.contains(type) ? "whatsapp.on." + type : "whatsapp.on.unknown");
    }

    private String source(Exchange exchange, boolean readable) {
        // there if any route asks for it
        if (camelContext == null || !(camelContext.hasComponent(UpdateSources.NAME) instanceof UpdateSources known)) {
            return null;
        }
        Message update = exchange.getMessage();
        return known.of(update.getHeader(KIND, String.class), update.getHeader(TYPE, String.class), readable,
                of(update.getHeader(NUMBER, String.class)));
    }

    private Map<String, String> ownOf(Exchange exchange) {
        BusinessNumber number = of(exchange.getMessage().getHeader(NUMBER, String.class));
        return number == null ? Map.of() : number.settings();
    }
}
