package io.github.waroutes.limit;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A messaging limit: how many users outside their 24-hour window an account may write to within 24 hours. Meta writes it as a number
 * ({@code 2000}; {@code -1}: no limit) or a word ({@code TIER_2K}; {@code TIER_UNLIMITED})
 * (Meta: webhooks/reference/business_capability_update and phone_number_quality_update).
 */
final class Tier {

    static final long UNLIMITED = Long.MAX_VALUE;

    private static final Map<Character, Long> UNITS = Map.of('K', 1_000L, 'M', 1_000_000L);

    private Tier() {
    }

    /** The limit, empty if the text says none ({@code TIER_NOT_SET}, or anything unknown). */
    static OptionalLong parse(String text) {
        String word = text == null ? "" : text.trim().toUpperCase(Locale.ROOT);
        word = word.startsWith("TIER_") ? word.substring("TIER_".length()) : word;
        if (word.equals("UNLIMITED") || word.equals("-1")) {
            return OptionalLong.of(UNLIMITED);
        }
        if (!word.matches("[0-9]{1,9}[KM]?")) {
            return OptionalLong.empty();
        }
        Long unit = UNITS.get(word.charAt(word.length() - 1));
        long limit = unit == null ? Long.parseLong(word) : unit * Long.parseLong(word.substring(0, word.length() - 1));
        return limit > 0 ? OptionalLong.of(limit) : OptionalLong.empty();
    }
}
