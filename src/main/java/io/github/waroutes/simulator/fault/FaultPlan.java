package io.github.waroutes.simulator.fault;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.common.Events;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.common.Refusal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The requested faults, and which of them is due. The oldest that matches applies, one for each request. With a
 * probability, the n-th request about one recipient is decided by the seed, the recipient and n alone: a run repeats however
 * the requests of different recipients interleave. Thread-safe.
 */
public final class FaultPlan {

    private static final int MAX_FAULTS = 1000;
    private static final int MAX_TIMES = 1_000_000;
    private static final int MAX_DELAY = 120_000;
    private static final int MAX_CODE = 9_999_999;
    private static final int MAX_COUNTED = 10_000;
    private static final Set<String> FIELDS = Set.of("fault", "code", "subcode", "times", "recipient", "endpoint", "status", "delay_ms",
            "retry_after", "probability", "seed");

    private final Events events;
    private final Events.Source changes = new Changes();
    private final List<Fault> faults = new ArrayList<>();
    private int lastId;

    /** @param events to which every change is published */
    public FaultPlan(Events events) {
        this.events = events;
    }

    private final class Changes extends Events.Source {

        @Override
        public String event() {
            return "faults";
        }

        @Override
        public String user() {
            return EVERYBODY;
        }

        @Override
        public JsonNode data() {
            return list();
        }
    }

    /** Where a fault happens. */
    public enum Endpoint {
        MESSAGES, READ_MARK, MEDIA, MEDIA_DOWNLOAD, TRANSCRIPTION, WEBHOOK, ACCOUNT;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The kinds of faults, and where each can happen; the first is the default. */
    public enum Kind {
        GRAPH_ERROR(Endpoint.MESSAGES, Endpoint.READ_MARK, Endpoint.MEDIA, Endpoint.MEDIA_DOWNLOAD, Endpoint.ACCOUNT),
        HTML_502(Endpoint.MESSAGES, Endpoint.READ_MARK, Endpoint.MEDIA, Endpoint.MEDIA_DOWNLOAD, Endpoint.TRANSCRIPTION,
                Endpoint.ACCOUNT),
        SLOW(Endpoint.MESSAGES, Endpoint.READ_MARK, Endpoint.MEDIA, Endpoint.MEDIA_DOWNLOAD, Endpoint.TRANSCRIPTION,
                Endpoint.WEBHOOK, Endpoint.ACCOUNT),
        NO_ANSWER(Endpoint.MESSAGES, Endpoint.READ_MARK, Endpoint.MEDIA, Endpoint.MEDIA_DOWNLOAD, Endpoint.TRANSCRIPTION,
                Endpoint.ACCOUNT),
        CUT(Endpoint.MESSAGES, Endpoint.READ_MARK, Endpoint.MEDIA, Endpoint.MEDIA_DOWNLOAD, Endpoint.TRANSCRIPTION,
                Endpoint.ACCOUNT),
        ANSWER_LOST(Endpoint.MESSAGES),
        FAILED_STATUS(Endpoint.MESSAGES),
        DUPLICATE_WEBHOOK(Endpoint.WEBHOOK),
        REORDERED_WEBHOOKS(Endpoint.WEBHOOK),
        DELIVERED_SKIPPED(Endpoint.WEBHOOK),
        STAYS_SENT(Endpoint.WEBHOOK),
        WRONG_SIGNATURE(Endpoint.WEBHOOK),
        WRONG_HASH(Endpoint.MEDIA_DOWNLOAD),
        EXPIRED_URL(Endpoint.MEDIA_DOWNLOAD),
        REDIRECT(Endpoint.MEDIA_DOWNLOAD);

        /** Faults in the content of a webhook, not in its delivery. */
        public static final Set<Kind> OF_CONTENT = Set.of(REORDERED_WEBHOOKS, DELIVERED_SKIPPED, STAYS_SENT);

        private final List<Endpoint> endpoints;

        public boolean strikes(Endpoint endpoint) {
            return endpoints.contains(endpoint);
        }

