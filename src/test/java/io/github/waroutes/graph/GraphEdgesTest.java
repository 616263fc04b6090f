package io.github.waroutes.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.github.waroutes.error.WhatsAppMessageException;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The addresses of edges, and lists that come in pages. */
class GraphEdgesTest {

    private final GraphRequest graph = new GraphRequest();
    private final GraphEdges edges = new GraphEdges(graph);
    private final Exchange exchange = new DefaultExchange(new DefaultCamelContext());

    @BeforeEach
    void configure() {
        graph.setUrl("https://graph.facebook.com");
        graph.setVersion("v26.0");
        graph.setPhoneNumberId("5001");
        graph.setAccessToken("token");
        graph.check();
    }

    private Object variable(String name) {
        return exchange.getVariable(name);
    }

    @Test
    void anEdgeIsOfTheMessagesNumberOrTheFirstAndOfItsAccount() {
        edges.ofNumber("GET", "block_users?limit=100", exchange);
        assertThat(variable("whatsappPath")).isEqualTo("/v26.0/5001/block_users?limit=100");
        assertThat(variable("whatsappEndpoint")).as("for metrics").isEqualTo("block_users");
        exchange.getMessage().setHeader("WhatsAppPhoneNumberId", "5002");
        exchange.getMessage().setHeader("WhatsAppAccountId", "7001");
        edges.ofNumber("DELETE", "message_qrdls/ABC", exchange);
        assertThat(variable("whatsappPath")).isEqualTo("/v26.0/5002/message_qrdls/ABC");
        assertThat(variable("whatsappEndpoint")).as("without the code").isEqualTo("message_qrdls");
        assertThat(variable("whatsappMethod")).isEqualTo("DELETE");
        edges.ofAccount("POST", "message_templates", exchange);
        assertThat(variable("whatsappPath")).isEqualTo("/v26.0/7001/message_templates");
        assertThat(variable("whatsappCallNumber")).isEqualTo("5002");
    }

    @Test
    void whatIsNoIdIsNoPartOfAnAddress() {
        assertThatThrownBy(() -> edges.ofAccount("GET", "message_templates", exchange)).isInstanceOf(WhatsAppMessageException.class)
                .hasMessageContaining("whatsapp.account-id");
        assertThatThrownBy(() -> edges.ofObject("POST", "message_templates", "../me", exchange)).isInstanceOf(WhatsAppMessageException.class)
                .hasMessageNotContaining("..");
    }

    @Test
    void aParameterIsEncodedAndGoesIntoTheQuery() {
        edges.ofNumber("GET", "block_users", exchange);
        edges.query("name", "a&b=c ä", exchange);
        edges.query("none", " ", exchange);
        edges.query("limit", 5, exchange);
        exchange.getMessage().setHeader(Exchange.HTTP_PATH, variable("whatsappPath"));
        graph.authorize(exchange);
        assertThat(exchange.getMessage().getHeader(Exchange.HTTP_PATH)).isEqualTo("/v26.0/5001/block_users");
        assertThat(exchange.getMessage().getHeader(Exchange.HTTP_QUERY)).isEqualTo("name=a%26b%3Dc+%C3%A4&limit=5");
    }

    @Test
    void aListIsReadToItsEndByTheCursorsAndNotByTheAddressesWithTheToken() {
        edges.ofNumber("GET", "block_users?limit=2", exchange);
        edges.beginPages(exchange);
        List<Map<String, Object>> answers = List.of(page("a", "next-address"), page("b/+", "next-address"), page("c", null));
        List<Object> paths = new ArrayList<>();
        for (int at = 0; edges.hasNextPage(exchange); at++) {
            edges.nextPage(exchange);
            paths.add(variable("whatsappPath"));
            exchange.setVariable("whatsappPage", answers.get(at));
            edges.addPage(exchange);
        }
        edges.endPages(exchange);
        assertThat(paths).containsExactly("/v26.0/5001/block_users?limit=2", "/v26.0/5001/block_users?limit=2&after=after-a", "/v26.0/5001/block_users?limit=2&after=after-b%2F%2B");
        assertThat(exchange.getMessage().getBody()).isEqualTo(List.of("a", "b/+", "c"));
    }

    private static Map<String, Object> page(String item, String next) {
        Map<String, Object> cursors = Map.of("before", "before-" + item, "after", "after-" + item);
        return Map.of("data", List.of(item), "paging", next == null ? Map.of("cursors", cursors) : Map.of("cursors", cursors, "next", next));
    }

    @Test
    void aListThatDoesNotEndIsGivenUp() {
        edges.ofNumber("GET", "block_users", exchange);
        edges.beginPages(exchange);
        assertThatThrownBy(() -> {
            while (edges.hasNextPage(exchange)) {
                edges.nextPage(exchange);
                exchange.setVariable("whatsappPage", page("a", "next-address"));
                edges.addPage(exchange);
            }
        }).isInstanceOf(WhatsAppMessageException.class).hasMessageContaining("1000 pages");
    }

    @Test
    void aBodyIsAMapOrJson() {
        for (Object body : new Object[] {Map.of("a", 1), "{\"a\":1}", "{\"a\":1}".getBytes()}) {
            exchange.getMessage().setBody(body);
            edges.json(exchange);
            assertThat(exchange.getMessage().getBody(String.class)).isEqualTo("{\"a\":1}");
        }
        for (Object body : new Object[] {null, "[]", "secret words", ""}) {
            exchange.getMessage().setBody(body);
            assertThatThrownBy(() -> edges.json(exchange)).isInstanceOf(WhatsAppMessageException.class).hasMessageNotContaining("secret");
        }
    }
}
