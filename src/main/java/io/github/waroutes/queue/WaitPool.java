package io.github.waroutes.queue;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A scheduled pool without a limit on its tasks. Camel's own reject more than 1000 ({@code DefaultThreadPoolFactory} wraps them with the
 * default profile's {@code maxQueueSize}), and a message whose wait is rejected is never handled again. The queue's bytes in flight bound the
 * waits. Threads are daemons, created when they are needed.
 */
public class WaitPool extends ScheduledThreadPoolExecutor {

    /**
     * @param threads how many due tasks may run at once
     * @param name    the name of the threads
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
