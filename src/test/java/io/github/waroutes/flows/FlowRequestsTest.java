package io.github.waroutes.flows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.Base64;
import java.util.Map;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.error.WhatsAppMessageException;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

/** Requests that {@link FlowClient} has encrypted as Meta does. */
class FlowRequestsTest {

    private static final KeyPair PAIR = PemFiles.pair();
    private static final KeyPair OLD = PemFiles.pair();
    private static final FlowRequests FLOWS = flows(PemFiles.pkcs8(PAIR) + PemFiles.pkcs8(OLD));
    private static final ObjectMapper JSON = new ObjectMapper();

    private static FlowRequests flows(String privateKey) {
        FlowKeys keys = new FlowKeys();
        keys.setPrivateKey(privateKey);
        keys.setHandler("direct:my-flow");
        keys.read();
        return new FlowRequests(keys);
    }

    private static Exchange exchange(String body) {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage().setBody(body == null ? null : body.getBytes(StandardCharsets.UTF_8));
        return exchange;
    }

    private static Exchange opened(String body) {
        Exchange exchange = exchange(body);
        FLOWS.open(exchange);
        return exchange;
    }

    private static Object kind(Exchange exchange) {
        return exchange.getVariable("whatsappFlowKind");
    }

    @Test
    void aRequestIsReadAndItsAnswerCanBeRead() throws Exception {
        FlowClient client = new FlowClient(PAIR.getPublic(),
                "{\"version\":\"3.0\",\"action\":\"data_exchange\",\"screen\":\"DAY\",\"data\":{\"day\":\"Søndag\"},\"flow_token\":\"token-1\"}");
        Exchange exchange = opened(client.body());
        assertThat(kind(exchange)).isEqualTo("request");
        assertThat(exchange.getMessage().getBody(Map.class)).contains(entry("screen", "DAY"), entry("data", Map.of("day", "Søndag")));
        assertThat(exchange.getMessage().getHeaders()).contains(entry("WhatsAppFlowToken", "token-1"), entry("WhatsAppFlowAction", "data_exchange"),
                entry("WhatsAppFlowScreen", "DAY"), entry("WhatsAppFlowVersion", "3.0"));
        exchange.getMessage().setBody(Map.of("screen", "TIME", "data", Map.of("times", "10–11")));
        FLOWS.seal(exchange);
        assertThat(JSON.readTree(client.read(exchange.getMessage().getBody(String.class)))).isEqualTo(JSON.readTree("{\"screen\":\"TIME\",\"data\":{\"times\":\"10–11\"}}"));
    }

    @Test
    void theAnswerMayBeJson() throws Exception {
        FlowClient client = new FlowClient(PAIR.getPublic(), "{\"action\":\"INIT\",\"flow_token\":\"t\"}");
        Exchange exchange = opened(client.body());
        exchange.getMessage().setBody("{\"screen\":\"DAY\",\"data\":{}}");
        FLOWS.seal(exchange);
        assertThat(client.read(exchange.getMessage().getBody(String.class))).isEqualTo("{\"screen\":\"DAY\",\"data\":{}}");
        for (Object wrong : new Object[] {"no JSON", "[1]", null, 7}) {
            exchange.getMessage().setBody(wrong);
            assertThatThrownBy(() -> FLOWS.seal(exchange)).isInstanceOf(WhatsAppMessageException.class).hasMessageContaining("whatsapp.flows.on-request");
        }
    }

    @Test
    void aKeyThatIsReplacedStillOpensRequests() {
        assertThat(kind(opened(new FlowClient(OLD.getPublic(), "{\"action\":\"ping\"}").body()))).isEqualTo("ping");
    }

    @Test
    void whatWasEncryptedForAnotherKeyOrChangedOnTheWayIsUndecipherable() throws Exception {
        assertThat(kind(opened(new FlowClient(PemFiles.pair().getPublic(), "{\"action\":\"ping\"}").body()))).isEqualTo("undecipherable");
        FlowClient client = new FlowClient(PAIR.getPublic(), "{\"action\":\"ping\"}");
        byte[] data = JSON.readTree(client.body()).path("encrypted_flow_data").binaryValue();
        data[0] ^= 1;
        String changed = ((com.fasterxml.jackson.databind.node.ObjectNode) JSON.readTree(client.body())).put("encrypted_flow_data", Base64.getEncoder().encodeToString(data)).toString();
        assertThat(kind(opened(changed))).isEqualTo("undecipherable");
        assertThat(kind(opened(new FlowClient(PAIR.getPublic(), "[1]").body()))).as("no object").isEqualTo("undecipherable");
        assertThat(kind(opened(new FlowClient(PAIR.getPublic(), "null").body()))).as("nothing").isEqualTo("undecipherable");
    }

    @Test
    void aBodyOfAnotherShapeIsMalformed() {
        for (String body : new String[] {null, "", "no JSON", "[]", "{}", "{\"encrypted_flow_data\":\"AA==\",\"encrypted_aes_key\":\"AA==\"}",
            "{\"encrypted_flow_data\":\"?\",\"encrypted_aes_key\":\"AA==\",\"initial_vector\":\"AA==\"}",
            "{\"encrypted_flow_data\":\"AA==\",\"encrypted_aes_key\":\"AA==\",\"initial_vector\":\"\"}"}) {
            assertThat(kind(opened(body))).as(body).isEqualTo("malformed");
        }
    }

    @Test
    void anErrorThatThePhoneTellsIsNoFormWithAFieldOfThatName() {
        String told = "{\"version\":\"3.0\",\"action\":\"data_exchange\",\"flow_token\":\"t\",\"data\":{\"error\":\"invalid-screen-transition\",\"error_message\":\"no such screen\"}}";
        Exchange exchange = opened(new FlowClient(PAIR.getPublic(), told).body());
        assertThat(kind(exchange)).isEqualTo("error");
        assertThat(exchange.getMessage().getHeader("WhatsAppMessageType")).isEqualTo("invalid-screen-transition");
        String form = "{\"action\":\"data_exchange\",\"data\":{\"error\":\"E42\",\"device\":\"printer\"}}";
        assertThat(kind(opened(new FlowClient(PAIR.getPublic(), form).body()))).isEqualTo("request");
    }

    @Test
    void withoutAKeyThereIsNoEndpoint() {
        Exchange exchange = exchange("{}");
        flows("").open(exchange);
        assertThat(kind(exchange)).isEqualTo("none");
    }
}
