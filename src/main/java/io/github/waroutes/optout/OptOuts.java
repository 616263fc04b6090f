package io.github.waroutes.optout;

import java.io.IOException;
import java.time.Clock;
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
import io.github.waroutes.error.Causes;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.number.BusinessNumber;
import io.github.waroutes.number.NumberLookup;
import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.queue.QueueMessage;
import io.github.waroutes.state.KeptValues;
import io.github.waroutes.state.RedisConnection;
import io.github.waroutes.update.Person;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * The people who want no marketing messages of a business: of all numbers of an account whose id is configured, else of one number. They said so with a
 * STOP word, in WhatsApp (Meta, "user_preferences webhook"), or Meta refused a message for it (131050). Templates that are known to be marketing are
 * refused to them; anything else is not. Which are, the configuration says, or Meta has told.
 */
public class OptOuts {

    private static final int STOPPED_MARKETING = 131050;
    private static final String BY = "WhatsAppOptOutBy";

    private final KeptValues kept;
    private final MarketingTemplates templates;
    private final Clock clock;
    private final NumberLookup numbers = new NumberLookup();
    private final ObjectMapper json = new ObjectMapper();
    private Words stop = Words.of("");
    private Words start = Words.of("");

    /** @param directory of the files, where there is no Redis */
    public OptOuts(RedisConnection redis, String directory) {
        this(KeptValues.create(redis, "opt-outs", directory), new MarketingTemplates(KeptValues.create(redis, "marketing-templates", directory)), Clock.systemUTC());
    }

    OptOuts(KeptValues kept, MarketingTemplates templates, Clock clock) {
        this.kept = kept;
        this.templates = templates;
        this.clock = clock;
    }

    /** @param words with commas between; none: what users write has no such meaning */
    public void setStopWords(String words) {
        stop = Words.of(words);
    }

    /** @param words with commas between, which lift an opt-out */
    public void setStartWords(String words) {
        start = Words.of(words);
    }

    /** @param names of marketing templates, with commas between */
    public void setMarketingTemplates(String names) {
        templates.configure(names);
    }

    /** Whether what users write is looked at. */
    public boolean listens() {
        return !stop.isEmpty();
    }

    /**
     * In: Meta's message object. Out: variable {@code whatsappOptOut}: {@code stop}; {@code start}, if the user had opted out; otherwise empty.
     */
    public void wrote(Exchange exchange) {
        String said = "";
        if (exchange.getMessage().getBody() instanceof Map<?, ?> message && exchange.getMessage().getHeader(UpdateHeaders.GROUP_ID) == null) {
            String number = numbers.phoneNumberId(exchange);
            Long written = exchange.getMessage().getHeader(UpdateHeaders.TIMESTAMP, Long.class);
            Instant at = written == null ? now() : Instant.ofEpochSecond(written);
            if (stop.isIn(message)) {
                add(number, Person.ids(exchange), at, "word", exchange);
                said = "stop";
            } else if (start.isIn(message) && lift(number, Person.ids(exchange), at, exchange)) {
                said = "start";
            }
        }
        exchange.setVariable("whatsappOptOut", said);
    }

    /** In: an update about a template, as it was stored. */
    public void template(Exchange exchange) throws IOException {
        templates.told(value(exchange));
    }

    /** In: templates as Meta lists them, maps with {@code name} and {@code category}. */
    public void templates(Exchange exchange) {
        for (Object one : exchange.getMessage().getBody(List.class)) {
            templates.told(json.valueToTree(one));
        }
    }

    private JsonNode value(Exchange exchange) throws IOException {
        return json.readTree(exchange.getMessage().getBody(byte[].class)).at("/entry/0/changes/0/value");
    }

    /** In: an update of the field {@code user_preferences}, as it was stored. */
    public void preferences(Exchange exchange) throws IOException {
        JsonNode value = value(exchange);
        String number = value.at("/metadata/phone_number_id").asText("");
        for (JsonNode one : value.path("user_preferences")) {
            Set<String> ids = Person.ids(one, "user_id", "wa_id");
            if (value.path("user_preferences").size() == 1 && value.path("contacts").size() == 1) {
                ids.addAll(Person.ids(value.path("contacts").path(0), "user_id", "wa_id"));
            }
            long seconds = one.path("timestamp").asLong(0);
            Instant at = seconds > 0 ? Instant.ofEpochSecond(seconds) : now();
            if (number.isEmpty() || ids.isEmpty() || !one.path("category").asText("marketing").contains("marketing")) {
                continue;
            }
            switch (one.path("value").asText()) {
                case "stop" -> add(number, ids, at, "user_preferences", exchange);
                case "resume" -> lift(number, ids, at, exchange);
                default -> {
                    // a word that this version does not know
                }
            }
        }
    }

    /** Meta has refused the current message, the body: if because the user wants no marketing messages, that is kept, and that its template is one. */
    public void refused(Exchange exchange) {
        WhatsAppException failure = Causes.caught(WhatsAppException.class, exchange);
        if (failure != null && Integer.valueOf(STOPPED_MARKETING).equals(failure.getErrorCode()) && !failure.getContext().containsKey("refused_by")) {
            add(numbers.phoneNumberId(exchange), Person.ids(exchange), now(), "refusal", exchange);
            templates.learn(MarketingTemplates.name(exchange.getMessage().getBody(byte[].class)));
        }
    }

