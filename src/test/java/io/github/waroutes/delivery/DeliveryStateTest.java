package io.github.waroutes.delivery;

import static io.github.waroutes.delivery.DeliveryState.ACCEPTED;
import static io.github.waroutes.delivery.DeliveryState.DELIVERED;
import static io.github.waroutes.delivery.DeliveryState.FAILED;
import static io.github.waroutes.delivery.DeliveryState.PLAYED;
import static io.github.waroutes.delivery.DeliveryState.READ;
import static io.github.waroutes.delivery.DeliveryState.SENT;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DeliveryStateTest {

    @ParameterizedTest
    @CsvSource({
        "accepted, 'sent,delivered,read,played,failed'",
        "sent, 'delivered,read,played,failed'",
        "delivered, 'read,played'",
        "read, played",
        "played, ''",
        "failed, ''"})
    void aMessageMovesOnlyForwards(String now, String next) {
        Set<DeliveryState> follow = EnumSet.noneOf(DeliveryState.class);
        for (DeliveryState state : DeliveryState.values()) {
            if (state.follows(DeliveryState.of(now))) {
                follow.add(state);
            }
        }
        assertThat(follow.stream().map(DeliveryState::label).toList())
                .isEqualTo(next.isEmpty() ? List.of() : List.of(next.split(",")));
    }

    @ParameterizedTest
    @EnumSource
    void anyStateMayBeTheFirstThatIsHeard(DeliveryState state) {
        assertThat(state.follows(null)).isTrue();
        assertThat(DeliveryState.of(state.label().toUpperCase(Locale.ROOT))).isEqualTo(state);
    }

    @Test
    void onlyReadPlayedAndFailedEndAReport() {
        assertThat(EnumSet.allOf(DeliveryState.class).stream().filter(DeliveryState::isFinal)).containsExactly(READ, PLAYED, FAILED);
        assertThat(Set.of(ACCEPTED, SENT, DELIVERED)).noneMatch(DeliveryState::isFinal);
    }

    @Test
    void whatIsNoStateIsNone() {
        assertThat(DeliveryState.of("deleted")).isNull();
        assertThat(DeliveryState.of(null)).isNull();
    }
}
