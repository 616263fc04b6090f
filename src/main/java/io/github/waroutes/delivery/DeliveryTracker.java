package io.github.waroutes.delivery;

import io.github.waroutes.state.HeapShare;
import io.github.waroutes.state.Keys;
import io.github.waroutes.state.StateStore;
import io.github.waroutes.state.StateStores;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

import io.github.waroutes.error.Causes;
import io.github.waroutes.error.GraphErrorCatalogue;
import io.github.waroutes.error.GraphErrorTranslator;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.number.NumberLookup;
import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.queue.QueueMessage;
import io.github.waroutes.trace.Traces;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Body;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.Headers;
import org.apache.camel.Variable;

/**
 * Makes one state of a message out of the send's answer and Meta's statuses, which come repeated, in any order, and sometimes before the
 * answer. Of a message to a group the state is that of the participant who is furthest.
 * <p>
 * Kept under our id of the message; Meta's id leads to it, and what is reported under Meta's id before ours is known waits for it. What one
 * business number is told changes no message of another, whoever owns that: ids of Meta's count together with the number. All keys are
 * hashes.
 */
public class DeliveryTracker implements CamelContextAware {

    private static final String MESSAGE = "message:";
    private static final String WAMID = "wamid:";
    private static final String EARLY = "early:";
    private static final String CLAIM = "claim:";
    private static final String READ = "read";
    private static final int KEYS_OF_A_MESSAGE = 2;
    private static final int MAX_CONTENTION = 1000;
    private static final int MAX_ID = 512;

    private final StateStore store;
    private final GraphErrorTranslator errors = new GraphErrorTranslator(GraphErrorCatalogue.load());
    private final Clock clock;
    private final NumberLookup numbers = new NumberLookup();
    private String phoneNumberId;
    /** So that the trace of a status leads to that of the send. */
    private final Traces traces = new Traces();
    private boolean usersHashed;

    /**
     * @param size how many messages this process remembers when there is no Redis; 0: by the heap
     * @param days how long a message is remembered after the last report about it; Meta tries for 30 days to deliver one
     */
    public DeliveryTracker(StateStores stores, long size, long days) {
        this(stores.store("delivery", HeapShare.entries(size, 30_000, "whatsapp.delivery.size") * KEYS_OF_A_MESSAGE,
                Duration.ofDays(positive(days, "whatsapp.delivery.days"))), Clock.systemUTC());
    }

