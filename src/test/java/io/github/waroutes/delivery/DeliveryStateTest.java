package io.github.waroutes.delivery;

import static io.github.waroutes.delivery.DeliveryState.ACCEPTED;
import static io.github.waroutes.delivery.DeliveryState.DELIVERED;
import static io.github.waroutes.delivery.DeliveryState.FAILED;
import static io.github.waroutes.delivery.DeliveryState.PLAYED;
import static io.github.waroutes.delivery.DeliveryState.READ;
import static io.github.waroutes.delivery.DeliveryState.SENT;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

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

    @Test
    void whatIsStoredIsReadAgain() {
        Map<DeliveryState, Instant> times = Map.of(ACCEPTED, Instant.ofEpochMilli(1_780_315_200_123L), READ, Instant.ofEpochSecond(1_780_315_201));
        Delivery whole = new Delivery("ours", "wamid.x", "106540352242922", READ, times, null, "utility", "regular");
        Delivery failed = Delivery.givenUp("ours", Statuses.NUMBER, Instant.ofEpochSecond(1_780_315_201), Map.of("error_code", 131026),
                new DeliveryContext("+15555550101", null, "c", "order-4711", "t"));
        Delivery half = new Delivery(null, "wamid.x", null, SENT, Map.of(), null, null, "free_entry_point", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", new DeliveryContext(null, "h", null, null, null));
        assertThat(Stream.of(whole, failed, half).map(Delivery::toJson).map(Delivery::fromJson)).containsExactly(whole, failed, half);
        assertThat(whole.toJson()).as("so many are in memory that each byte counts").hasSizeLessThan(130);
    }

    @Test
    void whatAnOlderVersionHasStoredIsReadToo() {
        Delivery old = new Delivery("ours", "wamid.x", null, SENT, Map.of(SENT, Instant.ofEpochSecond(1_780_315_201)), null, "utility", null);
        assertThat(Delivery.fromJson(Delivery.json(old.toMap()))).isEqualTo(old);
        assertThat(Delivery.fromJson("{\"o\":\"ours\",\"w\":\"wamid.x\",\"s\":\"s\",\"t\":{\"s\":1780315201000},\"p\":[\"utility\",null]}")).isEqualTo(old);
    }
}
