package io.github.waroutes.simulator.common;

import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What has become of access tokens: expired, no longer valid, of fewer permissions, or of a limited time. Thread-safe. */
final class TokenStates {

    /** The permissions of a token unless it is given others. */
    static final List<String> SCOPES = List.of("whatsapp_business_management", "whatsapp_business_messaging");

    private final Set<String> expired = new HashSet<>();
    private final Set<String> invalid = new HashSet<>();
    private final Map<String, List<String>> scopes = new HashMap<>();
    private final Map<String, Instant> ends = new HashMap<>();

    synchronized void expire(Collection<String> tokens, boolean over) {
        change(expired, tokens, over);
        if (!over) {
            tokens.forEach(ends::remove);
        }
    }

    synchronized void invalidate(Collection<String> tokens, boolean wrong) {
        change(invalid, tokens, wrong);
    }

    private static void change(Set<String> state, Collection<String> tokens, boolean in) {
        if (in) {
            state.addAll(tokens);
        } else {
            state.removeAll(tokens);
        }
    }

    synchronized void permit(Collection<String> tokens, List<String> only) {
        tokens.forEach(token -> scopes.put(token, List.copyOf(only)));
    }

    /** @param end when they expire, or null for never */
    synchronized void end(Collection<String> tokens, Instant end) {
        tokens.forEach(token -> {
            if (end == null) {
                ends.remove(token);
            } else {
                ends.put(token, end);
            }
        });
    }

    synchronized boolean isExpired(String token) {
        Instant end = ends.get(token);
        return expired.contains(token) || end != null && !Instant.now().isBefore(end);
    }

    synchronized boolean isInvalid(String token) {
        return invalid.contains(token);
    }

    synchronized List<String> scopes(String token) {
        return scopes.getOrDefault(token, SCOPES);
    }

    /** When it expires, in epoch seconds; 0: never. */
    synchronized long end(String token) {
        Instant end = ends.get(token);
        return end == null ? 0 : end.getEpochSecond();
    }

    synchronized void reset() {
        expired.clear();
        invalid.clear();
        scopes.clear();
        ends.clear();
    }
}
