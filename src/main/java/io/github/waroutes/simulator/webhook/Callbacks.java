package io.github.waroutes.simulator.webhook;

import io.github.waroutes.simulator.common.SimulatedNumber;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where webhooks go: to the app's callback, unless the account or the number has one of its own. Source: WhatsApp Cloud API,
 * "Webhooks", "Overrides". Thread-safe.
 */
public class Callbacks {

    /** What a callback belongs to; the later in this list takes precedence. */
    public enum Scope {
        APP, ACCOUNT, NUMBER
    }

    /** Fields about a number, which go to its own callback; the other fields are about the account. */
    private static final Set<String> OF_NUMBERS = Set.of("messages", "calls", "history", "smb_message_echoes",
            "smb_app_state_sync", "user_preferences", "user_id_update", "standby", "group_lifecycle_update",
            "group_participants_update", "group_settings_update", "group_status_update", "message_echoes");

    private final Map<String, String> urls = new HashMap<>();
    /** The fields that an app is subscribed to, by its key; without an entry all. */
    private final Map<String, Set<String>> fields = new HashMap<>();
    /** The apps whose configured callback has answered the handshake. */
    private final Set<String> proven = new HashSet<>();
    private String webhookUrl;

    /** The configured callback, until another is set. */
    public void setWebhookUrl(String webhookUrl) {
        this.webhookUrl = webhookUrl;
    }

    private static String key(Scope scope, SimulatedNumber number) {
        return scope + " " + switch (scope) {
            case APP -> number.appKey();
            case ACCOUNT -> number.accountKey();
            case NUMBER -> number.key();
        };
    }

    /** @param number the one whose app's, account's or own callback it is */
    public synchronized void set(Scope scope, SimulatedNumber number, String url) {
        urls.put(key(scope, number), url);
    }

    public synchronized void clear(Scope scope, SimulatedNumber number) {
        urls.remove(key(scope, number));
    }

    /** The fields that the number's app is subscribed to; null: all. */
    public synchronized Set<String> fields(SimulatedNumber number) {
        return fields.get(number.appKey());
    }

    /** @param chosen the fields that the number's app is subscribed to; none: it has no callback; null: all */
    public synchronized void subscribe(SimulatedNumber number, Set<String> chosen) {
        if (chosen == null) {
            fields.remove(number.appKey());
        } else {
            fields.put(number.appKey(), Set.copyOf(chosen));
        }
    }

    /** Whether the number's app gets webhooks of this field. */
    synchronized boolean isSubscribed(String field, SimulatedNumber number) {
        Set<String> chosen = fields(number);
        return chosen == null || chosen.contains(field);
    }

    /** Removes the overrides, subscribes the apps to all fields, and forgets that the configured callbacks have answered; callbacks of apps stay. */
    public synchronized void reset() {
        urls.keySet().removeIf(key -> !key.startsWith(Scope.APP + " "));
        fields.clear();
        proven.clear();
    }

    /** Back to the configured callbacks, without overrides. */
    synchronized void clearAll() {
        urls.clear();
        fields.clear();
        proven.clear();
    }

    public synchronized Optional<String> get(Scope scope, SimulatedNumber number) {
        return Optional.ofNullable(urls.get(key(scope, number)));
    }

    /** Where the webhooks of this field go. */
    public synchronized String of(String field, SimulatedNumber number) {
        return override(field, number).orElseGet(() -> ofApp(number));
    }

    /** Whether the webhooks of this field go to the callback of the configuration. */
    synchronized boolean isConfigured(String field, SimulatedNumber number) {
        return override(field, number).isEmpty() && ofApp(number).equals(configured(number)) && get(Scope.APP, number).isEmpty();
    }

    private Optional<String> override(String field, SimulatedNumber number) {
        return (OF_NUMBERS.contains(field) ? get(Scope.NUMBER, number) : Optional.<String>empty()).or(() -> get(Scope.ACCOUNT, number));
    }

    /** The app's callback, or the configured one; an app without one uses that of the first number's app. */
    public synchronized String ofApp(SimulatedNumber number) {
        return get(Scope.APP, number).orElseGet(() -> number.webhookUrl() != null ? number.webhookUrl()
                : urls.getOrDefault(Scope.APP + " ", webhookUrl));
    }

    synchronized String configured(SimulatedNumber number) {
        return number.webhookUrl() == null ? webhookUrl : number.webhookUrl();
    }

    /** Whether the configured callback of the number's app has answered the handshake. */
    synchronized boolean isProven(SimulatedNumber number) {
        return proven.contains(number.appKey());
    }

    synchronized void setProven(SimulatedNumber number, boolean answered) {
        if (answered) {
            proven.add(number.appKey());
        } else {
            proven.remove(number.appKey());
        }
    }
}
