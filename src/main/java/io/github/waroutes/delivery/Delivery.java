package io.github.waroutes.delivery;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.number.NumberSettings;

/**
 * What is known of one message that was sent. It belongs in no log: it says whom it went to, and a wamid holds the user's number in Base64.
 *
 * @param outboundId our id; null while only Meta's is known
 * @param wamid      Meta's id; null while only ours is known
 * @param number     the phone number id that sends it; null: an earlier version stored it, without
 * @param state      how far it has come
 * @param times      when each step was first reported, by Meta's clock, except {@code accepted}
 * @param error      of a failed message the typed exception as a map ({@code WhatsAppException.toMap()}), with {@code given_up: true} if it
 *                   was given up here and not by Meta; else null
 * @param category   Meta's price category, as in {@code utility}; null until a status tells
 * @param priceType  Meta's price type, as in {@code free_customer_service}; null until a status tells
 * @param trace      the span that sent it, as the W3C's {@code traceparent}; null if traces were off
 * @param context    what it was sent with
 */
public record Delivery(String outboundId, String wamid, String number, DeliveryState state, Map<DeliveryState, Instant> times,
        Map<String, Object> error, String category, String priceType, String trace, DeliveryContext context) {

    private static final String GIVEN_UP = "given_up";
    private static final long FIRST_MILLISECOND_TIMESTAMP = 100_000_000_000L;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() { };

    public Delivery {
        Map<DeliveryState, Instant> copy = new EnumMap<>(DeliveryState.class);
        copy.putAll(times);
        times = Collections.unmodifiableMap(copy);
        error = error == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(error));
    }

    Delivery(String outboundId, String wamid, String number, DeliveryState state, Map<DeliveryState, Instant> times, Map<String, Object> error,
            String category, String priceType) {
        this(outboundId, wamid, number, state, times, error, category, priceType, null, DeliveryContext.NONE);
    }

    /** A message that was given up here, for an exception ({@code WhatsAppException.toMap()}). */
    static Delivery givenUp(String outboundId, String number, Instant at, Map<String, Object> error, DeliveryContext context) {
        Map<String, Object> marked = new LinkedHashMap<>(error);
        marked.put(GIVEN_UP, true);
        return new Delivery(outboundId, null, number, DeliveryState.FAILED, Map.of(DeliveryState.FAILED, at), marked, null, null, null, context);
    }

    /** The id that the log events of this message have; null if it is not known. */
    public String traceId() {
        return context.trace();
    }

    /** The same of another id of ours. */
    Delivery with(String id) {
        return new Delivery(id, wamid, number, state, times, error, category, priceType, trace, context);
    }

    /** Whether it was us who gave it up, and not Meta: if it is sent after all it goes on. */
    public boolean isGivenUp() {
        return state == DeliveryState.FAILED && error != null && Boolean.TRUE.equals(error.get(GIVEN_UP));
    }

    /** Whether it is sent by this number, as far as is known: what another one is told of it is not true of it. */
    boolean isOf(String other) {
        return number == null || other == null || number.equals(other);
    }

    private boolean movesTo(Delivery later) {
        if (later.isGivenUp()) {
            return state == DeliveryState.QUEUED;
        }
        return later.state.follows(state) || isGivenUp() && later.state.compareTo(DeliveryState.ACCEPTED) >= 0;
    }

    /**
     * Both together: the state of the later one if it follows, each step at its earliest time, and of everything else what {@code later}
     * knows, or this one.
     */
    Delivery and(Delivery later) {
        boolean moves = movesTo(later);
        Map<DeliveryState, Instant> all = new EnumMap<>(DeliveryState.class);
        all.putAll(times);
        later.times.forEach((step, at) -> all.merge(step, at, (one, other) -> one.isBefore(other) ? one : other));
        if ((moves ? later.state : state) != DeliveryState.FAILED) {
            all.remove(DeliveryState.FAILED);
        }
        return new Delivery(first(later.outboundId, outboundId), first(later.wamid, wamid), first(number, later.number), moves ? later.state : state, all,
                moves ? later.error : error, first(later.category, category), first(later.priceType, priceType),
                first(later.trace, trace), context.and(later.context));
    }

    /**
     * As JSON types, without nulls: {@code outbound_id}, {@code wamid}, {@code phone_number_id}, {@code user} as the caller named it or
     * {@code user_hash}, {@code conversation} (a hash), {@code reference}, {@code trace_id}, {@code state}, {@code times} (step to ISO 8601
     * instant), {@code price} ({@code category}, {@code type}) and {@code error}.
     */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        put(map, "outbound_id", outboundId);
        put(map, "wamid", wamid);
        put(map, "phone_number_id", number);
        context.putInto(map);
        map.put("state", state.label());
        Map<String, Object> steps = new LinkedHashMap<>();
        times.forEach((step, at) -> steps.put(step.label(), at.toString()));
        map.put("times", steps);
        if (category != null || priceType != null) {
            Map<String, Object> price = new LinkedHashMap<>();
            put(price, "category", category);
            put(price, "type", priceType);
            map.put("price", price);
        }
        put(map, "error", error);
        return map;
    }

    /** As {@link #toMap()}, and {@code number}, the name of the number that sends it, if these settings have one. */
    Map<String, Object> toMap(NumberSettings numbers) {
        Map<String, Object> map = toMap();
        put(map, "number", numbers == null || number == null ? null : numbers.registry().nameOf(number));
        return map;
    }

    /**
     * As it is stored, and read by {@link #fromJson}: so many are kept in memory that the names are letters, the times milliseconds since
     * 1970, and the price's words one list.
     */
    String toJson() {
        Map<String, Object> map = new LinkedHashMap<>();
        put(map, "o", outboundId);
        put(map, "w", wamid);
        put(map, "n", number);
        map.put("s", state.letter());
        Map<String, Object> steps = new LinkedHashMap<>();
        times.forEach((step, at) -> steps.put(step.letter(), at.toEpochMilli()));
        map.put("t", steps);
        if (category != null || priceType != null) {
            map.put("p", new String[] {category, priceType});
        }
        put(map, "e", error);
        put(map, "r", trace);
        put(map, "c", context.toList());
        return json(map);
    }

    /** Reads {@link #toJson}, and {@link #toMap} as JSON, which is how an older version stored it. */
    public static Delivery fromJson(String text) {
        Map<String, Object> map = map(text);
        DeliveryState state = DeliveryState.ofLetter(map.get("s"));
        return state == null ? fromMap(map) : stored(map, state);
    }

    private static Delivery stored(Map<String, Object> map, DeliveryState state) {
        Map<DeliveryState, Instant> times = new EnumMap<>(DeliveryState.class);
        child(map, "t").forEach((letter, at) -> times.put(DeliveryState.ofLetter(letter), Instant.ofEpochMilli(((Number) at).longValue())));
        List<?> price = map.get("p") instanceof List<?> both ? both : List.of("", "");
        return new Delivery(text(map.get("o")), text(map.get("w")), text(map.get("n")), state, times, map.get("e") == null ? null : child(map, "e"),
                text(price.get(0)), text(price.get(1)), text(map.get("r")), DeliveryContext.fromList(map.get("c")));
    }

    static Delivery fromMap(Map<String, Object> map) {
        DeliveryState state = DeliveryState.of(map.get("state"));
        if (state == null) {
            throw new IllegalArgumentException("A delivery has no state; it needs the key state: accepted, sent, delivered, read, played"
                    + " or failed");
        }
        Map<DeliveryState, Instant> times = new TreeMap<>();
        child(map, "times").forEach((name, at) -> {
            DeliveryState step = DeliveryState.of(name);
            if (step != null) {
                times.put(step, instant(at));
            }
        });
        Map<String, Object> price = child(map, "price");
        return new Delivery(text(map.get("outbound_id")), text(map.get("wamid")), text(map.get("phone_number_id")), state, times,
                map.get("error") == null ? null : child(map, "error"), text(price.get("category")), text(price.get("type")),
                null, DeliveryContext.fromMap(map));
    }

    public static String json(Map<String, Object> map) {
        try {
            return JSON.writeValueAsString(map);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A delivery cannot be written as JSON", e);
        }
    }

    public static Map<String, Object> map(String text) {
        try {
            Map<String, Object> map = text == null ? null : JSON.readValue(text, OBJECT);
            if (map != null) {
                return map;
            }
        } catch (JsonProcessingException e) {
            // reported below without the parser's message, which quotes the text
        }
        throw new IllegalArgumentException("What is to be read as a delivery is not a JSON object");
    }

    @SuppressWarnings("unchecked")
    public static Map<String, Object> child(Map<String, Object> map, String key) {
        return map.get(key) instanceof Map<?, ?> child ? (Map<String, Object>) child : Map.of();
    }

    public static Instant instant(Object text) {
        try {
            return Instant.parse(String.valueOf(text));
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("A delivery's time is not an ISO 8601 instant, as in 2026-01-31T12:00:00Z");
        }
    }

    /** One of Meta's timestamps, seconds as text or number (milliseconds have been seen); now, if it is none. */
    public static Instant time(Object timestamp, Clock clock) {
        try {
            long time = Long.parseLong(String.valueOf(timestamp).strip());
            return time >= FIRST_MILLISECOND_TIMESTAMP ? Instant.ofEpochMilli(time) : Instant.ofEpochSecond(time);
        } catch (NumberFormatException | DateTimeException e) {
            return clock.instant();
        }
    }

    public static String text(Object value) {
        return value == null || value.toString().isBlank() ? null : value.toString();
    }

    static void put(Map<String, Object> map, String key, Object value) {
        if (value != null) {
            map.put(key, value);
        }
    }

    private static String first(String one, String other) {
        return one != null ? one : other;
    }
}
