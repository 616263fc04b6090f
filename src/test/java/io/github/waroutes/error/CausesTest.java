package io.github.waroutes.error;

import static org.assertj.core.api.Assertions.assertThat;

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
}
