package io.github.waroutes.simulator.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LoadScheduleTest {

    private static LoadPlan plan(int users, double perSecond, int seconds, int ramp, long seed, double voice) {
        return new LoadPlan(users, perSecond, seconds, ramp, seed, voice, true, 30, 3, List.of());
    }

    private static List<Integer> numbers(LoadSchedule schedule) {
        return IntStream.range(0, schedule.total()).mapToObj(any -> schedule.nextNumber()).toList();
    }

    @Test
    void theRateIsHeldFromTheStart() {
        LoadSchedule schedule = new LoadSchedule(plan(3, 50, 4, 0, 1, 0));

        assertThat(schedule.total()).isEqualTo(200);
        assertThat(schedule.due(0)).isZero();
        assertThat(schedule.due(199)).isEqualTo(3_980_000_000L);
    }

    @Test
    void inARampTheRateRisesEvenly() {
        LoadSchedule schedule = new LoadSchedule(plan(3, 100, 2, 4, 1, 0));

        assertThat(schedule.total()).isEqualTo(400);
        // half of the ramp's time makes a quarter of its messages
        assertThat(schedule.due(50)).isEqualTo(2_000_000_000L);
        assertThat(schedule.due(200)).isEqualTo(schedule.rampNanos()).isEqualTo(4_000_000_000L);
        assertThat(schedule.due(300)).isEqualTo(5_000_000_000L);
        assertThat(IntStream.range(1, 400)).allMatch(position -> schedule.due(position) > schedule.due(position - 1));
    }

    @Test
    void inEachRoundEveryoneTalksOnceInAnOrderOfItsOwn() {
        List<Integer> numbers = numbers(new LoadSchedule(plan(10, 10, 3, 0, 7, 0)));

        assertThat(numbers).doesNotHaveDuplicates().hasSize(30);
        for (int round = 0; round < 3; round++) {
            List<Integer> one = numbers.subList(round * 10, round * 10 + 10);
            int first = round * 10 + 1;
            assertThat(new HashSet<>(one)).isEqualTo(new HashSet<>(IntStream.range(first, first + 10).boxed().toList()));
            assertThat(one).isNotEqualTo(new ArrayList<>(one.stream().sorted().toList()));
        }
    }

    @Test
    void theSeedDecidesWhoTalksWhen() {
        assertThat(numbers(new LoadSchedule(plan(20, 10, 10, 0, 7, 0)))).isEqualTo(numbers(new LoadSchedule(plan(20, 10, 10, 0, 7, 0))))
                .isNotEqualTo(numbers(new LoadSchedule(plan(20, 10, 10, 0, 8, 0))));
    }

    @Test
    void theShareOfVoiceMessagesIsHeld() {
        LoadSchedule schedule = new LoadSchedule(plan(1, 1, 1, 0, 3, 0.25));
        LoadSchedule silent = new LoadSchedule(plan(1, 1, 1, 0, 3, 0));

        assertThat(IntStream.range(0, 4000).filter(any -> schedule.nextIsVoice()).count()).isBetween(900L, 1100L);
        assertThat(IntStream.range(0, 100)).noneMatch(any -> silent.nextIsVoice());
    }
}
