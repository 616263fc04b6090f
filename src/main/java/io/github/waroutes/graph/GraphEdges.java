package io.github.waroutes.graph;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;

/**
 * Calls of an edge of a number or an account, or of an object of theirs: templates, blocked users, QR codes, the profile. A method sets the
 * variables that {@code direct:whatsapp-graph-request} reads; of a request with a body, the body becomes JSON. Source: Graph API, "Overview"
 * (a body may be JSON for every edge) and "Paginated results".
 */
public class GraphEdges {

    private static final String METHOD = "whatsappMethod";
    private static final String PAGES = "whatsappPages";
    private static final String PAGE = "whatsappPage";
    /** 64,000 blocked users, the most that Meta keeps, are 640 pages. */
    private static final int MOST_PAGES = 1_000;

    private final GraphRequest graph;
    private final ObjectMapper json = new ObjectMapper();

    /** What was read so far. */
    private static final class Pages {
        private final List<Object> items = new ArrayList<>();
        private final String path;
        private String after = "";
        private int number;

        Pages(String path) {
            this.path = path;
        }
    }

    public GraphEdges(GraphRequest graph) {
        this.graph = graph;
    }

    /**
     * {@code METHOD /v26.0/{number}/{edge}}, of the current message's number.
     *
     * @param edge may end with a query, as in {@code block_users?limit=100}
     */
    public void ofNumber(String method, String edge, Exchange exchange) {
        call(method, edge, graph.numberPath(number(exchange)) + '/' + edge, exchange);
    }

    /**
     * {@code METHOD /v26.0/{account}/{edge}}, of the account in the header {@code WhatsAppAccountId}.
     *
     * @throws WhatsAppMessageException if it is not known
     */
    public void ofAccount(String method, String edge, Exchange exchange) {
        String account = exchange.getMessage().getHeader(UpdateHeaders.ACCOUNT_ID, String.class);
        call(method, edge, graph.objectPath(account, "The number's WhatsApp Business Account is not known."
                + " Set whatsapp.account-id, or the account-id of the number") + '/' + edge, exchange);
    }

    /**
     * {@code METHOD /v26.0/{id}}.
     *
     * @param name what metrics and errors call it
     */
    public void ofObject(String method, String name, String id, Exchange exchange) {
        call(method, name, graph.objectPath(id, "The id is missing, or is no id of Meta's"), exchange);
    }

    private void call(String method, String name, String path, Exchange exchange) {
        exchange.setVariable(METHOD, method);
        exchange.setVariable(HttpFailures.ENDPOINT, name.split("[/?]", 2)[0]);
        exchange.setVariable(GraphRequest.PATH, path);
        exchange.setVariable(GraphRequest.NUMBER, number(exchange));
        // an earlier call of the same exchange may have been about a file
        exchange.removeVariable("whatsappMediaId");
    }

    private static String number(Exchange exchange) {
        return exchange.getMessage().getHeader(UpdateHeaders.PHONE_NUMBER_ID, String.class);
    }

    /** Adds a parameter to the call's query; none without a value. */
    public void query(String name, Object value, Exchange exchange) {
        if (value != null && !value.toString().isBlank()) {
            String path = exchange.getVariable(GraphRequest.PATH, String.class);
            exchange.setVariable(GraphRequest.PATH, with(path, name, value.toString()));
        }
    }

    private static String with(String path, String name, String value) {
        return path + (path.indexOf('?') < 0 ? '?' : '&') + name + '=' + URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    /**
     * The body, JSON or a map, as JSON.
     *
     * @throws WhatsAppMessageException if it is no JSON object
     */
    public void json(Exchange exchange) {
        exchange.getMessage().setBody(bytes(map(exchange)));
    }

    /** The body, JSON or a map, as a map. */
    @SuppressWarnings("unchecked")
    public Map<String, Object> map(Exchange exchange) {
        Object body = exchange.getMessage().getBody();
        if (body instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        try {
            byte[] bytes = exchange.getMessage().getBody(byte[].class);
            if (bytes != null && json.readValue(bytes, Object.class) instanceof Map<?, ?> map) {
                return (Map<String, Object>) map;
            }
        } catch (IOException e) {
            // reported below without the parser's message, which quotes the body
        }
        throw new WhatsAppMessageException(ErrorDetails.builder("The body is not a JSON object as Meta takes it").build());
    }

    private byte[] bytes(Map<String, Object> map) {
        try {
            return json.writeValueAsBytes(map);
        } catch (JsonProcessingException e) {
            throw new WhatsAppMessageException(ErrorDetails.builder("The body holds something that is no JSON").build());
        }
    }

    /** Begins a list, whose path is set. */
    public void beginPages(Exchange exchange) {
        exchange.setVariable(PAGES, new Pages(exchange.getVariable(GraphRequest.PATH, String.class)));
    }

    /** Whether there is a page more. */
    public boolean hasNextPage(Exchange exchange) {
        return exchange.getVariable(PAGES, Pages.class).after != null;
    }

    /** Sets the path of the next page. */
    public void nextPage(Exchange exchange) {
        Pages pages = exchange.getVariable(PAGES, Pages.class);
        if (pages.number++ == MOST_PAGES) {
            throw new WhatsAppMessageException(ErrorDetails.builder("The list has more than " + MOST_PAGES + " pages").build());
        }
        exchange.setVariable(GraphRequest.PATH, pages.after.isEmpty() ? pages.path : with(pages.path, "after", pages.after));
    }

    /**
     * Takes up the answer in the variable {@value #PAGE}. Its {@code paging.next} is an address with the token in it, so only the cursor is
     * used.
     */
    public void addPage(Exchange exchange) {
        Pages pages = exchange.getVariable(PAGES, Pages.class);
        Map<?, ?> page = exchange.getVariable(PAGE, Map.class);
        if (page.get("data") instanceof List<?> data) {
            pages.items.addAll(data);
        }
        pages.after = page.get("paging") instanceof Map<?, ?> paging && paging.get("next") != null
                && paging.get("cursors") instanceof Map<?, ?> cursors && cursors.get("after") instanceof String after && !after.isEmpty()
                ? after : null;
    }

    /** Everything that was read, as the body. */
    public void endPages(Exchange exchange) {
        exchange.getMessage().setBody(exchange.getVariable(PAGES, Pages.class).items);
        exchange.removeVariable(PAGES);
    }
}
