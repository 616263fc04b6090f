package io.github.waroutes.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.message.MessageChecks;
import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.state.LocalStateStore;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClosedWindowTest {

    private static final String NUMBER = "106540352242922";
    private static final String USER = "15555550101";
    private static final String CONVERSATION = NUMBER + ":" + USER;

    private final ClosedWindow window = new ClosedWindow();
    private final DefaultCamelContext context = new DefaultCamelContext();
    private final ServiceWindow known = new ServiceWindow(new LocalStateStore(100, Duration.ofDays(30)), Clock.systemUTC());
    private final Map<String, Object> memo = new HashMap<>();
    private final List<Instant> moments = new ArrayList<>();
    private final AtomicLong nanos = new AtomicLong();
    private boolean behind = true;

    @BeforeEach
    void theUserWroteTwoDaysAgo() {
        context.getRegistry().bind("whatsappWindow", known);
        window.setCamelContext(context);
        window.setNanoTime(nanos::get);
        window.setBacklog(moment -> {
            moments.add(moment);
            return behind;
        });
        known.userWrote(NUMBER, USER, Instant.now().minus(Duration.ofDays(2)));
    }

    /** The message comes to its check, as a message of the queue does again and again. */
    private Exchange check(String type) throws JsonProcessingException {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody("{\"to\":\"+15555550101\",\"type\":\"text\",\"text\":{\"body\":\"x\"}}".getBytes(StandardCharsets.UTF_8));
        exchange.getMessage().setHeader(UpdateHeaders.PHONE_NUMBER_ID, NUMBER);
        exchange.getMessage().setHeader(UpdateHeaders.USER, USER);
        exchange.getMessage().setHeader(UpdateHeaders.CONVERSATION, CONVERSATION);
        exchange.getMessage().setHeader(OutboundHeaders.TYPE, type);
        exchange.setProperty(QueueConstants.MEMO, memo);
        window.check(exchange);
        return exchange;
    }

    private static Object wait(Exchange exchange) {
        return exchange.getProperty(QueueConstants.AGAIN_AFTER);
    }

    @Test
    void aNewerMessageThatStillWaitsToBeHandledOpensItBeforeAnythingIsRefused() throws Exception {
        assertThat(wait(check("text"))).isEqualTo(1_000L);
        assertThat(wait(check("text"))).isEqualTo(1_000L);
        assertThat(moments).as("the backlog of the first look").hasSize(2).containsOnly(moments.get(0));
        known.userWrote(NUMBER, USER, Instant.now());
        assertThat(wait(check("text"))).isNull();
        assertThat(memo).isNotEmpty();
    }

    @Test
    void itIsRefusedWhenTheBacklogOfThatMomentIsWorkedOff() throws Exception {
        assertThat(wait(check("text"))).isNotNull();
        behind = false;
        assertThatThrownBy(() -> check("text")).isInstanceOf(WhatsAppMessageException.class).hasMessageContaining("131047");
    }

    @Test
    void aBacklogThatNeverEndsHoldsItForTenMinutes() throws Exception {
        assertThat(wait(check("text"))).isNotNull();
        nanos.addAndGet(ClosedWindow.LONGEST_WAIT.toNanos() - 1);
        assertThat(wait(check("text"))).isNotNull();
        nanos.addAndGet(1);
        assertThatThrownBy(() -> check("text")).isInstanceOf(WhatsAppMessageException.class);
    }

    @Test
    void whatNeedsNoWindowWaitsForNothing() throws Exception {
        assertThat(wait(check("template"))).isNull();
        window.setAction("send");
        assertThat(wait(check("text"))).isNull();
        assertThat(moments).isEmpty();
    }

    @Test
    void aTextBecomesATemplateOnlyWhenItIsCertain() throws Exception {
        window.setAction("template");
        window.setTemplate("follow_up:en_US");
        Exchange waits = check("text");
        assertThat(wait(waits)).isNotNull();
        assertThat(waits.getMessage().getHeader(OutboundHeaders.TYPE)).isEqualTo("text");
        behind = false;
        assertThat(check("text").getMessage().getHeader(OutboundHeaders.TYPE)).isEqualTo("template");
    }

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
