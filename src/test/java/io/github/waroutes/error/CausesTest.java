package io.github.waroutes.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class CausesTest {

    @Test
    void theFailureItselfComesFirst() {
        Exception failure = new IllegalStateException(new IllegalStateException());
        assertThat(Causes.find(IllegalStateException.class, failure)).isSameAs(failure);
    }

    @Test
    void aCauseIsFoundByItsType() {
        Exception cause = new IllegalStateException();
        assertThat(Causes.find(IllegalStateException.class, new Exception(new RuntimeException(cause)))).isSameAs(cause);
    }

    @Test
    void withoutOneThereIsNone() {
        assertThat(Causes.find(IllegalStateException.class, new Exception(new RuntimeException()))).isNull();
        assertThat(Causes.find(IllegalStateException.class, null)).isNull();
    }

    @Test
    void causesInALoopEnd() {
        Exception loop = new Exception();
        loop.initCause(new Exception(loop));
        assertThat(Causes.find(IllegalStateException.class, loop)).isNull();
    }

    @Test
    void theChainHasEachOnceAndInOrder() {
        Exception loop = new Exception();
        Exception inner = new Exception(loop);
        loop.initCause(inner);
        assertThat(Causes.chain(loop)).containsExactly(loop, inner);
        assertThat(Causes.chain(null)).isEmpty();
    }

    @Test
    void whatWasCaughtIsFoundBehindWrappers() {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        assertThat(Causes.caught(IllegalStateException.class, exchange)).isNull();
        Exception cause = new IllegalStateException();
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, new RuntimeException(cause));
        exchange.setException(new IllegalStateException("another"));
        assertThat(Causes.caught(IllegalStateException.class, exchange)).isSameAs(cause);
    }

    @Test
    void whatIsThrownNowComesBeforeWhatWasCaught() {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        assertThat(Causes.thrown(exchange)).isNull();
        Exception caught = new IllegalStateException("caught");
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, caught);
        assertThat(Causes.thrown(exchange)).isSameAs(caught);
        Exception now = new IllegalStateException("now");
        exchange.setException(now);
        assertThat(Causes.thrown(exchange)).isSameAs(now);
    }
}
