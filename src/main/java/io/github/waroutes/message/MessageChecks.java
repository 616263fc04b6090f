package io.github.waroutes.message;



import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.error.Causes;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.error.WhatsAppTemplateException;
import io.github.waroutes.setting.CommaSeparated;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks a message against the Cloud API's rules before Meta is asked: required parts, lengths in characters (code points), counts,
 * and who it goes to. Keys that are not known here, and messages of a type that is not known here, pass; of the latter only what is
 * around the content is looked at.
 * <p>
 * The checks, each of which can be an error, a warning, or off:
 * <ul>
 * <li>{@code schema}: required parts, their types and fixed words</li>
 * <li>{@code text-length}: a text is empty or too long</li>
 * <li>{@code count}: too few or too many buttons, sections, rows, products, cards or parameters</li>
 * <li>{@code range}: a number is too small or too large</li>
 * <li>{@code recipient}: a phone number with its country code, a business-scoped user id, or a group</li>
 * <li>{@code duplicates}: two buttons with one id or title, two rows with one id</li>
 * <li>{@code section-titles}: one of several sections has no title</li>
 * <li>{@code carousel-cards}: cards with different buttons, or with one index</li>
 * <li>{@code template-parameters}: named and positional parameters in one template, one name twice, or a text with line breaks, tabs or
 * more than four blanks in a row</li>
 * <li>{@code authentication-recipient}: an authentication template, one that is named or {@link #learn learned}, to a business-scoped
 * user id (Meta's error 131062)</li>
 * </ul>
 * Set up before it is used, then safe for use by several threads.
 */
public class MessageChecks {

    /** What a check does when it finds something. */
    private enum Level { ERROR, WARN, OFF }

    private static final Logger LOG = LoggerFactory.getLogger("whatsapp");
    private static final Set<String> CHECKS = new TreeSet<>(Set.of("schema", "range", MessageRules.TEXT_LENGTH,
            MessageRules.COUNT, MessageRules.RECIPIENT, MessageRules.DUPLICATES, MessageRules.SECTION_TITLES,
            MessageRules.CAROUSEL_CARDS, MessageRules.TEMPLATE_PARAMETERS, MessageRules.AUTHENTICATION_RECIPIENT));
    private static final int TOLD = 3;
    private static final int NOT_TO_THIS_ID = 131062;
    private static final int MOST_NAMES = 10_000;

    private final ObjectMapper json = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private final MessageSchemas schemas = new MessageSchemas();
    private volatile Map<String, Level> levels = Map.of();
    private final Set<String> authenticationTemplates = ConcurrentHashMap.newKeySet();

    /**
     * @param setting checks and their levels ({@code error}, {@code warn} or {@code off}), as in {@code text-length=warn,schema=off};
     *                a check that is not named is an error
     * @throws IllegalArgumentException if it names no check, or no level
     */
    public void setLevels(String setting) {
        Map<String, Level> read = new LinkedHashMap<>();
        for (String entry : CommaSeparated.values(setting)) {
            String[] pair = entry.split("=", 2);
            String check = pair[0].strip();
            if (!CHECKS.contains(check)) {
                throw new IllegalArgumentException("whatsapp.checks names the check \"" + check + "\", which there is not; there are "
                        + String.join(", ", CHECKS));
            }
            read.put(check, level(check, pair.length == 2 ? pair[1].strip() : ""));
        }
        levels = Map.copyOf(read);
    }

    private static Level level(String check, String word) {
        for (Level level : Level.values()) {
            if (level.name().equalsIgnoreCase(word)) {
                return level;
            }
        }
        throw new IllegalArgumentException("whatsapp.checks gives " + check + " the level \"" + word
                + "\"; write " + check + "=error, " + check + "=warn or " + check + "=off");
    }

    /** @param names the names of the templates of category AUTHENTICATION, separated by commas; they never go to a business-scoped id */
    public void setAuthenticationTemplates(String names) {
        authenticationTemplates.clear();
        authenticationTemplates.addAll(CommaSeparated.values(names));
    }

    /**
     * Meta has refused the current message, the body. If for being an authentication template to a business-scoped id (131062), its name is
     * remembered until a restart, and the next one is refused here.
     */
    public void learn(Exchange exchange) {
        WhatsAppException failure = Causes.caught(WhatsAppException.class, exchange);
        if (failure == null || !Integer.valueOf(NOT_TO_THIS_ID).equals(failure.getErrorCode()) || authenticationTemplates.size() >= MOST_NAMES) {
            return;
        }
        String name = templateName(exchange.getMessage().getBody(byte[].class));
        if (name != null && authenticationTemplates.add(name)) {
            LOG.atWarn().addKeyValue("event", "whatsapp.check.learned").addKeyValue("template", name)
                    .addKeyValue("meaning", "it goes to phone numbers only; name it in whatsapp.templates.authentication")
                    .log("whatsapp.check.learned");
        }
    }

    private String templateName(byte[] message) {
        try {
            return message == null ? null : json.readTree(message).path("template").path("name").textValue();
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * Checks the body of a request to {@code /messages} or {@code /marketing_messages}.
     *
     * @throws WhatsAppMessageException  if it is not a JSON object or breaks a rule; class never, scope message
     * @throws WhatsAppTemplateException the same, for a template
     */
    public void check(byte[] message) {
        JsonNode parsed = null;
        try {
            parsed = message == null ? null : json.readTree(message);
        } catch (JsonProcessingException e) {
            // reported below without the parser's message, which quotes the message
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        check(parsed);
    }

    /** As {@link #check(byte[])}, of a message that was read already. */
    public void check(JsonNode message) {
        check(message, null);
    }

    /** @param asked the user whom the message answers, by the id that Meta gave; of whatever form: Meta knows it */
    void check(JsonNode message, String asked) {
        if (message == null || !message.isObject()) {
            throw new WhatsAppMessageException(
                    ErrorDetails.builder("The message is not a JSON object as the Cloud API takes it").build());
        }
        List<MessageProblem> problems = problems(message);
        if (problems.isEmpty()) {
            return;
        }
        List<MessageProblem> errors = new ArrayList<>();
        for (MessageProblem problem : problems) {
            if (problem.check().equals(MessageRules.RECIPIENT) && asked != null && Set.of(asked, '+' + asked).contains(addressee(message))) {
                continue;
            }
            switch (levels.getOrDefault(problem.check(), Level.ERROR)) {
                case ERROR -> errors.add(problem);
                case WARN -> LOG.atWarn().addKeyValue("event", "whatsapp.check.warning").addKeyValue("check", problem.check())
                        .addKeyValue("field", problem.field()).log("whatsapp.check.warning");
                case OFF -> {
                    // not wanted
                }
            }
        }
        if (!errors.isEmpty()) {
            throw refused(message, errors);
        }
    }

    /** Everything that is wrong with a message, which is a JSON object, whatever the levels: who it goes to first. */
    public List<MessageProblem> problems(JsonNode given) {
        JsonNode message = PlainForm.of(given);
        List<MessageProblem> problems = new ArrayList<>();
        MessageRules.recipient(message, problems);
        schemas.find(message, problems);
        MessageRules.content(message, authenticationTemplates, problems);
        return problems;
    }

    private static String addressee(JsonNode message) {
        return message.path(message.hasNonNull("to") ? "to" : "recipient").asText();
    }

    private static WhatsAppException refused(JsonNode message, List<MessageProblem> errors) {
        String words = errors.stream().distinct().limit(TOLD).map(MessageProblem::toString).collect(Collectors.joining("; "));
        long more = errors.stream().distinct().count() - TOLD;
        ErrorDetails details = ErrorDetails.builder(more > 0 ? words + "; and " + more + " more" : words)
                .context("checks", errors.stream().map(MessageProblem::check).distinct().toList())
                .context("fields", errors.stream().map(MessageProblem::field).distinct().limit(TOLD).toList())
                .build();
        return "template".equals(message.path("type").asText())
                ? new WhatsAppTemplateException(details, message.path("template").path("name").textValue())
                : new WhatsAppMessageException(details);
    }
}
