package io.github.waroutes.webhook;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import io.github.waroutes.number.BusinessNumber;
import io.github.waroutes.number.MadeOfNumbers;
import io.github.waroutes.number.NumberLookup;
import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.setting.CommaSeparated;
import io.github.waroutes.update.Update;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;

/**
 * Checks {@code X-Hub-Signature-256}: {@code sha256=} and the HMAC-SHA256 of the body's bytes as they came, in lower-case
 * hex, keyed with the app secret (Meta: "Create a webhook endpoint"; RFC 2104). It says which app signed, each comparison in
 * constant time; and an update counts only if it is about a number, or an account, of that app.
 */
public class WebhookVerifier {

    /** What a check found. */
    public enum Verdict {
        /** One of the secrets made this signature. */
        VALID,
        /** The request has no signature. */
        MISSING,
        /** The signature is not {@code sha256=} and 64 hexadecimal digits. */
        MALFORMED,
        /** No secret of ours made this signature for this body. */
        WRONG
    }

    /** An exchange variable: the {@link Verdict}. */
    static final String VERDICT = "whatsappVerdict";
    /** An exchange variable: the app that signed. */
    static final String APP = "whatsappApp";
    /** An exchange variable, an Integer: how many updates were dropped because they are about another app's numbers. */
    static final String FOREIGN = "whatsappForeign";
    /** An exchange variable, an Integer: how many updates the body has. */
    static final String UPDATES = "whatsappUpdates";
    /** An exchange variable: the updates about numbers that are not configured; null: none. */
    static final String UNKNOWN = "whatsappUnknown";

    private static final Pattern FORM = Pattern.compile("sha256=[0-9a-fA-F]{64}");

    private final NumberLookup numbers = new NumberLookup();
    private final MadeOfNumbers<AppIndex> apps = new MadeOfNumbers<>(AppIndex::new);
    /** Where there is no registry of numbers. */
    private AppIndex onlyApp = new AppIndex(List.of());

    /**
     * @param appSecrets one app secret, or several with commas between while one replaces another
     * @throws IllegalArgumentException if there is none
     */
    public void setAppSecrets(String appSecrets) {
        List<String> secrets = CommaSeparated.values(appSecrets);
        if (secrets.isEmpty()) {
            throw new IllegalArgumentException("whatsapp.app-secret is not set. Without it anybody could send webhooks."
                    + " Copy it from the app's dashboard (App settings, Basic) into application.properties or the"
                    + " environment variable WHATSAPP_APP_SECRET.");
        }
        onlyApp = new AppIndex(List.of(new BusinessNumber(BusinessNumber.FIRST, "", "", BusinessNumber.FIRST, "", secrets, "", Map.of())));
    }

    /** The verdict on the current request goes into the variable {@value #VERDICT}, and which app signed it into {@value #APP}. */
    public void check(Exchange exchange) {
        exchange.setVariable(VERDICT, verify(exchange.getMessage().getBody(byte[].class), exchange.getMessage().getHeader("X-Hub-Signature-256", String.class),
                apps(exchange), exchange));
    }

    /**
     * @param body      the bytes as they came
     * @param signature the header's value, or null
     */
    Verdict verify(byte[] body, String signature) {
        return verify(body, signature, onlyApp, null);
    }

    private static Verdict verify(byte[] body, String signature, AppIndex apps, Exchange exchange) {
        if (signature == null || signature.isBlank()) {
            return Verdict.MISSING;
        }
        String trimmed = signature.trim();
        if (!FORM.matcher(trimmed).matches()) {
            return Verdict.MALFORMED;
        }
        byte[] given = HexFormat.of().parseHex(trimmed, "sha256=".length(), trimmed.length());
        String app = apps.signer(body == null ? new byte[0] : body, given);
        if (exchange != null) {
            exchange.setVariable(APP, app);
        }
        return app == null ? Verdict.WRONG : Verdict.VALID;
    }

    /**
     * Leaves only those of the updates in the body that are about the app that signed. What is about numbers that nobody configured goes into the
     * variable {@value #UNKNOWN}, and how many were another app's into {@value #FOREIGN}.
     */
    public void keepOwn(Exchange exchange) {
        exchange.setVariable(FOREIGN, 0);
        exchange.setVariable(UPDATES, exchange.getMessage().getBody(List.class).size());
        AppIndex known = apps(exchange);
        NumberSettings settings = numbers.found();
        if (settings == null || settings.registry().servesUnknown()) {
            return;
        }
        String app = exchange.getVariable(APP, String.class);
        List<Update> own = new ArrayList<>();
        List<Update> unknown = new ArrayList<>();
        int foreign = 0;
        for (Object body : exchange.getMessage().getBody(List.class)) {
            Update update = (Update) body;
            switch (known.owner(app, (String) update.headers().get(UpdateHeaders.PHONE_NUMBER_ID),
                    (String) update.headers().get(UpdateHeaders.ACCOUNT_ID))) {
                case OWN -> own.add(update);
                case UNKNOWN -> unknown.add(update);
                default -> foreign++;
            }
        }
        exchange.getMessage().setBody(own);
        exchange.setVariable(UPDATES, own.size());
        exchange.setVariable(FOREIGN, foreign);
        if (!unknown.isEmpty()) {
            exchange.setVariable(UNKNOWN, unknown);
        }
    }

    private AppIndex apps(Exchange exchange) {
        NumberSettings settings = numbers.in(exchange.getContext());
        return settings == null ? onlyApp : apps.of(settings.registry());
    }
}
