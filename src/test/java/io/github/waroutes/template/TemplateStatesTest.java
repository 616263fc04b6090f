package io.github.waroutes.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.waroutes.TestClock;
import io.github.waroutes.error.WhatsAppTemplateException;
import io.github.waroutes.state.LocalStateStore;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

/** What is known of a template after Meta's answers and updates, in whatever order they come. */
class TemplateStatesTest {

    private final TestClock clock = new TestClock();
    private final TemplateStates states = new TemplateStates(new LocalStateStore(100, Duration.ofHours(1)), clock);

    private static Exchange exchange() {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage().setHeader("WhatsAppAccountId", "7001");
        exchange.getMessage().setHeader("WhatsAppTemplate", "sale");
        exchange.getMessage().setHeader("WhatsAppTemplateLanguage", "en_US");
        return exchange;
    }

    private Exchange update(String field, long time, String value) {
        Exchange exchange = exchange();
        exchange.getMessage().removeHeaders("WhatsAppTemplate*");
        exchange.getMessage().setBody(("{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"7001\",\"time\":" + time
                + ",\"changes\":[{\"field\":\"" + field + "\",\"value\":{\"message_template_id\":12,\"message_template_name\":\"sale\","
                + "\"message_template_language\":\"en_US\"" + value + "}}]}]}").getBytes(StandardCharsets.UTF_8));
        states.update(exchange);
        return exchange;
    }

    private void listed(Map<String, Object> template) {
        Exchange exchange = exchange();
        exchange.getMessage().setBody(List.of(template));
        states.listed(exchange);
    }

    private void approved() {
        listed(Map.of("id", "12", "name", "sale", "language", "en_US", "status", "APPROVED", "category", "UTILITY", "quality_score", Map.of("score", "GREEN"),
                "rejected_reason", "NONE"));
    }

    @Test
    void anUpdateGivesTheRouteMetasValueAndTheTemplate() {
        Exchange exchange = update("message_template_status_update", 1, ",\"event\":\"PAUSED\",\"reason\":\"NONE\"");
        assertThat(exchange.getMessage().getBody(Map.class)).contains(entry("event", "PAUSED"), entry("message_template_id", 12));
        assertThat(exchange.getMessage().getHeaders()).contains(entry("WhatsAppTemplate", "sale"), entry("WhatsAppTemplateLanguage", "en_US"),
                entry("WhatsAppTemplateId", "12"));
    }

    @Test
    void updatesCountOnTopOfMetasAnswer() {
        approved();
        assertThat(states.fresh(exchange())).containsOnly(entry("name", "sale"), entry("language", "en_US"), entry("id", "12"), entry("status", "APPROVED"),
                entry("category", "UTILITY"), entry("quality", "GREEN"));
        update("message_template_status_update", 20, ",\"event\":\"REJECTED\",\"reason\":\"PROMOTIONAL\",\"message_template_category\":\"UTILITY\"");
        update("message_template_quality_update", 30, ",\"previous_quality_score\":\"GREEN\",\"new_quality_score\":\"RED\"");
        update("template_category_update", 40, ",\"new_category\":\"UTILITY\",\"correct_category\":\"MARKETING\"");
        assertThat(states.fresh(exchange())).contains(entry("status", "REJECTED"), entry("reason", "PROMOTIONAL"), entry("quality", "RED"),
                entry("category", "UTILITY"), entry("next_category", "MARKETING"), entry("updated", 40));
        update("template_category_update", 50, ",\"previous_category\":\"UTILITY\",\"new_category\":\"MARKETING\"");
        update("message_template_status_update", 60, ",\"event\":\"APPROVED\",\"reason\":\"NONE\"");
        assertThat(states.fresh(exchange())).contains(entry("category", "MARKETING"), entry("previous_category", "UTILITY"), entry("status", "APPROVED"))
                .doesNotContainKeys("next_category", "reason");
    }

    @Test
    void olderNewsThatComesLaterChangesNothing() {
        approved();
        update("message_template_status_update", 20, ",\"event\":\"APPROVED\"");
        update("message_template_status_update", 10, ",\"event\":\"PAUSED\"");
        update("message_template_quality_update", 15, ",\"new_quality_score\":\"YELLOW\"");
        assertThat(states.fresh(exchange())).contains(entry("status", "APPROVED"), entry("quality", "YELLOW"), entry("updated", 20));
    }

    @Test
    void metaIsAskedAgainAfterTheTimeAndAfterAChange() {
        states.setFreshMinutes(10);
        update("message_template_status_update", 20, ",\"event\":\"APPROVED\"");
        assertThat(states.fresh(exchange())).as("Meta was never asked").isNull();
        approved();
        assertThat(states.fresh(exchange())).isNotNull();
        clock.move(Duration.ofMinutes(9));
        assertThat(states.fresh(exchange())).isNotNull();
        states.forget(exchange());
        assertThat(states.fresh(exchange())).as("it was changed").isNull();
        clock.move(Duration.ofSeconds(1));
        approved();
        assertThat(states.fresh(exchange())).isNotNull();
        clock.move(Duration.ofMinutes(10));
        assertThat(states.fresh(exchange())).isNull();
    }

    @Test
    void whatMetaDoesNotHaveIsNotFound() {
        Exchange exchange = exchange();
        exchange.getMessage().setBody(List.of(Map.of("name", "sale", "language", "de")));
        assertThatThrownBy(() -> states.asked(exchange)).isInstanceOfSatisfying(WhatsAppTemplateException.class,
                failure -> assertThat(failure.getStatusCode()).isEqualTo(404));
        assertThat(states.exact(exchange)).hasSize(1);
        exchange.getMessage().setBody(List.of(Map.of("name", "sale_2")));
        assertThat(states.exact(exchange)).isEmpty();
    }

    @Test
    void anUpdateThatNamesNoTemplateChangesNothingAndPasses() {
        Exchange exchange = exchange();
        exchange.getMessage().setBody("{\"entry\":[{\"changes\":[{\"field\":\"message_template_status_update\",\"value\":7}]}]}".getBytes(StandardCharsets.UTF_8));
        states.update(exchange);
        assertThat(exchange.getMessage().getBody(Map.class)).isEmpty();
    }
}
