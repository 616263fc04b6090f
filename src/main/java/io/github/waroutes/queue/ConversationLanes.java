package io.github.waroutes.queue;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;

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
    private final Map<String, Queue<Task>> lanes = new HashMap<>();
    private boolean paused;
    private final Queue<String> heldBack = new ArrayDeque<>();

    ConversationLanes(Executor executor) {
        this.executor = executor;
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
            if (paused) {
                heldBack.add(lane);
                return;
            }
            Queue<Task> queue = lanes.get(lane);
            if (queue == null) {
                return;
            }
            task = queue.peek();
        }
        executor.execute(() -> task.run(new Turn(lane)));
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
        Queue<String> again;
        synchronized (this) {
            paused = false;
            again = new ArrayDeque<>(heldBack);
            heldBack.clear();
        }
        again.forEach(this::begin);
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
