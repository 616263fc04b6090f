package io.github.waroutes.handover;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.number.NumberLookup;
import io.github.waroutes.state.KeptValues;
import io.github.waroutes.state.RedisConnection;
import io.github.waroutes.update.Person;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.util.TimeUtils;

/**
 * The conversations that a person has taken over: the bot is silent in them. What a person writes through the send API goes out as ever. Meta's own
 * agent leads to the same state: what it holds comes on the webhook field {@code standby} (Meta, "standby webhook"), and what comes on {@code messages}
 * afterwards says that it holds it no longer.
 */
public class HandOvers {

    /** How long, as in {@code 2h}; absent: as the configuration has it. */
    static final String FOR = "WhatsAppPauseFor";
    static final String REASON = "WhatsAppPauseReason";
    static final String BY = "WhatsAppPauseBy";
    /** An exchange variable, true: whoever handles this update knows that the conversation is handed over, and may say a word. */
    private static final String SILENT = "whatsappSilent";
    private static final Set<String> STANDBY = Set.of("messages", "message_echoes", "statuses");

    private final KeptValues kept;
    private final Clock clock;
    private final NumberLookup numbers = new NumberLookup();
    private final ObjectMapper json = new ObjectMapper();
    private Duration timeOut;

    /** @param directory of the file, where there is no Redis */
    public HandOvers(RedisConnection redis, String directory) {
        this(KeptValues.create(redis, "hand-overs", directory), Clock.systemUTC());
    }

    HandOvers(KeptValues kept, Clock clock) {
        this.kept = kept;
        this.clock = clock;
    }

    /** @param timeOut how long a hand-over lasts if nobody says, as in {@code 12h}; {@code 0}: until somebody ends it */
    public void setTimeOut(String timeOut) {
        Duration given = Duration.ofMillis(TimeUtils.toMilliSeconds(timeOut.strip()));
        this.timeOut = given.isZero() ? null : given;
    }

    /**
     * Out: variable {@code whatsappSilent}, whether the bot is silent in the conversation of the current update. A step and not an expression, which would
     * cost each message five times as much.
     */
    public void look(Exchange exchange) {
        exchange.setVariable(SILENT, isSilent(exchange));
    }

    /**
     * Out: variable {@code whatsappTooLate}, whether the conversation was handed over while an answer to the current update was being made, by somebody else
     * than its own route.
     */
    public void lookAgain(Exchange exchange) {
        exchange.setVariable("whatsappTooLate", !kept.isEmpty() && exchange.getMessage().getHeader(UpdateHeaders.ID) != null
                && !Boolean.TRUE.equals(exchange.getVariable(SILENT)) && isSilent(exchange));
    }

    private boolean isSilent(Exchange exchange) {
        if (kept.isEmpty()) {
            return false;
        }
        HandOver found = find(numbers.phoneNumberId(exchange), Person.ids(exchange));
        if (found != null && HandOver.META.equals(found.by()) && isLater(exchange, found)) {
            end(found);
            found = null;
        }
        return found != null;
    }

    /** What comes on {@code messages} was written when Meta's agent did not hold the conversation. */
    private static boolean isLater(Exchange exchange, HandOver found) {
        Long written = exchange.getMessage().getHeader(UpdateHeaders.TIMESTAMP, Long.class);
        return "message".equals(exchange.getMessage().getHeader(UpdateHeaders.KIND)) && written != null
                && written > Instant.parse(found.since()).getEpochSecond();
    }

    /**
     * In: the headers of an update, or {@code WhatsAppUser} (or {@code WhatsAppGroupId}) and, for another number than the first, {@code WhatsAppNumber} or
     * {@code WhatsAppPhoneNumberId}; {@code WhatsAppPauseFor}, {@code WhatsAppPauseReason}. Out: body {@code silent}, {@code since}, {@code until},
     * {@code by}, {@code reason}. One that is there already gets the new end and the new reason.
     *
     * @throws WhatsAppMessageException if nobody is named, or the time is none
     */
    public void pause(Exchange exchange) {
        Message in = exchange.getMessage();
        Set<String> ids = require(exchange);
        String number = numbers.phoneNumberId(exchange);
        HandOver before = find(number, ids);
        Duration length = length(in.getHeader(FOR, String.class));
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Set<String> users = new LinkedHashSet<>(ids);
        if (before != null) {
            users.addAll(before.users());
        }
        String by = in.getHeader(BY, "route", String.class);
        exchange.setVariable(SILENT, true);
        String since = before != null && before.by().equals(by) ? before.since() : now.toString();
        in.setBody(begin(new HandOver(number, List.copyOf(users), since, length == null ? null : now.plus(length).toString(), by,
                in.getHeader(REASON, String.class))).told());
    }

