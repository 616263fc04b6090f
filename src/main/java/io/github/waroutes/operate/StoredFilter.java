package io.github.waroutes.operate;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.update.UpdateHeaders;

/** Which stored messages are meant, in an operator's words, as a filter expression of the broker. */
final class StoredFilter {

    private static final String NAMES = "error, exception, route, source, kind, type, number, since, until";

    private StoredFilter() {
    }

    /**
     * @param criteria by name: error (Meta's code), exception (its class), route, source (the queue), kind, type, number (its NAME), since and
     *                 until (ISO 8601 instants)
     * @param idOf     the phone number id of a number's NAME
     * @return null for no criteria
     * @throws ManagementException 400 if a criterion is not one of these, or has no such value
     */
    static String of(Map<String, String> criteria, UnaryOperator<String> idOf) {
        List<String> all = new ArrayList<>();
        criteria.forEach((name, value) -> all.add(switch (name) {
            case "error" -> equal(DeadLetters.CODE, value);
            case "exception" -> equal(DeadLetters.TYPE, value);
            case "route" -> equal(DeadLetters.ROUTE, value);
            case "source" -> equal(DeadLetters.SOURCE, value);
            case "kind" -> equal(UpdateHeaders.KIND, value);
            case "type" -> '(' + equal(UpdateHeaders.TYPE, value) + " OR " + equal(OutboundHeaders.TYPE, value) + ')';
            case "number" -> equal(UpdateHeaders.PHONE_NUMBER_ID, idOf.apply(value));
            case "since" -> "AMQTimestamp >= " + millis(name, value);
            case "until" -> "AMQTimestamp <= " + millis(name, value);
            default -> throw new ManagementException(400, name + " is no criterion. There are: " + NAMES + '.');
        }));
        return all.isEmpty() ? null : String.join(" AND ", all);
    }

    /** Of these ids. */
    static String ids(List<String> ids, String header) {
        return '(' + String.join(" OR ", ids.stream().map(id -> equal(header, id)).toList()) + ')';
    }

    private static String equal(String header, String value) {
        return header + " = '" + value.replace("'", "''") + '\'';
    }

    private static long millis(String name, String value) {
        try {
            return Instant.parse(value).toEpochMilli();
        } catch (DateTimeParseException e) {
            throw new ManagementException(400, name + " must be a time as in 2026-01-31T12:00:00Z.");
        }
    }
}
