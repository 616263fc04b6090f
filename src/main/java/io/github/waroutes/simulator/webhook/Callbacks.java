package io.github.waroutes.simulator.webhook;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where webhooks go: to the app's callback, unless the account or the number has one of its own. Source: WhatsApp Cloud API,
 * "Webhooks", "Overrides". Thread-safe.
 */
public class Callbacks {

    /** Who a callback belongs to; the later wins where it may. */
    public enum Scope {
        APP, ACCOUNT, NUMBER
    }

    /** What concerns a number, and may so go to its own callback; the other fields concern the account. */
    private static final Set<String> OF_NUMBERS = Set.of("messages", "calls", "history", "smb_message_echoes",
            "smb_app_state_sync", "user_preferences", "user_id_update", "standby", "group_lifecycle_update",
            "group_participants_update", "group_settings_update", "group_status_update", "message_echoes");

    private final Map<Scope, String> urls = new EnumMap<>(Scope.class);
    private String webhookUrl;
    private boolean proven;

    /** The callback of the configuration, for as long as nobody says anything else. */
    public void setWebhookUrl(String webhookUrl) {
        this.webhookUrl = webhookUrl;
    }

    public synchronized void set(Scope scope, String url) {
        urls.put(scope, url);
    }

    public synchronized void clear(Scope scope) {
        urls.remove(scope);
    }

    /** Takes away the overrides, and forgets that the configured callback has answered; the app's callback stays. */
    public synchronized void reset() {
        urls.remove(Scope.ACCOUNT);
        urls.remove(Scope.NUMBER);
        proven = false;
    }

    public synchronized Optional<String> get(Scope scope) {
        return Optional.ofNullable(urls.get(scope));
    }

    /** Where the webhooks of this field go. */
    public synchronized String of(String field) {
        return chosen(field).orElse(webhookUrl);
    }

    /** Whether the webhooks of this field go to the callback of the configuration. */
    synchronized boolean isConfigured(String field) {
        return chosen(field).isEmpty();
    }

    private Optional<String> chosen(String field) {
        return Optional.ofNullable(OF_NUMBERS.contains(field) ? urls.get(Scope.NUMBER) : null)
                .or(() -> get(Scope.ACCOUNT)).or(() -> get(Scope.APP));
    }

    /** The app's callback, or that of the configuration. */
    public synchronized String ofApp() {
        return urls.getOrDefault(Scope.APP, webhookUrl);
    }

    synchronized String configured() {
        return webhookUrl;
    }

    /** Whether the callback of the configuration has answered the handshake. */
    synchronized boolean isProven() {
        return proven;
    }

    synchronized void setProven(boolean proven) {
        this.proven = proven;
    }
}