    /** In: as for a pause. Out: body {@code silent}, false. */
    public void resume(Exchange exchange) {
        HandOver found = find(numbers.phoneNumberId(exchange), require(exchange));
        if (found != null) {
            end(found);
        }
        exchange.getMessage().setBody(Map.of("silent", false));
    }

    /** In: as for a pause. Out: body as there, or {@code silent}, false. */
    public void show(Exchange exchange) {
        HandOver found = find(numbers.phoneNumberId(exchange), require(exchange));
        exchange.getMessage().setBody(found == null ? Map.of("silent", false) : found.told());
    }

    /** Those that hold: {@code number} (Meta's id), {@code user}, and what {@link #show} tells. */
    public List<Map<String, Object>> list() {
        Instant now = clock.instant();
        // each is kept under all ids of its person
        return kept.values().stream().distinct().map(HandOver::fromJson).filter(one -> !one.isOver(now)).map(one -> {
            Map<String, Object> told = new LinkedHashMap<>();
            told.put("number", one.number());
            told.put("user", one.users().get(0));
            told.putAll(one.told());
            told.remove("silent");
            return told;
        }).toList();
    }

    /**
     * In: an update of the field {@code standby} (what Meta's agent gets), or {@code messaging_handovers} ({@code control_passed}: it is ours again).
     * The state is changed if it was not so already; a hand-over to a person stays.
     */
    public void meta(Exchange exchange) throws IOException {
        JsonNode change = json.readTree(exchange.getMessage().getBody(byte[].class)).at("/entry/0/changes/0");
        JsonNode value = change.path("value");
        boolean standby = "standby".equals(change.path("field").asText());
        String number = value.at(standby ? "/metadata/phone_number_id" : "/recipient/phone_number_id").asText("");
        if (number.isEmpty()) {
            return;
        }
        if (standby) {
            STANDBY.forEach(kind -> value.path("standby").path(kind).forEach(item -> begin(number, kind, item)));
        } else if ("control_passed".equals(value.path("type").asText())) {
            JsonNode sender = value.path("sender");
            HandOver found = find(number, Person.ids(sender, "phone_number", "user_id"));
            if (found != null && HandOver.META.equals(found.by())) {
                end(found);
            }
        }
    }

    private void begin(String number, String kind, JsonNode item) {
        Set<String> ids = switch (kind) {
            case "messages" -> Person.ids(item, "from_user_id", "from");
            case "statuses" -> Person.ids(item, "recipient_user_id", "recipient_id");
            default -> Person.ids(item, "to_user_id", "to");
        };
        long written = item.path("timestamp").asLong(0);
        Instant at = written > 0 ? Instant.ofEpochSecond(written) : clock.instant();
        HandOver found = ids.isEmpty() ? null : find(number, ids);
        // of several that are late the newest counts
        if (!ids.isEmpty() && (found == null || HandOver.META.equals(found.by()) && at.isAfter(Instant.parse(found.since())))) {
            begin(new HandOver(number, List.copyOf(ids), at.truncatedTo(ChronoUnit.SECONDS).toString(), null, HandOver.META, null));
        }
    }

    private HandOver begin(HandOver one) {
        one.users().forEach(user -> kept.put(Person.key(one.number(), user), one.toJson()));
        return one;
    }

    private void end(HandOver one) {
        one.users().forEach(user -> kept.remove(Person.key(one.number(), user)));
    }

    private HandOver find(String number, Collection<String> ids) {
        for (String id : ids) {
            String found = kept.get(Person.key(number, id));
            if (found != null) {
                HandOver one = HandOver.fromJson(found);
                if (!one.isOver(clock.instant())) {
                    return one;
                }
                end(one);
            }
        }
        return null;
    }

    private Duration length(String given) {
        if (given == null || given.isBlank()) {
            return timeOut;
        }
        if (!given.strip().matches("(\\d{1,9}[dhms])+")) {
            throw new WhatsAppMessageException(ErrorDetails.builder("How long the bot is silent must be a time as in 30m, 12h or 7d").context("field", "for").build());
        }
        return Duration.ofMillis(TimeUtils.toMilliSeconds(given.strip()));
    }

    private static Set<String> require(Exchange exchange) {
        return Person.require(exchange, "Whose conversation is meant?");
    }
}
