package io.github.waroutes.number;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * A business number, with what it sends and receives with. It never changes: a renewed token makes another one.
 *
 * @param name          what people call it; the number of the plain properties is {@value #FIRST}
 * @param phoneNumberId Meta's id of it, not the phone number
 * @param accountId     the WhatsApp Business Account that it belongs to; empty: not known
 * @param app           the name of the app whose webhooks are about it
 * @param accessToken   a token with {@code whatsapp_business_messaging}
 * @param appSecrets    of that app; several while one replaces another
 * @param verifyToken   of that app
 * @param settings      what it has of its own, by the full key, as in {@code whatsapp.reply.apology}
 */
public record BusinessNumber(String name, String phoneNumberId, String accountId, String app, String accessToken, List<String> appSecrets,
        String verifyToken, Map<String, String> settings) {

    /** The name of the number that the plain properties describe. */
    public static final String FIRST = "default";

    public BusinessNumber {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(phoneNumberId, "phoneNumberId");
        Objects.requireNonNull(app, "app");
        Objects.requireNonNull(accessToken, "accessToken");
        accountId = accountId == null ? "" : accountId;
        appSecrets = List.copyOf(appSecrets);
        settings = Map.copyOf(settings);
    }

    /**
     * A secret that goes to an address: the gateway's goes to the gateway's address only, so a number with an address of its own has its own
     * secret, or none.
     *
     * @param address the address' setting
     * @param secret  the secret's setting
     * @param common  the gateway's value of a setting
     */
    String secret(String address, String secret, UnaryOperator<String> common) {
        return settings.getOrDefault(secret, settings.containsKey(address) ? "" : common.apply(secret));
    }

    /** The name only: the rest holds secrets. */
    @Override
    public String toString() {
        return name;
    }
}
