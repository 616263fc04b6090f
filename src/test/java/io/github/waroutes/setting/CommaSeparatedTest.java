package io.github.waroutes.setting;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CommaSeparatedTest {

    @Test
    void valuesKeepTheirOrderAndLoseTheSpaceAroundThem() {
        assertThat(CommaSeparated.values(" b ,a,\tb\n")).containsExactly("b", "a", "b");
    }

    @Test
    void emptyValuesAreLeftOut() {
        assertThat(CommaSeparated.values(",a, ,,b,")).containsExactly("a", "b");
        assertThat(CommaSeparated.values("  ")).isEmpty();
        assertThat(CommaSeparated.values(null)).isEmpty();
    }
}
