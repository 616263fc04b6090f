package io.github.waroutes.junit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Fields of an instance that all methods share: JUnit makes it before the simulator starts. */
@WhatsAppSimulator
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OneInstanceTest {

    private SimulatedGraph graph;
    @WhatsAppUser
    private SimulatedUser kim;
    private boolean set;

    @BeforeAll
    void before() {
        set = graph != null;
    }

    @Test
    void itsFieldsAreSetBeforeAllMethods() {
        assertThat(set).isTrue();
        assertThat(kim.name()).isEqualTo("Kim");
    }
}
