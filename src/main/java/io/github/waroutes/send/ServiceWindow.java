package io.github.waroutes.send;

import io.github.waroutes.delivery.Delivery;
import io.github.waroutes.delivery.DeliveryTracker;
import io.github.waroutes.state.HeapShare;
import io.github.waroutes.state.Keys;
import io.github.waroutes.state.StateStore;
import io.github.waroutes.state.StateStores;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Body;
import org.apache.camel.Header;
import org.apache.camel.Variable;

/**
 * The 24 hours after a user's last message or call to a business number, in which free-form messages may be sent (Meta, "Send messages":
 * customer service windows). Users are stored as hashes. The business-scoped id and the phone number of a user are two keys, which are
 * linked by the first message that carries both.
 */
public class ServiceWindow {

    /** How long the window stays open after the user's last message. */
    public static final Duration LENGTH = Duration.ofHours(24);

    private static final String USER_INITIATED = "USER_INITIATED";
    private static final int RE_ENGAGEMENT = 131047;
    private static final int KEYS_OF_A_USER = 4;
    private static final String LAST = "last:";
    private static final String LINKED = "same:";
    private static final Set<String> NOT_FREE_FORM = Set.of("template", "read");
    // system messages are about the user, not from the user
    private static final Set<String> NOT_WRITTEN = Set.of("system");

    private static final Pattern NOT_A_DIGIT = Pattern.compile("[^0-9]");

    private final StateStore store;
    private final Clock clock;

    /**
     * @param size  how many users this process remembers when there is no Redis; 0: by the heap
     * @param hours how long a user is remembered, more than 24; after that the window is {@link WindowState#UNKNOWN}, and nothing is refused
     */
    public ServiceWindow(StateStores stores, long size, long hours) {
        this(stores.store("window", HeapShare.entries(size, 30_000, "whatsapp.window.users") * KEYS_OF_A_USER, timeToLive(hours)),
                Clock.systemUTC());
    }

