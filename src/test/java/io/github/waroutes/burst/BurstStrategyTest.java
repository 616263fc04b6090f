package io.github.waroutes.burst;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Map;

import io.github.waroutes.Payloads;
import io.github.waroutes.queue.QueueUnavailableException;
import io.github.waroutes.update.UpdateHeaders;
import io.github.waroutes.update.UpdateReader;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class BurstStrategyTest {

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final BurstStrategy strategy = new BurstStrategy(3, 20);

    private Exchange text(String id, String text) {
        Exchange exchange = new DefaultExchange(camel);
        exchange.getIn().setBody(Payloads.messages(Payloads.text(id, Payloads.USER, text)).getBytes(StandardCharsets.UTF_8));
        exchange.getIn().setHeader(UpdateHeaders.ID, "message:" + id);
        exchange.getIn().setHeader(UpdateHeaders.MESSAGE_ID, id);
        exchange.getIn().setHeader(UpdateHeaders.CONVERSATION, "1:2");
        exchange.getIn().setHeader(UpdateHeaders.TIMESTAMP, 1760000000L);
        return exchange;
    }

    private Exchange burst(String... texts) {
        Exchange open = null;
        for (int i = 0; i < texts.length; i++) {
            open = strategy.aggregate(open, text("id" + i, texts[i]));
        }
        return open;
    }

    private Exchange ended(Exchange burst) {
        strategy.onCompletion(burst);
        strategy.update(burst);
        return burst;
    }

    @Test
    void theTextsAreJoinedInOrderWithTheHeadersOfTheLast() {
        Exchange burst = ended(burst("one", "two", "three"));

        assertThat(new UpdateReader().message(burst.getMessage().getBody(byte[].class)))
                .containsEntry("id", "id2").containsEntry("text", Map.of("body", "one\ntwo\nthree"));
        assertThat(burst.getMessage().getHeaders()).containsEntry(UpdateHeaders.MESSAGE_ID, "id2").containsEntry(UpdateHeaders.BURST, "3")
                .containsEntry(UpdateHeaders.TIMESTAMP, 1760000000L).doesNotContainKeys(BurstStrategy.IDS, BurstStrategy.LENGTH);
    }

    @Test
    void theSameTextsMakeTheSameIdAndOthersAnother() {
        Object id = ended(burst("one", "two")).getMessage().getHeader(UpdateHeaders.ID);
        BurstStrategy again = new BurstStrategy(3, 20);
        Exchange same = again.aggregate(again.aggregate(null, text("id0", "one")), text("id1", "two"));
        again.onCompletion(same);
        again.update(same);
        assertThat(same.getMessage().getHeader(UpdateHeaders.ID)).isEqualTo(id).asString().matches("burst:[0-9a-f]{32}");

        Exchange other = again.aggregate(again.aggregate(null, text("id0", "one")), text("id2", "two"));
        again.stored(same);
        again.onCompletion(other);
        again.update(other);
        assertThat(other.getMessage().getHeader(UpdateHeaders.ID)).isNotEqualTo(id);
    }

    @Test
    void aSingleTextStaysTheUpdateThatItWas() {
        Exchange burst = ended(burst("one"));
        assertThat(burst.getMessage().getHeaders()).containsEntry(UpdateHeaders.ID, "message:id0").doesNotContainKey(UpdateHeaders.BURST);
    }

    @Test
    void onlyTheFlowsTextHeadersAreKept() {
        Exchange next = text("a", "one");
        next.getIn().setHeader("CamelHttpUri", "http://example.com");
        next.getIn().setHeader("WhatsAppObject", new Object());
        next.setProperty(Exchange.EXCEPTION_CAUGHT, new IllegalStateException());
        next.setVariable("whatsappRead", "x");
        Exchange open = strategy.aggregate(null, next);
        assertThat(open.getIn().getHeaders()).doesNotContainKeys("CamelHttpUri", "WhatsAppObject");
        assertThat(open.getProperty(Exchange.EXCEPTION_CAUGHT)).isNull();
        assertThat(open.hasVariables()).isFalse();
        assertThat(open.getIn().getBody()).isInstanceOf(String.class);
    }

    @Test
    void anUpdateThatIsHandledAgainIsJoinedOnce() {
        Exchange open = burst("one", "two");
        assertThat(strategy.preComplete(open, text("id1", "two"))).isFalse();
        Exchange again = strategy.aggregate(open, text("id1", "two"));
        assertThat(new UpdateReader().message(again.getIn().getBody(String.class).getBytes(StandardCharsets.UTF_8)))
                .containsEntry("text", Map.of("body", "one\ntwo"));
    }

    @Test
    void aFullBurstEndsBeforeTheNextText() {
        assertThat(strategy.preComplete(null, text("x", "a text that alone is too long"))).isFalse();
        assertThat(strategy.preComplete(burst("a", "b"), text("x", "c"))).isFalse();
        assertThat(strategy.preComplete(burst("a", "b", "c"), text("x", "d"))).isTrue();
        assertThat(strategy.preComplete(burst("0123456789"), text("x", "0123456789"))).isFalse();
        assertThat(strategy.preComplete(burst("0123456789"), text("x", "01234567890"))).isTrue();
    }

    @Test
    void whileABurstWaitsToBeStoredNothingOvertakesIt() {
        Exchange first = burst("one");
        Exchange second = burst("two");
        strategy.onCompletion(first);
        strategy.onCompletion(second);
        assertThatThrownBy(() -> strategy.update(second)).isInstanceOf(QueueUnavailableException.class);
        assertThatThrownBy(() -> strategy.check("1:2")).isInstanceOf(QueueUnavailableException.class);
        assertThatCode(() -> strategy.check("1:3")).doesNotThrowAnyException();

        strategy.update(first);
        strategy.stored(first);
        strategy.onCompletion(second);
        strategy.update(second);
        strategy.stored(second);
        assertThatCode(() -> strategy.check("1:2")).doesNotThrowAnyException();
    }

    @Test
    void aBurstThatAnotherNodeStoredHoldsNothing() {
        strategy.onCompletion(burst("one"));
        strategy.storedElsewhere(strategy.underWay());
        assertThatCode(() -> strategy.check("1:2")).doesNotThrowAnyException();
    }

    @Test
    void limitsBelowOneAreRefusedByName() {
        assertThatIllegalArgumentException().isThrownBy(() -> new BurstStrategy(0, 1)).withMessageStartingWith("whatsapp.burst.size");
        assertThatIllegalArgumentException().isThrownBy(() -> new BurstStrategy(1, 0)).withMessageStartingWith("whatsapp.burst.characters");
    }
}
