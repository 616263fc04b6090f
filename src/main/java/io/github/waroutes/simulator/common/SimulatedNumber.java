package io.github.waroutes.simulator.common;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/**
 * One business phone number of the simulator, with what its account and its app have.
 *
 * @param name         its name in the simulator; the first is {@value #FIRST}
 * @param display      the phone number itself, digits only
 * @param app          the name of its app; numbers of one app share secret and callback
 * @param accessTokens every token that may use it
 * @param appSecret    what its webhooks are signed with
 * @param verifyToken  the verify token of the handshake before the first webhook; empty for no handshake
 * @param webhookUrl   where the webhooks of its app go, or null for where those of the first number go
 * @param first        the first number, or null for the first itself
 */
public record SimulatedNumber(String name, String phoneNumberId, String display, String accountId, String app, List<String> accessTokens,
        String appSecret, String verifyToken, String webhookUrl, int messagesPerSecond, int tier, SimulatedNumber first) {

    /** The name of the number that the plain properties describe. */
    public static final String FIRST = "default";

    private static final String APP_ID = "670843887433847";
    private static final long APP_IDS = 671_000_000_000_000L;

    /** Its key in {@link KeyedInstances}, empty for the first number. */
    public String key() {
        return first == null ? "" : phoneNumberId;
    }

    /** The key of its account, empty for that of the first number. */
    public String accountKey() {
        return first == null || first.accountId.equals(accountId) ? "" : accountId;
    }

    /** The key of its app, empty for that of the first number. */
    public String appKey() {
        return first == null || first.app.equals(app) ? "" : app;
    }

    /** The app's id at Graph. */
    public String appId() {
        return appKey().isEmpty() ? APP_ID : Long.toString(APP_IDS + Integer.toUnsignedLong(app.hashCode()));
    }

    /** The name of a number other than the first; null for the first, as if it were the only one. */
    public Optional<String> label() {
        return first == null ? Optional.empty() : Optional.of(name);
    }

    /** {@code {"name","phone_number_id","display_phone_number","account_id","app"}}: which number it is. */
    public ObjectNode toJson() {
        return JsonNodeFactory.instance.objectNode().put("name", name).put("phone_number_id", phoneNumberId)
                .put("display_phone_number", display).put("account_id", accountId).put("app", app);
    }

    @Override
    public String toString() {
        return name;
    }
}
