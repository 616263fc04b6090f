package io.github.waroutes.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.waroutes.state.StateStore;
import io.github.waroutes.state.LocalStateStore;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.github.waroutes.TestClock;
import io.github.waroutes.queue.QueueMessage;
import io.github.waroutes.queue.StoredMessage;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BulkReadingTest {

    private final CamelContext context = new DefaultCamelContext();
    private final TestClock clock = new TestClock();
    private final StateStore kept = new LocalStateStore(10, Duration.ofHours(24));
    private final BulkReading reading = new BulkReading(kept, clock);
    private final List<String> ids = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:whatsapp-prepare").errorHandler(noErrorHandler()).process(one -> one.getMessage().setBody(new StoredMessage(
                        one.getMessage().getHeader("WhatsAppOutboundId", String.class), null, Map.of(), one.getMessage().getBody(byte[].class))));
            }
        });
        context.start();
        reading.setBatch(2);
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    private Exchange request(String body) {
        Exchange exchange = new DefaultExchange(context);
        ApiCall call = new ApiCall("bulk");
        call.owner = "t";
        call.idempotencyKey = "k";
        call.body = new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8));
        call.on(exchange);
        return exchange;
    }

    private boolean batch(Exchange exchange) {
        if (!reading.next(exchange)) {
            return false;
        }
        reading.prepare(exchange);
        exchange.getMessage().getBody(List.class).forEach(message -> ids.add(((QueueMessage) message).queueId()));
        reading.stored(exchange);
        return true;
    }

    @Test
    void aReaderThatFellSilentIsFollowedByAnotherAndStopsWhenItComesBack() {
        Exchange silent = request("a\nb\nc\nd\n");
        reading.begin(silent);
        assertThat(batch(silent)).isTrue();
        assertThatThrownBy(() -> reading.begin(request("a\nb\nc\nd\n"))).isInstanceOfSatisfying(ApiException.class,
                e -> assertThat(e.getStatusCode()).isEqualTo(409));

        clock.move(Duration.ofSeconds(31));
        Exchange next = request("a\nb\nc\nd\n");
        reading.begin(next);
        assertThat(batch(next)).isTrue();
        assertThatThrownBy(() -> batch(silent)).isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.getStatusCode()).isEqualTo(409));
        reading.stop(silent);
        assertThat(batch(next)).isFalse();
        reading.finish(next);

        assertThat(next.getMessage().getBody(Map.class)).containsEntry("status", "done").containsEntry("accepted", 4);
        // what both have queued has one id, so the queue keeps one
        assertThat(ids).hasSize(6).extracting(id -> id.split("-")[2]).containsExactly("1", "2", "3", "4", "3", "4");
        assertThat(ids.stream().distinct()).hasSize(4);
    }

    @Test
    void theIdOfALineIsThatOfTheBulkItsNumberAndItsContent() throws Exception {
        Exchange exchange = request("a\n");
        reading.begin(exchange);
        batch(exchange);
        assertThat(ids).containsExactly(ApiCall.of(exchange).id + "-1-ca978112");
    }

    @Test
    void aBulkThatStoppedIsToldAsStoppedAndGoesOn() {
        Exchange first = request("a\nb\nc\n");
        reading.begin(first);
        batch(first);
        reading.stop(first);
        Exchange asked = request("");
        ApiCall.of(asked).named = "k";
        reading.progress(asked);
        assertThat(asked.getMessage().getBody(Map.class)).containsEntry("status", "stopped").containsEntry("lines", 2);
        Exchange second = request("a\nb\nc\n");
        reading.begin(second);
        while (batch(second)) {
            assertThat(ids).doesNotHaveDuplicates();
        }
        reading.finish(second);
        assertThat(ids).hasSize(3);
    }
}
