package io.github.waroutes.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.function.IntSupplier;

/** Runs tasks of many lanes in the order of their submission, as many at once as the current limit allows. */
final class Workers {

    private final Executor executor;
    private final IntSupplier limit;
    private final Queue<Runnable> heldBack = new ArrayDeque<>();
    private boolean paused;
    private int running;

    /** @param limit how many tasks may hold a thread now, at least one; asked whenever one is to begin */
    Workers(Executor executor, IntSupplier limit) {
        this.executor = executor;
        this.limit = limit;
    }

    void submit(Runnable task) {
        synchronized (this) {
            if (paused || running >= limit.getAsInt()) {
                heldBack.add(task);
                return;
            }
            running++;
        }
        start(task);
    }

    private void start(Runnable task) {
        executor.execute(() -> {
            try {
                task.run();
            } finally {
                synchronized (this) {
                    running--;
                }
                startHeldBack();
            }
        });
    }

    private void startHeldBack() {
        List<Runnable> next = new ArrayList<>();
        synchronized (this) {
            int free = paused ? 0 : limit.getAsInt() - running;
            while (free-- > 0 && !heldBack.isEmpty()) {
                next.add(heldBack.poll());
                running++;
            }
        }
        next.forEach(this::start);
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
        startHeldBack();
    }
}
