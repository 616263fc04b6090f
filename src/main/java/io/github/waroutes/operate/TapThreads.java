package io.github.waroutes.operate;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of a tap, of which there are none until something is tapped. What a slow tap cannot take is refused, with
 * {@link RejectedExecutionException}: the pools of Camel's would let the caller run it, and so make the flow as slow as the tap.
 */
public class TapThreads extends ThreadPoolExecutor {

    /** As many run at once; with two, one call that hangs does not end the tapping. */
    private static final int THREADS = 2;
    private static final long IDLE_SECONDS = 60;

    /** @param waiting how many may wait for a thread */
    public TapThreads(int waiting) {
        super(THREADS, THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(waiting));
        AtomicInteger made = new AtomicInteger();
        setThreadFactory(task -> {
            Thread thread = new Thread(task, "whatsapp-tap-" + made.incrementAndGet());
            // a tap that hangs does not keep the process
            thread.setDaemon(true);
            return thread;
        });
        allowCoreThreadTimeOut(true);
    }
}
