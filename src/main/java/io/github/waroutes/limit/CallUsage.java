package io.github.waroutes.limit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.MissingNode;

/**
 * How much of a call budget is used, as an answer's headers tell it (Meta: graph-api/overview/rate-limiting).
 *
 * @param accountId the account, null for the app
 * @param percent   the most used of its budgets; may exceed 100
 * @param regain    when calls are let through again, zero if it does not say
 */
record CallUsage(String accountId, double percent, Duration regain) {

    private static final ObjectReader JSON = new ObjectMapper().reader();
    private static final List<String> PERCENTAGES = List.of("call_count", "total_time", "total_cputime");
    private static final long MOST_MINUTES = Duration.ofDays(1).toMinutes();

    /** Reads {@code X-App-Usage} and {@code X-Business-Use-Case-Usage}; what it cannot read is left out. */
    static List<CallUsage> read(Map<String, ?> headers) {
        List<CallUsage> usages = new ArrayList<>();
        headers.forEach((name, value) -> {
            if ("X-App-Usage".equalsIgnoreCase(name)) {
                JsonNode app = json(value);
                if (app.isObject()) {
                    usages.add(usage(null, app));
                }
            } else if ("X-Business-Use-Case-Usage".equalsIgnoreCase(name)) {
                json(value).properties().forEach(account -> account.getValue()
                        .forEach(useCase -> usages.add(usage(account.getKey(), useCase))));
            }
        });
        return usages;
    }

    private static CallUsage usage(String account, JsonNode budget) {
        double percent = PERCENTAGES.stream().mapToDouble(name -> budget.path(name).asDouble()).max().orElse(0);
        long minutes = Math.max(0, Math.min(MOST_MINUTES, budget.path("estimated_time_to_regain_access").asLong()));
        return new CallUsage(account, percent, Duration.ofMinutes(minutes));
    }

    private static JsonNode json(Object value) {
        Object first = value instanceof Collection<?> several && !several.isEmpty() ? several.iterator().next() : value;
        try {
            return first == null ? MissingNode.getInstance() : JSON.readTree(first.toString());
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }
}
