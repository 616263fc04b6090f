package io.github.waroutes.understanding;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.github.waroutes.number.NumberSettings;
import org.apache.camel.Exchange;

/** The embedded classifier of the current message's number: of its own intents file, or of the gateway's. */
public final class NumberIntents {

    private static final String FILE = "whatsapp.understanding.intents.file";

    private final IntentsUnderstanding common;
    private final Map<String, IntentsUnderstanding> own = new ConcurrentHashMap<>();

    /**
     * @param location the gateway's file, as for {@link IntentsUnderstanding#create}
     * @param chosen   what {@code whatsapp.understanding} says
     */
    public NumberIntents(String location, String chosen) {
        common = IntentsUnderstanding.create(location, chosen);
    }

    /**
     * The replies to the text that is the body; one entry a message. A file is trained when its number is first asked.
     *
     * @throws IllegalArgumentException if the number's file has a mistake
     */
    public List<String> reply(Exchange exchange) {
        NumberSettings settings = NumberSettings.in(exchange.getContext());
        String file = settings == null ? null : settings.own(FILE, exchange);
        IntentsUnderstanding intents = file == null ? common : own.computeIfAbsent(file, IntentsUnderstanding::new);
        return intents.reply(exchange.getMessage().getBody(String.class));
    }
}
