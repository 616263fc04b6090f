package io.github.waroutes.business;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.Map;

import io.github.waroutes.error.WhatsAppMessageException;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

/** Who is to be blocked, as Meta takes it. */
class BlockedUsersTest {

    private static final BlockedUsers USERS = new BlockedUsers();

    private static Exchange exchange(Object body, String header) {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage().setBody(body);
        exchange.getMessage().setHeader("WhatsAppUser", header);
        return exchange;
    }

    private static Object request(Object body, String header) {
        Exchange exchange = exchange(body, header);
        USERS.request(exchange);
        return exchange.getMessage().getBody(Map.class).get("block_users");
    }

    @Test
    void phoneNumbersAndIdsGoToTheirFields() {
        assertThat(request(List.of("+1 (555) 555-0101", "15555550102", "US.13491208655302741918"), null)).isEqualTo(List.of(
                Map.of("user", "+15555550101"), Map.of("user", "15555550102"), Map.of("user_id", "US.13491208655302741918")));
        assertThat(request(Map.of("users", List.of("+15555550101")), null)).isEqualTo(List.of(Map.of("user", "+15555550101")));
    }

    @Test
    void theUserOfTheUpdateIsMeantWhereNoListIs() {
        // Meta's message object, as a route for a type finds it
        assertThat(request(Map.of("type", "text", "text", Map.of("body", "rude")), "15555550101")).isEqualTo(List.of(Map.of("user", "15555550101")));
        assertThat(request(List.of("15555550102"), "15555550101")).isEqualTo(List.of(Map.of("user", "15555550102")));
    }

    @Test
    void whatIsNoUserOrTooManyIsRefusedWithoutTellingIt() {
        for (Object body : new Object[] {null, List.of(), Map.of(), "15555550101", Collections.nCopies(1_001, "15555550101")}) {
            assertThatThrownBy(() -> request(body, null)).isInstanceOf(WhatsAppMessageException.class).hasMessageContaining("1 to 1000 users");
        }
        assertThatThrownBy(() -> request(List.of("15555550101", "Kim 4711"), null)).isInstanceOf(WhatsAppMessageException.class)
                .hasMessageContaining("number 2").hasMessageNotContaining("Kim");
    }
}
