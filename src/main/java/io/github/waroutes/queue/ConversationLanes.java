package io.github.waroutes.queue;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.function.IntSupplier;

/**
 * Runs tasks in order within a lane and at once across lanes. A task says itself when it is done, so one that waits
 * (for a redelivery, say) holds its lane and no thread.
 */
final class ConversationLanes {

    /** A piece of work that ends its turn once, from any thread. */
    interface Task {
        void run(Turn turn);
    }

    /** A task's place at the head of its lane. */
    final class Turn {

        private final String lane;

        private Turn(String lane) {
            this.lane = lane;
        }

        /** The task is done: the next in its lane may begin. */
        void end() {
            next(lane);
        }

        /** The task is to run once more, before any other in its lane. */
        void again() {
            begin(lane);
        }
    }

    private final Executor executor;
    private final IntSupplier limit;
    private final Map<String, Queue<Task>> lanes = new HashMap<>();
    private final Queue<String> heldBack = new ArrayDeque<>();
    private boolean paused;
    private int running;

    /**
     * @param limit how many tasks may hold a thread at this moment, at least one; asked whenever one is to begin
     */
    ConversationLanes(Executor executor, IntSupplier limit) {
        this.executor = executor;
        this.limit = limit;
    }

    /** @param lane the key of the lane; {@code null}: the task needs no order */
    void add(String lane, Task task) {
        String key = lane != null ? lane : "\0" + System.identityHashCode(task);
        synchronized (this) {
            Queue<Task> queue = lanes.get(key);
            if (queue != null) {
                queue.add(task);
                return;
            }
            queue = new ArrayDeque<>(2);
            queue.add(task);
            lanes.put(key, queue);
        }
        begin(key);
    }

    private void begin(String lane) {
        Task task;
        synchronized (this) {
            Queue<Task> queue = lanes.get(lane);
            if (queue == null) {
                return;
            }
            if (paused || running >= limit.getAsInt()) {
                heldBack.add(lane);
                return;
            }
            task = queue.peek();
            running++;
        }
        executor.execute(() -> run(task, lane));
    }

    private void run(Task task, String lane) {
        try {
            task.run(new Turn(lane));
        } finally {
            synchronized (this) {
                running--;
            }
            beginHeldBack();
        }
    }

    private void beginHeldBack() {
        int room;
        Queue<String> next = new ArrayDeque<>();
        synchronized (this) {
            room = paused ? 0 : limit.getAsInt() - running;
            while (room-- > 0 && !heldBack.isEmpty()) {
                next.add(heldBack.poll());
            }
        }
        next.forEach(this::begin);
    }

    private void next(String lane) {
        synchronized (this) {
            Queue<Task> queue = lanes.get(lane);
            if (queue == null) {
                return;
            }
            queue.poll();
            if (queue.isEmpty()) {
                lanes.remove(lane);
                return;
            }
        }
        begin(lane);
    }

    /** Lets no further task begin. */
    synchronized void pause() {
        paused = true;
    }

    /** Lets tasks begin again. */
    void resume() {
        synchronized (this) {
            paused = false;
        }
        beginHeldBack();
    }

    /** Forgets every task that has not begun. */
    synchronized void clear() {
        lanes.clear();
        heldBack.clear();
    }

    synchronized int size() {
        return lanes.size();
    }
}
