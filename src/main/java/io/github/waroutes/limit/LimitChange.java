package io.github.waroutes.limit;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What a webhook says about limits.
 *
 * @param accountId     whose change it is, {@link SendRequest#ONE_ACCOUNT} if it does not say
 * @param phoneNumberId the number, null if it is named by its display number only, as Meta does
 * @param displayNumber the number as people read it, null if none is named
 * @param throughput    {@link Throughput#SAME} if it says nothing about it
 * @param tier          the account's messaging limit, empty if it says nothing about it
 */
record LimitChange(String accountId, String phoneNumberId, String displayNumber, Throughput throughput, OptionalLong tier) {

    enum Throughput { SAME, UPGRADED, STANDARD }

    // the names Meta has used, the newest first
    private static final List<String> TIERS = List.of("max_daily_conversations_per_business", "max_daily_conversation_per_business",
            "max_daily_conversations_per_phone", "max_daily_conversation_per_phone", "max_daily_conversations_per_phone_numbers",
            "max_daily_conversation_per_phone_numbers");

    /** Reads a whole webhook ({@code entry[]}), one entry ({@code changes[]}) or one change ({@code field}, {@code value}). */
    static List<LimitChange> read(Map<?, ?> webhook) {
        List<LimitChange> changes = new ArrayList<>();
        read(webhook, null, changes);
        return changes;
    }

    private static void read(Map<?, ?> node, String account, List<LimitChange> found) {
        String owner = node.get("field") == null && node.get("id") != null ? node.get("id").toString() : account;
        for (String nested : List.of("entry", "changes")) {
            if (node.get(nested) instanceof Iterable<?> items) {
                for (Object item : items) {
                    if (item instanceof Map<?, ?> map) {
                        read(map, owner, found);
                    }
                }
            }
        }
        if (node.get("field") != null && node.get("value") instanceof Map<?, ?> value) {
            add(node.get("field").toString(), value, owner == null ? SendRequest.ONE_ACCOUNT : owner, found);
        }
    }

    private static void add(String field, Map<?, ?> value, String account, List<LimitChange> found) {
        if (field.equals("business_capability_update")) {
            found.add(new LimitChange(account, null, null, Throughput.SAME, tier(value)));
        } else if (field.equals("phone_number_quality_update")) {
            String event = text(value, "event") == null ? "" : text(value, "event").toUpperCase(Locale.ROOT);
            // in these events TIER_UNLIMITED does not mean the messaging limit
            boolean throughput = event.startsWith("THROUGHPUT") || event.equals("ONBOARDING");
            Throughput now = !throughput ? Throughput.SAME
                    : event.endsWith("UPGRADE") ? Throughput.UPGRADED : event.endsWith("DOWNGRADE") ? Throughput.STANDARD : Throughput.SAME;
            OptionalLong tier = throughput ? OptionalLong.empty() : tier(value);
            found.add(new LimitChange(account, text(value, "phone_number_id"), text(value, "display_phone_number"), now,
                    tier.isPresent() || throughput ? tier : Tier.parse(text(value, "current_limit"))));
        }
    }

    private static OptionalLong tier(Map<?, ?> value) {
        for (String name : TIERS) {
            OptionalLong tier = Tier.parse(text(value, name));
            if (tier.isPresent()) {
                return tier;
            }
        }
        return OptionalLong.empty();
    }

    private static String text(Map<?, ?> value, String name) {
        Object found = value.get(name);
        return found == null ? null : found.toString();
    }
}
