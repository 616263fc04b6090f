package io.github.waroutes.template;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppTemplateException;
import io.github.waroutes.graph.GraphEdges;
import io.github.waroutes.message.OutboundHeaders;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/** The calls about templates. Source: WhatsApp Business Management API, "Message templates". */
public class TemplateCalls {

    private static final String EDGE = "message_templates";
    private static final String FIELDS = "id,name,language,status,category,parameter_format,components,quality_score,rejected_reason";
    private static final List<String> FILTERS = List.of("name", "language", "status", "category");
    private static final Pattern NAME = Pattern.compile("[a-z0-9_]{1,512}");

    private final GraphEdges edges;

    public TemplateCalls(GraphEdges edges) {
        this.edges = edges;
    }

    /** In: body null, or a map that may have {@code name} (Meta finds parts of names too), {@code language}, {@code status} and {@code category}. */
    public void list(Exchange exchange) {
        edges.ofAccount("GET", EDGE, exchange);
        edges.query("limit", 100, exchange);
        edges.query("fields", FIELDS, exchange);
        if (exchange.getMessage().getBody() instanceof Map<?, ?> filter) {
            FILTERS.forEach(name -> edges.query(name, filter.get(name), exchange));
        }
        exchange.getMessage().setBody(null);
    }

    /** In: header {@code WhatsAppTemplate}. */
    public void find(Exchange exchange) {
        exchange.getMessage().setBody(Map.of("name", name(exchange)));
        list(exchange);
    }

    /**
     * In: body the template as Meta takes it, JSON or a map; {@code name} and {@code language} may be headers in its place. Out: body that, and
     * the headers.
     */
    public void create(Exchange exchange) {
        Map<String, Object> template = new LinkedHashMap<>(edges.map(exchange));
        Message message = exchange.getMessage();
        header(message, template, "name", OutboundHeaders.TEMPLATE);
        header(message, template, "language", OutboundHeaders.TEMPLATE_LANGUAGE);
        name(exchange);
        message.setBody(template);
        edges.json(exchange);
        edges.ofAccount("POST", EDGE, exchange);
    }

    private static void header(Message message, Map<String, Object> template, String field, String header) {
        Object value = message.getHeader(header);
        if (value != null) {
            template.putIfAbsent(field, value);
        }
        if (template.get(field) instanceof String text) {
            message.setHeader(header, text);
        }
    }

    /** In: header {@code WhatsAppTemplateId}; body {@code components} or {@code category}, JSON or a map. */
    public void edit(Exchange exchange) {
        Map<String, Object> change = new LinkedHashMap<>(edges.map(exchange));
        // they are what the template is found by, and Meta takes no others
        change.keySet().removeAll(List.of("name", "language"));
        exchange.getMessage().setBody(change);
        edges.json(exchange);
        edges.ofObject("POST", EDGE, exchange.getMessage().getHeader(TemplateStates.ID, String.class), exchange);
    }

    /** In: header {@code WhatsAppTemplate}: it goes in all languages, or with the header {@code WhatsAppTemplateId} in the one that has it. */
    public void delete(Exchange exchange) {
        edges.ofAccount("DELETE", EDGE, exchange);
        edges.query("hsm_id", exchange.getMessage().getHeader(TemplateStates.ID), exchange);
        edges.query("name", name(exchange), exchange);
        exchange.getMessage().setBody(null);
    }

    private static String name(Exchange exchange) {
        String name = TemplateStates.name(exchange.getMessage());
        if (!NAME.matcher(name).matches()) {
            throw new WhatsAppTemplateException(ErrorDetails.builder("A template's name is made of lower-case letters, digits and underscores").build(), null);
        }
        exchange.setVariable("whatsappTemplate", name);
        return name;
    }
}
