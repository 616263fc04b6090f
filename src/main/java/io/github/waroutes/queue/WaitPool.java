package io.github.waroutes.queue;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A scheduled pool that takes as many waits as there are. Camel's own refuse above 1000 ({@code DefaultThreadPoolFactory} wraps them
 * with the default profile's {@code maxQueueSize}), and a message whose wait is refused is never handled again. What bounds the waits is
 * how many messages a queue hands out, {@code maxInFlight}. Threads are made when they are needed, and keep no process alive.
 */
public class WaitPool extends ScheduledThreadPoolExecutor {

    /**
     * @param threads how many waits that are over may be handled at once
     * @param name    what the threads are called
     */
    public WaitPool(int threads, String name) {
        super(threads);
        AtomicInteger count = new AtomicInteger();
        setThreadFactory(task -> {
            Thread thread = new Thread(task, threads == 1 ? name : name + '-' + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        setRemoveOnCancelPolicy(true);
    }
}
