package io.github.waroutes.send;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.message.Template;
import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * What happens to a free-form message whose user last wrote more than 24 hours ago: Meta would refuse it (131047), so it is
 * refused here, or becomes a template that carries its text, or is sent all the same. A window counts as closed only when all updates that
 * were queued when the message was first checked have been handled, as a newer message of the user may be among them; for that it waits
 * {@link #LONGEST_WAIT} at most.
 */
public class ClosedWindow implements CamelContextAware {

    static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    private static final String OPEN = "whatsappWindowOpen";
    private static final long RECHECK_MILLIS = 1_000;
    /** In the message's memo, an Instant and a Long: when it was first found closed, by the wall clock and in nanoseconds. */
    private static final String CLOSED_AT = "window-closed-at";
    private static final String CLOSED_NANOS = "window-closed-nanos";
    private static final List<String> ACTIONS = List.of("refuse", "template", "send");

    private final ObjectMapper json = new ObjectMapper();
    private CamelContext camelContext;
    private String action = "refuse";
    private String template = "";
    private Predicate<Instant> backlog = moment -> false;
    private LongSupplier nanoTime = System::nanoTime;

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
    }

    /** @param action {@code refuse}, {@code template} or {@code send} */
    public void setAction(String action) {
        if (!ACTIONS.contains(action)) {
            throw new IllegalArgumentException("whatsapp.window.closed " + action + " is none of refuse, template and send");
        }
        this.action = action;
    }

    /** @param template name and language of an approved template with one body parameter, as in {@code follow_up:en_US} */
    public void setTemplate(String template) {
        if (template != null && !template.isBlank() && !template.matches("[a-z0-9_]{1,512}:[A-Za-z_]{2,15}")) {
            throw new IllegalArgumentException("whatsapp.window.template " + template
                    + " is no template. Give its name and language, as in follow_up:en_US.");
        }
        this.template = template == null ? "" : template.trim();
    }

    /** @param backlog whether an update from before a moment may still be queued */
    public void setBacklog(Predicate<Instant> backlog) {
        this.backlog = backlog;
    }

    void setNanoTime(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** @throws IllegalArgumentException if a text is to become a template, and none is named */
    public void requireTemplate() {
        if ("template".equals(action) && template.isEmpty()) {
            throw new IllegalArgumentException("whatsapp.window.closed is template, and whatsapp.window.template is not set."
                    + " Give an approved template's name and language, as in follow_up:en_US.");
        }
    }

    /**
     * Refuses, or changes, the current message if its user's window is known to be closed, or lets it wait until that is certain; not one
     * that goes to a group.
     */
    public void check(Exchange exchange) throws JsonProcessingException {
        ServiceWindow window = camelContext.getRegistry().lookupByNameAndType("whatsappWindow", ServiceWindow.class);
        Message message = exchange.getMessage();
        if (message.getHeader(UpdateHeaders.GROUP_ID) != null) {
            // a group has no service window; those of its members do not apply
            exchange.setVariable(OPEN, false);
            return;
        }
        String number = message.getHeader(UpdateHeaders.PHONE_NUMBER_ID, String.class);
        String user = message.getHeader(UpdateHeaders.USER, String.class);
        String type = message.getHeader(OutboundHeaders.TYPE, String.class);
        WindowState state = window.isOpen(number, user, Instant.now());
        exchange.setVariable(OPEN, state == WindowState.OPEN);
        if ("send".equals(action) || message.getHeader(OutboundHeaders.CATEGORY) != null) {
            return;
        }
        if (state == WindowState.CLOSED && ServiceWindow.needsWindow(type) && mayOpen(exchange)) {
            exchange.setProperty(QueueConstants.AGAIN_AFTER, RECHECK_MILLIS);
            exchange.setProperty(QueueConstants.WAIT_REASON, "window");
            return;
        }
        boolean text = "text".equals(type) && "template".equals(action);
        if (text && state == WindowState.CLOSED) {
            message.setBody(asTemplate(message.getBody(byte[].class)));
            message.setHeader(OutboundHeaders.TYPE, "template");
            message.setHeader(OutboundHeaders.TEMPLATE, template.substring(0, template.indexOf(':')));
        } else {
            window.requireOpen(state, number, type);
        }
    }

    private boolean mayOpen(Exchange exchange) {
        @SuppressWarnings("unchecked")
        Map<String, Object> memo = exchange.getProperty(QueueConstants.MEMO, Map.class);
        if (memo == null) {
            // not from a queue: a wait would never end
            return false;
        }
        Instant moment = (Instant) memo.computeIfAbsent(CLOSED_AT, first -> Instant.now());
        long since = (Long) memo.computeIfAbsent(CLOSED_NANOS, first -> nanoTime.getAsLong());
        return nanoTime.getAsLong() - since < LONGEST_WAIT.toNanos()
                && backlog.test(moment);
    }

    private byte[] asTemplate(byte[] body) throws JsonProcessingException {
        JsonNode message = read(body);
        String[] name = template.split(":");
        ObjectNode changed = (ObjectNode) json.readTree(Template.of(name[0], name[1])
                .text(Template.oneLine(message.path("text").path("body").asText())).toJson());
        for (String key : List.of("to", "recipient", "recipient_type", "biz_opaque_callback_data")) {
            changed.remove(key);
            if (message.has(key)) {
                changed.set(key, message.get(key));
            }
        }
        return json.writeValueAsBytes(changed);
    }

    private JsonNode read(byte[] body) {
        try {
            return json.readTree(body);
        } catch (java.io.IOException e) {
            throw new IllegalStateException("The queued message is not JSON");
        }
    }
}