    public DeliveryTracker(StateStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /** @param phoneNumberId the business number whose message is asked for unless a header names another */
    public void setPhoneNumberId(String phoneNumberId) {
        this.phoneNumberId = phoneNumberId;
    }

    @Override
    public CamelContext getCamelContext() {
        return traces.getCamelContext();
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        traces.setCamelContext(camelContext);
    }

    /** @param users {@code given}: a user is kept as the caller wrote it; {@code hashed}: only as a hash */
    public void setUsers(String users) {
        usersHashed = "hashed".equals(users);
    }

    /** A message with these headers has just gone into the outbound queue. */
    public DeliveryChange queuedNow(String outboundId, Map<String, Object> headers) {
        return note(new Delivery(outboundId, null, Delivery.text(headers.get(UpdateHeaders.PHONE_NUMBER_ID)), DeliveryState.QUEUED,
                Map.of(DeliveryState.QUEUED, clock.instant()), null, null, null, null, DeliveryContext.of(headers, usersHashed)));
    }

    /** One message, or several in a list, have just gone into the outbound queue; of a read receipt nothing becomes. */
    public void allQueuedNow(@Body Object stored) {
        Collection<?> messages = stored instanceof Collection<?> several ? several : Collections.singletonList(stored);
        for (Object message : messages) {
            if (message instanceof QueueMessage queued && !READ.equals(queued.queueHeaders().get(OutboundHeaders.TYPE))) {
                queuedNow(queued.queueId(), queued.queueHeaders());
            }
        }
    }

    /**
     * A message was given up here, for the exception that was caught: it will not be sent, unless somebody replays it.
     *
     * @return what it did; null without our id
     */
    public DeliveryChange givenUpNow(Exchange exchange) {
        String id = exchange.getMessage().getHeader(OutboundHeaders.ID, String.class);
        if (Delivery.text(id) == null) {
            return null;
        }
        WhatsAppException failure = Causes.caught(WhatsAppException.class, exchange);
        String number = exchange.getMessage().getHeader(UpdateHeaders.PHONE_NUMBER_ID, String.class);
        return note(Delivery.givenUp(id, number, clock.instant(), failure == null ? Map.of("type", "unknown") : failure.toMap(),
                DeliveryContext.of(exchange.getMessage().getHeaders(), usersHashed)));
    }

    /** What is known of a message, by the headers with our id and its number: {@link Delivery#toMap(NumberSettings)}, or null. */
    public Map<String, Object> state(@Header(OutboundHeaders.ID) String outboundId, @Header(UpdateHeaders.PHONE_NUMBER_ID) String number,
            CamelContext context) {
        return find(outboundId, number == null ? phoneNumberId : number).map(found -> found.toMap(numbers.in(context))).orElse(null);
    }

    /** The Graph API has just taken a message: our id, from the header, and Meta's, which the send left in the variable. */
    public DeliveryChange acceptedNow(@Headers Map<String, Object> headers, @Variable("whatsappSentId") String wamid) {
        return accepted(Delivery.text(headers.get(OutboundHeaders.ID)), Delivery.text(headers.get(UpdateHeaders.PHONE_NUMBER_ID)), wamid,
                clock.instant(), DeliveryContext.of(headers, usersHashed));
    }

    /**
     * The Graph API has taken a message.
     *
     * @param wamid Meta's id of it; null if the answer had none
     * @throws IllegalArgumentException without our id
     */
    public DeliveryChange accepted(String outboundId, String number, String wamid, Instant at) {
        return accepted(outboundId, number, wamid, at, DeliveryContext.NONE);
    }

    private DeliveryChange accepted(String outboundId, String number, String wamid, Instant at, DeliveryContext context) {
        if (Delivery.text(outboundId) == null) {
            throw new IllegalArgumentException("A message that was accepted needs our id; set the header " + OutboundHeaders.ID);
        }
        return note(new Delivery(outboundId, Delivery.text(wamid), number, DeliveryState.ACCEPTED, Map.of(DeliveryState.ACCEPTED, at),
                null, null, null, traces.traceparent(), context));
    }

    /**
     * One of Meta's status objects: {@code id}, {@code status}, {@code timestamp}, {@code errors}, {@code pricing},
     * {@code biz_opaque_callback_data}. The message is found by its wamid, or else by our id in {@code biz_opaque_callback_data}; a status
     * that is found by neither waits for the answer, or for {@link #settledNow}.
     *
     * @param number  the phone number id that is told
     * @param failure of a failed one the typed exception; null: it is made here
     * @return what it did; null if the status is not one of {@link DeliveryState}, says that one participant of a group did not get the
     *         message, or is about a message of another number
     */
    public DeliveryChange status(@Body Map<String, Object> status, @Header(UpdateHeaders.PHONE_NUMBER_ID) String number,
            @Variable("whatsappFailure") WhatsAppException failure) {
        DeliveryState state = DeliveryState.of(status.get("status"));
        String wamid = Delivery.text(status.get("id"));
        String ours = outboundId(status);
        boolean oneOfAGroup = status.get("recipient_participant_id") != null || status.get("recipient_participant_user_id") != null;
        if (state == null || state.compareTo(DeliveryState.ACCEPTED) <= 0 || wamid == null && ours == null
                || state == DeliveryState.FAILED && oneOfAGroup) {
            return null;
        }
        Map<String, Object> error = null;
        if (state == DeliveryState.FAILED) {
            error = (failure != null ? failure : failure(status)).toMap();
        }
        Map<String, Object> price = Delivery.child(status, "pricing");
        DeliveryChange change = note(new Delivery(ours, wamid, number, state, Map.of(state, Delivery.time(status.get("timestamp"), clock)), error,
                Delivery.text(price.get("category")), Delivery.text(price.get("type"))));
        // a trace of its own: one webhook tells of many messages, perhaps days later
        traces.link(change.delivery().trace());
        return change;
    }

    /** What is known of a message, by our id and the number that sends it. */
    public Optional<Delivery> find(String outboundId, String number) {
        if (outboundId == null) {
            return Optional.empty();
        }
        String found = store.get(MESSAGE + Keys.hash(outboundId));
        if (found == null) {
            String wamid = store.get(CLAIM + key(number, outboundId));
            found = wamid == null ? null : store.get(EARLY + wamid);
        }
        return Optional.ofNullable(found).map(Delivery::fromJson);
    }

    /**
     * The send's answer was lost, and the message that has our id in the header is known to be ours by a status: what statuses have said
     * of it is its state from now on.
     *
     * @return what it did; null if that was its state already, or no status has said anything
     */
    public DeliveryChange settledNow(@Header(OutboundHeaders.ID) String outboundId, @Header(UpdateHeaders.PHONE_NUMBER_ID) String number) {
        String wamid = Delivery.text(outboundId) == null ? null : store.take(CLAIM + key(number, outboundId));
        String known = wamid == null ? null : store.get(EARLY + wamid);
        if (known == null) {
            return null;
        }
        store.put(WAMID + wamid, outboundId);
        known = store.take(EARLY + wamid);
        return known == null ? null : merge(MESSAGE + Keys.hash(outboundId), Delivery.fromJson(known).with(outboundId));
    }

    /** Our id in a status object; null if it has none. */
    public static String outboundId(Map<String, Object> status) {
        String id = Delivery.text(status.get("biz_opaque_callback_data"));
        return id == null || id.length() > MAX_ID ? null : id;
    }

    private DeliveryChange note(Delivery report) {
        if (report.wamid() == null) {
            return merge(MESSAGE + Keys.hash(report.outboundId()), report);
        }
        String wamid = key(report.number(), report.wamid());
        String linked = store.get(WAMID + wamid);
        // only the send's answer is sure of our id: callback data may be somebody else's
        boolean sure = report.state() == DeliveryState.ACCEPTED;
        String id = sure || linked == null ? report.outboundId() : linked;
        if (id != null && !sure && linked == null && !isOurs(id, report)) {
            // whoever sends a message with this id from this number and hears no answer asks for it
            store.put(CLAIM + key(report.number(), id), wamid);
            id = null;
        }
        if (id == null) {
            return early(wamid, report.with(null));
        }
        String message = MESSAGE + Keys.hash(id);
        if (id.equals(linked)) {
            return merge(message, report.with(id));
        }
        store.put(WAMID + wamid, id);
        DeliveryChange first = merge(message, report.with(id));
        String known = store.take(linked == null ? EARLY + wamid : MESSAGE + Keys.hash(linked));
        return known == null ? first : new DeliveryChange(first.before(), merge(message, Delivery.fromJson(known).with(id)).delivery());
    }

    /** Whether the text is the id of a message of that number, and that has no other wamid; many messages may carry one text of a caller's. */
    private boolean isOurs(String id, Delivery report) {
        String text = store.get(MESSAGE + Keys.hash(id));
        Delivery known = text == null ? null : Delivery.fromJson(text);
        return known != null && known.isOf(report.number()) && (known.wamid() == null || known.wamid().equals(report.wamid()));
    }

    /** Meta's id, or a text that a status brings back, of what this number sent. */
    private static String key(String number, String id) {
        return Keys.hash(number == null ? id : number + ' ' + id);
    }

    private DeliveryChange early(String wamid, Delivery report) {
        DeliveryChange waiting = merge(EARLY + wamid, report);
        // the answer may have come in between, and looked for what waits before it was there
        String id = store.get(WAMID + wamid);
        String known = id == null ? null : store.take(EARLY + wamid);
        return known == null ? waiting : merge(MESSAGE + Keys.hash(id), Delivery.fromJson(known).with(id));
    }

    private DeliveryChange merge(String key, Delivery report) {
        return change(key, before -> before == null ? report : before.and(report));
    }

    private DeliveryChange change(String key, UnaryOperator<Delivery> change) {
        for (int i = 0; i < MAX_CONTENTION; i++) {
            String text = store.get(key);
            Delivery before = text == null ? null : Delivery.fromJson(text);
            Delivery after = change.apply(before);
            String written = after.toJson();
            if (written.equals(text) || store.replace(key, text, written)) {
                return new DeliveryChange(before == null ? null : before.state(), after);
            }
        }
        throw new IllegalStateException("The state of a message changed " + MAX_CONTENTION + " times while it was being written");
    }

    private WhatsAppException failure(Map<String, Object> status) {
        Map<?, ?> error = status.get("errors") instanceof List<?> all && !all.isEmpty() && all.get(0) instanceof Map<?, ?> first
                ? first : Map.of();
        return errors.fromGraphError(error, Map.of("endpoint", "status"));
    }

    public static long positive(long value, String property) {
        if (value < 1) {
            throw new IllegalArgumentException(property + " is " + value + "; give 1 or more");
        }
        return value;
    }
}
