package io.github.waroutes.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Runs tasks in order within a lane and concurrently across lanes. A task reports its own end, so one that waits (for a retry, say)
 * keeps its lane without keeping a thread.
 */
final class Lanes {

    /** A piece of work that ends its turn once, from any thread. */
    interface Task {
        void run(Turn turn);
    }

    /** A task's place at the head of its lane. */
    final class Turn {

        private final Lane lane;
        private final Task task;

        private Turn(Lane lane, Task task) {
            this.lane = lane;
            this.task = task;
        }

        /** The task is done: the next in its lane may begin. */
        void end() {
            synchronized (Lanes.this) {
                lane.running = false;
                if (lane.tasks.peek() == task) {
                    lane.tasks.poll();
                }
                if (lane.tasks.isEmpty()) {
                    lanes.remove(lane.key, lane);
                    return;
                }
            }
            begin(lane);
        }

        /** The task stays at the head of its lane without running. */
        void suspend() {
            synchronized (Lanes.this) {
                lane.running = false;
            }
        }

        /** Runs the suspended task once more, before any other in its lane, unless it was cleared meanwhile. */
        void resume() {
            synchronized (Lanes.this) {
                if (lanes.get(lane.key) != lane || lane.tasks.peek() != task) {
                    return;
                }
            }
            begin(lane);
        }
    }

    private static final class Lane {

        private final Object key;
        private final Deque<Task> tasks = new ArrayDeque<>(2);
        private boolean running;

        private Lane(Object key) {
            this.key = key;
        }
    }

    private final Workers workers;
    private final Map<Object, Lane> lanes = new HashMap<>();
    private final Set<Lane> heldBack = new LinkedHashSet<>();
    private int permits;

    /** @param permits how many tasks may begin until {@link #permit} says otherwise */
    Lanes(Workers workers, int permits) {
        this.workers = workers;
        this.permits = permits;
    }

    /** @param key of the lane; {@code null}: the task needs no order */
    void add(String key, Task task) {
        Lane lane;
        synchronized (this) {
            lane = lanes.computeIfAbsent(key != null ? key : task, Lane::new);
            lane.tasks.add(task);
            if (lane.tasks.size() > 1) {
                return;
            }
        }
        begin(lane);
    }

    private void begin(Lane lane) {
        synchronized (this) {
            if (lane.running || lane.tasks.isEmpty()) {
                return;
            }
            if (permits <= 0) {
                heldBack.add(lane);
                return;
            }
            permits = permits == Integer.MAX_VALUE ? permits : permits - 1;
            lane.running = true;
        }
        workers.submit(() -> run(lane));
    }

    private void run(Lane lane) {
        Task task;
        synchronized (this) {
            task = lane.tasks.peek();
            if (task == null) {
                lane.running = false;
                return;
            }
        }
        task.run(new Turn(lane, task));
    }

    /** From now on so many tasks may begin; {@link Integer#MAX_VALUE}: any number. */
    void permit(int number) {
        List<Lane> next = new ArrayList<>();
        synchronized (this) {
            permits = number;
            if (number > 0) {
                next.addAll(heldBack);
                heldBack.clear();
            }
        }
        next.forEach(this::begin);
    }

    /** Forgets every task but those that run now; what comes next in their lanes begins after them. */
    synchronized void clear() {
        heldBack.clear();
        lanes.values().removeIf(lane -> {
            Task head = lane.running ? lane.tasks.peek() : null;
            lane.tasks.clear();
            if (head != null) {
                lane.tasks.add(head);
            }
            return head == null;
        });
    }

    /** How many tasks are in a lane, including the running one. */
    synchronized int size(String key) {
        Lane lane = key == null ? null : lanes.get(key);
        return lane == null ? 0 : lane.tasks.size();
    }

    synchronized int size() {
        return lanes.size();
    }
}
