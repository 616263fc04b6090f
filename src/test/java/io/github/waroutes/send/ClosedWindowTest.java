package io.github.waroutes.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.message.MessageChecks;
import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.state.LocalStateStore;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class ClosedWindowTest {

    private final ClosedWindow window = new ClosedWindow();

    @Test
    void aTextThatShallBecomeATemplateNeedsOne() {
        window.setAction("template");
        assertThatIllegalArgumentException().isThrownBy(window::requireTemplate).withMessageStartingWith("whatsapp.window.closed is template")
                .withMessageContaining("follow_up:en_US");
        window.setTemplate("follow_up:en_US");
        assertThatCode(window::requireTemplate).doesNotThrowAnyException();
    }

    @Test
    void otherwiseNoTemplateIsNeeded() {
        window.setAction("refuse");
        assertThatCode(window::requireTemplate).doesNotThrowAnyException();
    }

    private static byte[] closed(ClosedWindow window, String body, String category) throws Exception {
        DefaultCamelContext camel = new DefaultCamelContext();
        ServiceWindow windows = new ServiceWindow(new LocalStateStore(10, Duration.ofDays(2)), Clock.systemUTC());
        windows.userWrote("777", "16505550777", Instant.now().minus(Duration.ofHours(26)));
        camel.getRegistry().bind("whatsappWindow", windows);
        window.setCamelContext(camel);
        Exchange exchange = new DefaultExchange(camel);
        exchange.getMessage().setHeader(UpdateHeaders.PHONE_NUMBER_ID, "777");
        exchange.getMessage().setHeader(UpdateHeaders.USER, "16505550777");
        exchange.getMessage().setHeader(OutboundHeaders.TYPE, "text");
        exchange.getMessage().setHeader(OutboundHeaders.CATEGORY, category);
        exchange.getMessage().setBody(body.getBytes(StandardCharsets.UTF_8));
        window.check(exchange);
        return exchange.getMessage().getBody(byte[].class);
    }

    @Test
    void aTextThatBecomesATemplateIsOneLine() throws Exception {
        window.setAction("template");
        window.setTemplate("follow_up:en_US");
        byte[] sent = closed(window, "{\"to\":\"+16505550777\",\"type\":\"text\",\"text\":{\"body\":"
                + "\"Hello Kim,\\n\\nyour order is ready.\\n\\tPick it up:     9-18\\r\\n\"}}", null);
        assertThat(new ObjectMapper().readTree(sent).at("/template/components/0/parameters/0/text").asText())
                .isEqualTo("Hello Kim, your order is ready. Pick it up: 9-18");
        assertThatCode(() -> new MessageChecks().check(sent)).doesNotThrowAnyException();
    }

    @Test
    void directSendNeedsNoOpenWindow() throws Exception {
        String body = "{\"to\":\"+16505550777\",\"type\":\"text\",\"category\":\"utility\",\"text\":{\"body\":\"ready\"}}";
        assertThat(new String(closed(window, body, "utility"), StandardCharsets.UTF_8)).isEqualTo(body);
        window.setAction("template");
        window.setTemplate("follow_up:en_US");
        assertThat(new String(closed(window, body, "utility"), StandardCharsets.UTF_8)).isEqualTo(body);
        window.setAction("refuse");
        assertThatThrownBy(() -> closed(window, body, null)).isInstanceOf(WhatsAppMessageException.class);
    }
}