        Kind(Endpoint... endpoints) {
            this.endpoints = List.of(endpoints);
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * A requested fault.
     *
     * @param code        the Graph error code, of graph-error and failed-status
     * @param subcode     the error_subcode of graph-error in place of the usual one, or null
     * @param times       how often, or null for as long as it is there
     * @param recipient   who it is about ({@link Recipient#key}), or null for everyone
     * @param status      the HTTP status in place of the usual one, or null
     * @param delayMillis of slow and no-answer
     * @param retryAfter  the seconds of a Retry-After header, or null
     */
    private record Ordered(int id, Kind kind, Endpoint endpoint, Integer code, Integer subcode, Integer times, String recipient,
            Integer status, int delayMillis, Integer retryAfter, double probability, long seed) {
    }

    /** A fault that is due now; the components are those of the order. */
    public record Due(Kind kind, Integer code, Integer subcode, Integer status, int delayMillis, Integer retryAfter, SplittableRandom random) {
    }

    private static final class Fault {
        private Ordered order;
        private final Map<String, Integer> seen = new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
                return size() > MAX_COUNTED;
            }
        };
        private int requests;
        private int hits;

        Fault(Ordered order) {
            this.order = order;
        }

        boolean isOver() {
            return order.times != null && hits >= order.times;
        }

        Optional<Due> draw(String recipient) {
            String key = recipient == null ? "" : recipient;
            int nth = seen.merge(key, 1, Integer::sum);
            requests++;
            SplittableRandom random = new SplittableRandom((order.seed * 31 + key.hashCode()) * 1_000_003 + nth);
            if (random.nextDouble() >= order.probability) {
                return Optional.empty();
            }
            hits++;
            return Optional.of(new Due(order.kind, order.code, order.subcode, order.status, order.delayMillis, order.retryAfter, random));
        }

        ObjectNode toJson() {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("id", order.id).put("fault", order.kind.toString())
                    .put("endpoint", order.endpoint.toString());
            put(json, "code", order.code);
            put(json, "subcode", order.subcode);
            put(json, "times", order.times);
            if (order.recipient != null) {
                json.put("recipient", order.recipient);
            }
            put(json, "status", order.status);
            if (order.kind == Kind.SLOW || order.kind == Kind.NO_ANSWER) {
                json.put("delay_ms", order.delayMillis);
            }
            put(json, "retry_after", order.retryAfter);
            return json.put("probability", order.probability).put("seed", order.seed).put("requests", requests)
                    .put("hits", hits);
        }

        private static void put(ObjectNode json, String field, Integer value) {
            if (value != null) {
                json.put(field, value);
            }
        }
    }

    /**
     * Adds a fault.
     *
     * @return it, as {@link #list} shows it
     * @throws Refusal 400 that names what is wrong
     */
    public synchronized ObjectNode add(JsonNode request) {
        if (faults.size() >= MAX_FAULTS) {
            throw Refusal.plain(409, "There are " + MAX_FAULTS + " faults already: DELETE /simulator/faults");
        }
        Fault fault = new Fault(read(request, lastId + 1));
        lastId++;
        faults.add(fault);
        events.publish(changes);
        return fault.toJson();
    }

    /**
     * Replaces a fault; its count of hits stays.
     *
     * @param id the fault's {@code id}
     * @return it, as {@link #list} shows it
     * @throws Refusal 404 when there is none with this id, 400 that names what is wrong
     */
    public synchronized ObjectNode replace(int id, JsonNode request) {
        for (Fault fault : faults) {
            if (fault.order.id == id) {
                fault.order = read(request, id);
                events.publish(changes);
                return fault.toJson();
            }
        }
        throw Refusal.plain(404, "There is no fault with this id any more");
    }

    /** The kinds of faults: {@code [{"fault","endpoints":[…]}]}, the default endpoint first. */
    public static ArrayNode kinds() {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        for (Kind kind : Kind.values()) {
            ArrayNode endpoints = list.addObject().put("fault", kind.toString()).putArray("endpoints");
            kind.endpoints.forEach(endpoint -> endpoints.add(endpoint.toString()));
        }
        return list;
    }

    /** All faults, the used-up ones too: {@code [{"id","fault","endpoint",…,"requests","hits"}]}. */
    public synchronized ArrayNode list() {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        faults.forEach(fault -> list.add(fault.toJson()));
        return list;
    }

    /** Removes a fault, by the id that {@link #add} gave it. */
    public synchronized void remove(int id) {
        if (faults.removeIf(fault -> fault.order.id() == id)) {
            events.publish(changes);
        }
    }

    public synchronized void clear() {
        faults.clear();
        events.publish(changes);
    }

    /** The fault that is due for this request, if any. */
    public synchronized Optional<Due> take(Endpoint endpoint, String recipient, Predicate<Kind> kinds) {
        for (Fault fault : faults) {
            if (fault.order.endpoint == endpoint && kinds.test(fault.order.kind) && !fault.isOver()
                    && (fault.order.recipient == null || fault.order.recipient.equals(recipient))) {
                Optional<Due> due = fault.draw(recipient);
                events.publish(changes);
                if (due.isPresent()) {
                    return due;
                }
            }
        }
        return Optional.empty();
    }

    /** Shuffles the list if such a fault is due; never into the order it had. */
    public <T> void reorder(List<T> ordered, Recipient user) {
        if (ordered.size() < 2) {
            return;
        }
        take(Endpoint.WEBHOOK, user.key(), kind -> kind == Kind.REORDERED_WEBHOOKS)
                .or(() -> MagicRecipient.of(user).filter(magic -> magic.kind() == Kind.REORDERED_WEBHOOKS).map(MagicRecipient::due))
                .ifPresent(due -> {
                    for (int last = ordered.size() - 1; last > 0; last--) {
                        // Sattolo's algorithm: one cycle, so nothing stays where it was
                        Collections.swap(ordered, last, due.random().nextInt(last));
                    }
                });
    }

    private static Ordered read(JsonNode request, int id) {
        request.fieldNames().forEachRemaining(field -> {
            if (!FIELDS.contains(field)) {
                throw bad("A fault takes " + FIELDS.stream().sorted().collect(Collectors.joining(", ")) + "; nothing else");
            }
        });
        Kind kind = constant(request, "fault", Kind.values(), null);
        Endpoint endpoint = constant(request, "endpoint", Endpoint.values(), kind.endpoints.get(0));
        if (!kind.endpoints.contains(endpoint)) {
            throw bad(kind + " can strike at " + names(kind.endpoints.toArray()) + " only");
        }
        boolean coded = kind == Kind.GRAPH_ERROR || kind == Kind.FAILED_STATUS;
        boolean timed = kind == Kind.SLOW || kind == Kind.NO_ANSWER;
        boolean answered = kind == Kind.GRAPH_ERROR || kind == Kind.HTML_502;
        only(request, "code", coded, "graph-error and failed-status");
        only(request, "subcode", kind == Kind.GRAPH_ERROR, "graph-error");
        only(request, "delay_ms", timed, "slow and no-answer");
        only(request, "status", answered, "graph-error and html-502");
        only(request, "retry_after", answered, "graph-error and html-502");
        if (coded && !request.has("code")) {
            throw bad("code is missing: give a Graph error code, such as 131056");
        }
        double probability = request.has("probability") ? request.path("probability").asDouble(-1) : 1;
        if (!(probability > 0 && probability <= 1)) {
            throw bad("probability must be a number above 0 and up to 1");
        }
        if (request.has("seed") && !request.path("seed").canConvertToLong()) {
            throw bad("seed must be a whole number");
        }
        // by default a fault with a probability is unlimited, one without happens once
        Integer times = integer(request, "times", 1, MAX_TIMES);
        return new Ordered(id, kind, endpoint, integer(request, "code", 0, MAX_CODE), integer(request, "subcode", 1, MAX_CODE),
                times == null && !request.has("probability") ? Integer.valueOf(1) : times, recipient(request, endpoint),
                integer(request, "status", 400, 599),
                orElse(integer(request, "delay_ms", 0, MAX_DELAY), kind == Kind.NO_ANSWER ? 30_000 : 5_000),
                integer(request, "retry_after", 0, 86_400), probability, request.path("seed").asLong());
    }

    private static String recipient(JsonNode request, Endpoint endpoint) {
        if (!request.has("recipient")) {
            return null;
        }
        if (endpoint != Endpoint.MESSAGES && endpoint != Endpoint.WEBHOOK) {
            throw bad("recipient goes with the endpoints messages and webhook: the others do not know who it is about");
        }
        return Recipient.of(request.path("recipient").asText()).map(Recipient::key)
                .orElseThrow(() -> bad("recipient must be a phone number or a business-scoped user id"));
    }

    private static void only(JsonNode request, String field, boolean allowed, String with) {
        if (request.has(field) && !allowed) {
            throw bad(field + " goes with " + with + " only");
        }
    }

    private static <E> E constant(JsonNode request, String field, E[] constants, E missing) {
        if (!request.has(field) && missing != null) {
            return missing;
        }
        String wanted = request.path(field).asText();
        return Arrays.stream(constants).filter(constant -> constant.toString().equals(wanted)).findFirst()
                .orElseThrow(() -> bad(field + " must be one of " + names(constants)));
    }

    private static String names(Object[] constants) {
        return Arrays.stream(constants).map(Object::toString).collect(Collectors.joining(", "));
    }

    private static Integer integer(JsonNode request, String field, int least, int most) {
        if (!request.has(field)) {
            return null;
        }
        JsonNode value = request.path(field);
        if (!value.isInt() || value.intValue() < least || value.intValue() > most) {
            throw bad(field + " must be a whole number from " + least + " to " + most);
        }
        return value.intValue();
    }

    private static int orElse(Integer value, int other) {
        return value == null ? other : value;
    }

    private static Refusal bad(String message) {
        return Refusal.plain(400, message);
    }
}
