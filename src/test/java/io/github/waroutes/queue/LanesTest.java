package io.github.waroutes.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

class LanesTest {

    /** What the lanes gave to the executor, run when a test says so. */
    private final Queue<Runnable> given = new ArrayDeque<>();
    private final List<String> begun = new ArrayList<>();
    private final Map<String, Lanes.Turn> turns = new HashMap<>();
    private final Workers workers = new Workers(given::add, () -> 32);
    private final Lanes lanes = new Lanes(workers, Integer.MAX_VALUE);

    private void add(String lane, String name) {
        lanes.add(lane, turn -> {
            begun.add(name);
            turns.put(name, turn);
        });
    }

    private void run() {
        for (Runnable next = given.poll(); next != null; next = given.poll()) {
            next.run();
        }
    }

    private void again(String name) {
        turns.get(name).suspend();
        turns.get(name).resume();
    }

    private void end(String name) {
        turns.get(name).end();
        run();
    }

    @Test
    void aTaskBeginsWhenTheOneBeforeItInItsLaneHasEnded() {
        add("a", "a1");
        add("a", "a2");
        add("a", "a3");
        run();
        assertThat(begun).containsExactly("a1");
        end("a1");
        assertThat(begun).containsExactly("a1", "a2");
        end("a2");
        end("a3");
        assertThat(begun).containsExactly("a1", "a2", "a3");
        assertThat(lanes.size()).isZero();
    }

    @Test
    void lanesDoNotWaitForEachOther() {
        add("a", "a1");
        add("a", "a2");
        add("b", "b1");
        add("b", "b2");
        run();
        end("b1");
        assertThat(begun).containsExactly("a1", "b1", "b2");
    }

    @Test
    void tasksWithoutALaneNeedNoOrder() {
        add(null, "1");
        add(null, "2");
        run();
        assertThat(begun).containsExactly("1", "2");
        end("1");
        end("2");
        assertThat(lanes.size()).isZero();
    }

    @Test
    void aTaskThatRunsAgainGoesBeforeTheNextInItsLane() {
        add("a", "a1");
        add("a", "a2");
        run();
        again("a1");
        run();
        assertThat(begun).containsExactly("a1", "a1");
        end("a1");
        assertThat(begun).containsExactly("a1", "a1", "a2");
    }

    @Test
    void whilePausedNothingBeginsAndResumeLosesNothing() {
        add("a", "a1");
        run();
        workers.pause();
        add("a", "a2");
        add("b", "b1");
        add("c", "c1");
        end("a1");
        assertThat(begun).containsExactly("a1");
        workers.resume();
        run();
        assertThat(begun).containsExactly("a1", "b1", "c1", "a2");
        end("a2");
        end("b1");
        end("c1");
        assertThat(lanes.size()).isZero();
    }

    @Test
    void aTaskThatShallRunAgainWaitsForResumeToo() {
        add("a", "a1");
        run();
        workers.pause();
        again("a1");
        run();
        assertThat(begun).containsExactly("a1");
        workers.resume();
        run();
        assertThat(begun).containsExactly("a1", "a1");
    }

    @Test
    void clearForgetsWhatHasNotBegunAndATurnThatEndsLaterHarmsNothing() {
        add("a", "a1");
        run();
        add("a", "a2");
        lanes.permit(0);
        add("b", "b1");
        lanes.clear();
        lanes.permit(Integer.MAX_VALUE);
        run();
        end("a1");
        again("a1");
        run();
        assertThat(begun).containsExactly("a1");
        assertThat(lanes.size()).isZero();
        add("a", "a3");
        run();
        assertThat(begun).containsExactly("a1", "a3");
    }

    @Test
    void onlySoManyBeginAsArePermitted() {
        lanes.permit(1);
        add("a", "a1");
        add("b", "b1");
        run();
        assertThat(begun).containsExactly("a1");
        end("a1");
        assertThat(begun).containsExactly("a1");
        lanes.permit(Integer.MAX_VALUE);
        run();
        assertThat(begun).containsExactly("a1", "b1");
    }

    @Test
    void whatComesAfterAClearWaitsForWhatRunsInItsLane() {
        add("a", "a1");
        run();
        add("a", "a2");
        lanes.clear();
        add("a", "a3");
        run();
        assertThat(begun).containsExactly("a1");
        end("a1");
        assertThat(begun).containsExactly("a1", "a3");
    }

    @Test
    void keepsOrderUnderManyThreads() throws Exception {
        int perLane = 2000;
        int laneCount = 8;
        ExecutorService threads = Executors.newFixedThreadPool(6);
        try {
            Workers many = new Workers(threads, () -> 32);
            Lanes busy = new Lanes(many, Integer.MAX_VALUE);
            Map<String, List<Integer>> seen = new HashMap<>();
            Map<String, AtomicInteger> running = new HashMap<>();
            AtomicInteger overlaps = new AtomicInteger();
            CountDownLatch done = new CountDownLatch(perLane * laneCount);
            for (int lane = 0; lane < laneCount; lane++) {
                seen.put("lane" + lane, Collections.synchronizedList(new ArrayList<>()));
                running.put("lane" + lane, new AtomicInteger());
            }
            for (int i = 0; i < perLane; i++) {
                for (String lane : seen.keySet()) {
                    int number = i;
                    busy.add(lane, turn -> {
                        if (running.get(lane).incrementAndGet() != 1) {
                            overlaps.incrementAndGet();
                        }
                        seen.get(lane).add(number);
                        running.get(lane).decrementAndGet();
                        turn.end();
                        done.countDown();
                    });
                }
                if (i % 100 == 0) {
                    many.pause();
                    many.resume();
                }
            }
            assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(overlaps).hasValue(0);
            assertThat(seen.values()).allSatisfy(numbers -> assertThat(numbers).isSorted().hasSize(perLane).doesNotHaveDuplicates());
            assertThat(busy.size()).isZero();
        } finally {
            threads.shutdownNow();
        }
    }
}