    ServiceWindow(StateStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    private static Duration timeToLive(long hours) {
        if (hours <= LENGTH.toHours()) {
            throw new IllegalArgumentException("whatsapp.window.hours is " + hours + "; give more than 24, or no window is ever known to be closed");
        }
        return Duration.ofHours(hours);
    }

    /** A user has written to a number; messages that are older than the last one are ignored. */
    public void userWrote(String number, String user, Instant at) {
        if (user == null || user.isBlank()) {
            return;
        }
        String key = LAST + key(number, user);
        String written = Long.toString(at.getEpochSecond());
        String before;
        do {
            before = store.get(key);
            if (before != null && Long.parseLong(before) >= at.getEpochSecond()) {
                return;
            }
        } while (!store.replace(key, before, written));
    }

    /** The same, for a message that may carry the business-scoped id, the phone number, or both. */
    public void userWrote(String number, String userId, String phone, Instant at) {
        userWrote(number, userId, at);
        userWrote(number, phone, at);
        if (userId != null && !userId.isBlank() && phone != null && !phone.isBlank()) {
            store.put(LINKED + key(number, userId), key(number, phone));
            store.put(LINKED + key(number, phone), key(number, userId));
        }
    }

    /** For one of Meta's message objects: opens the window, unless it was written in a group; a system message may change the user's id. */
    public void userWroteMessage(@Header(UpdateHeaders.PHONE_NUMBER_ID) String number, @Header(UpdateHeaders.TIMESTAMP) Long timestamp,
            @Body Map<String, Object> message) {
        if (message.get("group_id") == null && !NOT_WRITTEN.contains(String.valueOf(message.get("type")))) {
            userWrote(number, Delivery.text(message.get("from_user_id")), Delivery.text(message.get("from")),
                    timestamp == null ? clock.instant() : Instant.ofEpochSecond(timestamp));
        } else if (message.get("system") instanceof Map<?, ?> system) {
            carryOver(number, Delivery.text(system.get("previous_user_id")), Delivery.text(system.get("user_id")));
            carryOver(number, Delivery.text(message.get("from")), Delivery.text(system.get("wa_id")));
        }
    }

    /** The user's id or number has changed: the new one takes over the window of the old one. */
    private void carryOver(String number, String before, String now) {
        if (before != null && now != null && !before.equals(now)) {
            String key = key(number, before);
            Long last = last(key);
            String linked = store.get(LINKED + key);
            Long other = linked == null ? null : last(linked);
            Long latest = last == null || other != null && other > last ? other : last;
            if (latest != null) {
                userWrote(number, now, Instant.ofEpochSecond(latest));
            }
        }
    }

    /**
     * Users have called, which opens the window as a message does (Meta, "Send messages"); a call of ours does not.
     *
     * @param calls Meta's call objects: {@code from}, {@code from_user_id}, {@code direction}, {@code timestamp} (Meta, "User-initiated calls")
     */
    public void userCalled(@Header(UpdateHeaders.PHONE_NUMBER_ID) String number, @Variable("whatsappCalls") List<Map<String, Object>> calls) {
        for (Map<String, Object> call : calls) {
            if (USER_INITIATED.equals(call.get("direction"))) {
                userWrote(number, Delivery.text(call.get("from_user_id")), Delivery.text(call.get("from")), Delivery.time(call.get("timestamp"), clock));
            }
        }
    }

    /** Whether free-form messages may be sent from the number to the user, given by phone number, with or without plus, or business-scoped id. */
    public WindowState isOpen(String number, String user, Instant now) {
        if (user == null || user.isBlank()) {
            return WindowState.UNKNOWN;
        }
        String key = key(number, user);
        Long last = last(key);
        if (last == null || !open(last, now)) {
            String linked = store.get(LINKED + key);
            Long other = linked == null ? null : last(linked);
            last = last == null || other != null && other > last ? other : last;
        }
        if (last == null) {
            return WindowState.UNKNOWN;
        }
        return open(last, now) ? WindowState.OPEN : WindowState.CLOSED;
    }

    /** {@link #requireOpen(String, String, String, Instant)} now. */
    public void requireOpenNow(@Header(UpdateHeaders.PHONE_NUMBER_ID) String number, @Header(UpdateHeaders.USER) String user,
            @Header(OutboundHeaders.TYPE) String type) {
        requireOpen(number, user, type, clock.instant());
    }

    /**
     * Refuses what Meta would refuse. Templates and read receipts need no window.
     *
     * @param type the outgoing message's {@code type}
     * @throws WhatsAppMessageException with Meta's code 131047, never to be retried, if the window is known to be closed; its context has
     *                                  {@code refused_by: service_window}
     */
    public void requireOpen(String number, String user, String type, Instant now) {
        requireOpen(needsWindow(type) ? isOpen(number, user, now) : WindowState.UNKNOWN, number, type);
    }

    /** Whether a message of that type may be sent only within the window. */
    static boolean needsWindow(String type) {
        return !NOT_FREE_FORM.contains(String.valueOf(type));
    }

    /** The same, for a state that was looked up already. */
    void requireOpen(WindowState state, String number, String type) {
        if (state == WindowState.CLOSED && needsWindow(type)) {
            throw new WhatsAppMessageException(ErrorDetails.builder("The user last wrote more than 24 hours ago, so only a template may be"
                            + " sent (code " + RE_ENGAGEMENT + "); Meta was not asked")
                    .errorCode(RE_ENGAGEMENT)
                    .retryClass(RetryClass.NEVER)
                    .scope(ErrorScope.PAIR)
                    .context("refused_by", "service_window")
                    .context("phone_number_id", number)
                    .build());
        }
    }

    private Long last(String key) {
        String last = store.get(LAST + key);
        return last == null ? null : Long.valueOf(last);
    }

    private static boolean open(long last, Instant now) {
        return now.isBefore(Instant.ofEpochSecond(last).plus(LENGTH));
    }

    private static String key(String number, String user) {
        String name = user.strip();
        boolean phone = !name.isEmpty() && !Character.isLetter(name.charAt(0));
        return Keys.hash(number + ':' + (phone ? NOT_A_DIGIT.matcher(name).replaceAll("") : name));
    }
}