    /** The same, which Meta told later, in a failed status: the body, Meta's status object. */
    public void failed(Exchange exchange) {
        if (exchange.getMessage().getBody() instanceof Map<?, ?> status && status.get("errors") instanceof List<?> errors
                && errors.stream().anyMatch(error -> error instanceof Map<?, ?> one && String.valueOf(STOPPED_MARKETING).equals(String.valueOf(one.get("code"))))) {
            add(numbers.phoneNumberId(exchange), Person.ids(exchange), now(), "refusal", exchange);
        }
    }

    /**
     * The current message, the body as it is queued or sent, does not go to who wants none such.
     *
     * @throws WhatsAppMessageException with Meta's code 131050, never to be retried; its context has {@code refused_by: opt_out}
     */
    public void require(Exchange exchange) {
        Message message = exchange.getMessage();
        QueueMessage queued = message.getBody() instanceof QueueMessage one ? one : null;
        Map<String, Object> headers = queued == null ? message.getHeaders() : queued.queueHeaders();
        boolean marketing = "true".equals(headers.get(OutboundHeaders.MARKETING));
        // what can be no marketing does not depend on where the opt-outs are kept
        if (!marketing && !"template".equals(headers.get(OutboundHeaders.TYPE)) || !(headers.get(UpdateHeaders.USER) instanceof String user)
                || kept.isEmpty()) {
            return;
        }
        String number = String.valueOf(headers.get(UpdateHeaders.PHONE_NUMBER_ID));
        if (find(number, Set.of(user), exchange) != null
                && (marketing || templates.isMarketing(MarketingTemplates.name(queued == null ? message.getBody(byte[].class) : queued.queueBody())))) {
            throw new WhatsAppMessageException(ErrorDetails.builder("The user wants no marketing messages (code " + STOPPED_MARKETING + "); Meta was not asked")
                    .errorCode(STOPPED_MARKETING).retryClass(RetryClass.NEVER).scope(ErrorScope.PAIR)
                    .context("refused_by", "opt_out").context("phone_number_id", number).build());
        }
    }

    /** In: the headers of an update, or {@code WhatsAppUser}. Out: body {@code opted_out}, {@code since}, {@code by}. */
    public void optOut(Exchange exchange) {
        add(numbers.phoneNumberId(exchange), named(exchange), now(), exchange.getMessage().getHeader(BY, "route", String.class), exchange);
        show(exchange);
    }

    /** In: the same. Out: body {@code opted_out}, false. */
    public void optIn(Exchange exchange) {
        lift(numbers.phoneNumberId(exchange), named(exchange), Instant.MAX, exchange);
        show(exchange);
    }

    /** In: the same. Out: body {@code opted_out}, and if so {@code since}, {@code by}. */
    public void show(Exchange exchange) {
        OptOut found = find(numbers.phoneNumberId(exchange), named(exchange), exchange);
        exchange.getMessage().setBody(found == null ? Map.of("opted_out", false) : found.told());
    }

    /** All: {@code number} (Meta's id), {@code user}, {@code since}, {@code by}. */
    public List<Map<String, Object>> list() {
        return kept.values().stream().distinct().map(OptOut::fromJson).map(one -> {
            Map<String, Object> told = new LinkedHashMap<>();
            told.put("number", one.number());
            told.put("user", one.users().get(0));
            told.putAll(one.told());
            told.remove("opted_out");
            return told;
        }).toList();
    }

    private void add(String number, Set<String> ids, Instant at, String by, Exchange exchange) {
        OptOut before = ids.isEmpty() ? null : find(number, ids, exchange);
        Set<String> users = new LinkedHashSet<>(ids);
        if (before != null) {
            if (before.users().containsAll(ids)) {
                return;
            }
            users.addAll(before.users());
        }
        if (!users.isEmpty()) {
            String one = new OptOut(number, List.copyOf(users), (before == null ? at.truncatedTo(ChronoUnit.SECONDS) : before.at()).toString(), before == null ? by : before.by()).toJson();
            users.forEach(user -> kept.put(Person.key(scope(number, exchange), user), one));
        }
    }

    /** What the user said before the opt-out does not lift it. */
    private boolean lift(String number, Set<String> ids, Instant at, Exchange exchange) {
        OptOut found = ids.isEmpty() || kept.isEmpty() ? null : find(number, ids, exchange);
        if (found == null || at.isBefore(found.at())) {
            return false;
        }
        found.users().forEach(user -> {
            kept.remove(Person.key(scope(number, exchange), user));
            kept.remove(Person.key(number, user));
        });
        return true;
    }

    private OptOut find(String number, Collection<String> ids, Exchange exchange) {
        for (String id : ids) {
            String found = kept.get(Person.key(scope(number, exchange), id));
            // from before the account's id was configured
            found = found == null ? kept.get(Person.key(number, id)) : found;
            if (found != null) {
                return OptOut.fromJson(found);
            }
        }
        return null;
    }

    private String scope(String number, Exchange exchange) {
        NumberSettings settings = numbers.in(exchange.getContext());
        BusinessNumber known = settings == null ? null : settings.of(number);
        return known == null || known.accountId().isBlank() ? number : "account " + known.accountId();
    }

    private static Set<String> named(Exchange exchange) {
        return Person.require(exchange, "Who is meant?");
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }
}
