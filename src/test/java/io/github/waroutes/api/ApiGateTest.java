package io.github.waroutes.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Map;

import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.UnitOfWorkHelper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiGateTest {

    private static Exchange request(Map<String, Object> headers) {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage().setHeaders(new java.util.HashMap<>(Map.of("CamelHttpMethod", "POST", "CamelHttpPath", "/api/messages",
                "Content-Type", "application/json", "Authorization", "Bearer right", "Other", "x")));
        exchange.getMessage().getHeaders().putAll(headers);
        exchange.getMessage().setBody("{}");
        return exchange;
    }

    private static ApiGate gate(String tokens) {
        ApiGate gate = new ApiGate();
        gate.setToken(tokens);
        return gate;
    }

    private static int refusal(ApiGate gate, Exchange exchange) {
        return catchThrowableOfType(ApiException.class, () -> gate.open("messages", "POST", "application/json", exchange)).getStatusCode();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " ", ",", " , "})
    void withoutATokenNobodyIsLetIn(String tokens) {
        assertThat(refusal(gate(tokens), request(Map.of()))).isEqualTo(401);
        assertThat(refusal(gate(tokens), request(Map.of("Authorization", "Bearer ")))).isEqualTo(401);
        assertThat(refusal(gate(tokens), request(Map.of("Authorization", "")))).isEqualTo(401);
    }

    @Test
    void whoeverIsLetInLeavesAllHeadersBehind() {
        Exchange exchange = request(Map.of("Idempotency-Key", "k", "X-WhatsApp-Phone-Number-Id", "7"));
        gate("left,right").open("messages", "POST", "application/json", exchange);
        assertThat(exchange.getMessage().getHeaders()).isEmpty();
        ApiCall call = ApiCall.of(exchange);
        assertThat(call.idempotencyKey).isEqualTo("k");
        assertThat(call.phoneNumberId).isEqualTo("7");
        assertThat(call.owner).hasSize(64).doesNotContain("right");
    }

    @Test
    void aHeaderThatComesTwiceIsNone() {
        assertThat(refusal(gate("right"), request(Map.of("Authorization", List.of("Bearer right", "Bearer wrong"))))).isEqualTo(401);
        assertThat(refusal(gate("right"), request(Map.of("Idempotency-Key", List.of("a", "b"))))).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "é", "a\n", "\u0000"})
    void aKeyIsOfVisibleCharacters(String key) {
        assertThat(refusal(gate("right"), request(Map.of("Idempotency-Key", key)))).isEqualTo(400);
    }

    @Test
    void aStrangerLearnsNothingButThatTheTokenIsMissing() {
        Exchange exchange = request(Map.of("Authorization", "Bearer wrong", "CamelHttpMethod", "DELETE", "Content-Type", "x"));
        assertThat(refusal(gate("right"), exchange)).isEqualTo(401);
    }

    @Test
    void onlySoManyAreLetInAtOnceAndAStrangerTakesNoRoom() {
        ApiGate gate = gate("right");
        gate.setMaxRequests(2);
        for (int i = 0; i < 5; i++) {
            assertThat(refusal(gate, request(Map.of("Authorization", "Bearer wrong")))).isEqualTo(401);
        }
        Exchange first = request(Map.of());
        gate.open("messages", "POST", "application/json", first);
        gate.open("messages", "POST", "application/json", request(Map.of()));
        ApiException refused = catchThrowableOfType(ApiException.class,
                () -> gate.open("messages", "POST", "application/json", request(Map.of())));
        assertThat(refused.getStatusCode()).isEqualTo(503);
        assertThat(refused).hasMessageContaining("whatsapp.api.max-requests");
        assertThat(Problem.of(refused).retryAfter()).isPositive();
        UnitOfWorkHelper.doneSynchronizations(first, first.getExchangeExtension().handoverCompletions());
        gate.open("messages", "POST", "application/json", request(Map.of()));
        assertThat(refusal(gate, request(Map.of()))).isEqualTo(503);
    }

    @Test
    void whoeverIsRefusedForItsFormGivesItsRoomBack() {
        ApiGate gate = gate("right");
        gate.setMaxRequests(1);
        for (int i = 0; i < 3; i++) {
            Exchange exchange = request(Map.of("CamelHttpMethod", "PUT"));
            assertThat(refusal(gate, exchange)).isEqualTo(405);
            UnitOfWorkHelper.doneSynchronizations(exchange, exchange.getExchangeExtension().handoverCompletions());
        }
    }

    @Test
    void aNumberThatCannotBeIsRefusedAtTheStart() {
        ApiGate gate = new ApiGate();
        assertThatIllegalArgumentException().isThrownBy(() -> gate.setReadTimeout(0)).withMessageContaining("whatsapp.api.read-timeout");
        assertThatIllegalArgumentException().isThrownBy(() -> gate.setMaxStreams(0)).withMessageContaining("whatsapp.api.max-streams");
        assertThatIllegalArgumentException().isThrownBy(() -> gate.setMaxRequests(0)).withMessageContaining("whatsapp.api.max-requests");
    }
}
