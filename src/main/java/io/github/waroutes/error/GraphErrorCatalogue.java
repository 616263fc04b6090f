package io.github.waroutes.error;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Graph's error codes as data: what each means, and what to do. The file is a JSON array of rows:
 *
 * <pre>{"code": 131056 (or "from": 200, "to": 299), "subcode": 33, "title": "…", "exception": "rate-limit", "retry": "THROTTLE",
 *  "scope": "PAIR", "minimum_wait_seconds": 60, "maximum_retries": 2, "note": "…"}</pre>
 *
 * with subcode and the last three optional. A row for one code wins over a range that holds it, and one for its subcode over both. Immutable. The codes are from
 * Meta's page support/error-codes, and for groups, calls, flows and block lists from the public client pywa.
 */
public final class GraphErrorCatalogue {

    private static final String DEFAULT_FILE = "/whatsapp/graph-errors.json";
    private static final Set<String> FIELDS = new TreeSet<>(Set.of("code", "from", "to", "subcode", "title", "exception", "retry",
            "scope", "minimum_wait_seconds", "maximum_retries", "note"));

    private final List<ErrorKind> kinds;
    private final Map<Integer, ErrorKind> single = new HashMap<>();
    private final Map<List<Integer>, ErrorKind> bySubcode = new HashMap<>();
    private final TreeMap<Integer, ErrorKind> ranges = new TreeMap<>();

    /** @throws IllegalArgumentException if the rows are not as described above; the message names the row and the field */
    public GraphErrorCatalogue(InputStream rows, ObjectMapper mapper) {
        List<ErrorKind> read = new ArrayList<>();
        JsonNode array = parse(rows, mapper);
        if (!array.isArray() || array.isEmpty()) {
            throw new IllegalArgumentException("The error catalogue must be a JSON array of rows");
        }
        for (int row = 0; row < array.size(); row++) {
            ErrorKind kind = new Row(row + 1, array.get(row)).kind();
            add(row + 1, kind);
            read.add(kind);
        }
        kinds = List.copyOf(read);
    }

    /** The catalogue that comes with the bundle. */
    public static GraphErrorCatalogue load() {
        try (InputStream rows = GraphErrorCatalogue.class.getResourceAsStream(DEFAULT_FILE)) {
            if (rows == null) {
                throw new IllegalStateException("The error catalogue " + DEFAULT_FILE
                        + " is not on the class path; keep it when you repackage the bundle");
            }
            return new GraphErrorCatalogue(rows, new ObjectMapper());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the code means together with {@code error_subcode}; null: there is none. */
    public ErrorKind lookup(int code, Integer subcode) {
        ErrorKind exact = subcode == null ? null : bySubcode.get(List.of(code, subcode));
        return exact != null ? exact : lookup(code);
    }

    /** What the code means. A code that is not in the catalogue is never retried and concerns this message only. */
    public ErrorKind lookup(int code) {
        ErrorKind exact = single.get(code);
        if (exact != null) {
            return exact;
        }
        Map.Entry<Integer, ErrorKind> range = ranges.floorEntry(code);
        if (range != null && code <= range.getValue().to()) {
            return range.getValue();
        }
        return ErrorKind.unknown(code, "Unknown error", ErrorKind.Type.MESSAGE, RetryClass.NEVER, ErrorScope.MESSAGE);
    }

    /** All rows, in the order of the file. */
    public List<ErrorKind> kinds() {
        return kinds;
    }

    private static JsonNode parse(InputStream rows, ObjectMapper mapper) {
        try {
            return mapper.readTree(rows);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("The error catalogue is not JSON: " + e.getOriginalMessage()
                    + (e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNr()), e);
        } catch (IOException e) {
            throw new UncheckedIOException("The error catalogue cannot be read", e);
        }
    }

    private void add(int row, ErrorKind kind) {
        if (kind.subcode() != null) {
            if (bySubcode.putIfAbsent(List.of(kind.from(), kind.subcode()), kind) != null) {
                throw new IllegalArgumentException("Error catalogue, row " + row + ": code " + kind.from() + " with subcode "
                        + kind.subcode() + " has a row already");
            }
            return;
        }
        if (kind.from() == kind.to()) {
            if (single.putIfAbsent(kind.from(), kind) != null) {
                throw new IllegalArgumentException(
                        "Error catalogue, row " + row + ": code " + kind.from() + " has a row already");
            }
            return;
        }
        Map.Entry<Integer, ErrorKind> before = ranges.floorEntry(kind.to());
        if (before != null && before.getValue().to() >= kind.from()) {
            throw new IllegalArgumentException("Error catalogue, row " + row + ": the range " + kind.from() + " to " + kind.to()
                    + " overlaps the range " + before.getValue().from() + " to " + before.getValue().to());
        }
        ranges.put(kind.from(), kind);
    }

    private record Row(int number, JsonNode json) {

        ErrorKind kind() {
            if (!json.isObject()) {
                throw wrong("must be a JSON object");
            }
            json.fieldNames().forEachRemaining(name -> {
                if (!FIELDS.contains(name)) {
                    throw wrong("'" + name + "' is not a field; the fields are " + String.join(", ", FIELDS));
                }
            });
            boolean range = json.has("from") || json.has("to");
            if (range == json.has("code")) {
                throw wrong("needs either 'code', or 'from' and 'to'");
            }
            int from = integer(range ? "from" : "code", Integer.MIN_VALUE);
            int to = range ? integer("to", Integer.MIN_VALUE) : from;
            if (to < from) {
                throw wrong("'to' is below 'from'");
            }
            if (range && json.has("subcode")) {
                throw wrong("'subcode' needs 'code', and not a range");
            }
            Integer wait = json.has("minimum_wait_seconds") ? integer("minimum_wait_seconds", 1) : null;
            return new ErrorKind(from, to,
                    json.has("subcode") ? integer("subcode", 0) : null,
                    text("title"),
                    constant("exception", ErrorKind.Type.class, ErrorKind.Type::jsonName),
                    constant("retry", RetryClass.class, RetryClass::name),
                    constant("scope", ErrorScope.class, ErrorScope::name),
                    wait == null ? null : Duration.ofSeconds(wait),
                    json.has("maximum_retries") ? integer("maximum_retries", 0) : null,
                    json.has("note") ? text("note") : null,
                    true);
        }

        private <E extends Enum<E>> E constant(String field, Class<E> type, Function<E, String> name) {
            String wanted = text(field);
            return Arrays.stream(type.getEnumConstants())
                    .filter(constant -> name.apply(constant).equals(wanted))
                    .findFirst()
                    .orElseThrow(() -> wrong("'" + field + "' is '" + wanted + "' but must be one of "
                            + Arrays.stream(type.getEnumConstants()).map(name).collect(Collectors.joining(", "))));
        }

        private String text(String field) {
            JsonNode value = json.path(field);
            if (!value.isTextual() || value.textValue().isBlank()) {
                throw wrong("'" + field + "' must be a text");
            }
            return value.textValue();
        }

        private int integer(String field, int least) {
            JsonNode value = json.path(field);
            if (!value.isInt() || value.intValue() < least) {
                throw wrong("'" + field + "' must be a whole number" + (least > Integer.MIN_VALUE ? " of at least " + least : ""));
            }
            return value.intValue();
        }

        private IllegalArgumentException wrong(String what) {
            String code = json.hasNonNull("code") ? " (code " + json.get("code").asText() + ")" : "";
            return new IllegalArgumentException("Error catalogue, row " + number + code + ": " + what);
        }
    }
}
