package io.github.waroutes.simulator.webhook;

import io.github.waroutes.queue.WaitPool;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.support.LifecycleStrategySupport;

/**
 * The pool that delays and posts asynchronous webhooks: never on the thread of the request that caused them, and without a bound of its
 * own ({@link OwedStatuses} has one). Delays of other threads, such as the retry of a webhook that a caller of the control API waits for,
 * use a separate pool, so that they do not queue behind those. When Camel stops, all delays end at once.
 */
public class WebhookPool extends WaitPool implements CamelContextAware {

    private final WaitPool apart = new WaitPool(1, "simulator-wait");
    private final ExecutorService hands;
    private volatile boolean ending;
    private CamelContext camelContext;

    /** @param threads how many are posted at once */
    public WebhookPool(int threads) {
        super(threads, "simulator-webhook");
        AtomicInteger count = new AtomicInteger();
        setThreadFactory(task -> daemon(new Worker(task, "simulator-webhook-" + count.incrementAndGet())));
        hands = Executors.newCachedThreadPool(task -> daemon(new Thread(task, "simulator-webhook-awaited")));
    }

    private static Thread daemon(Thread thread) {
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        long wait = ending ? 0 : delay;
        return wait > 0 && !(Thread.currentThread() instanceof Worker)
                ? apart.schedule(() -> hands.execute(task), wait, unit) : super.schedule(task, wait, unit);
    }

    /** Whether no more webhooks may be sent. */
    boolean isEnding() {
        return ending;
    }

    /** Ends all delays, and allows no new ones. */
    public void end() {
        ending = true;
        hurry(this);
        hurry(apart);
    }

    private static void hurry(WaitPool pool) {
        for (Runnable waiting : pool.getQueue().toArray(new Runnable[0])) {
            if (pool.getQueue().remove(waiting)) {
                pool.execute(waiting);
            }
        }
    }

    @Override
    public List<Runnable> shutdownNow() {
        apart.shutdownNow();
        hands.shutdownNow();
        return super.shutdownNow();
    }

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        if (this.camelContext == null) {
            camelContext.addLifecycleStrategy(new LifecycleStrategySupport() {
                @Override
                public void onContextStopping(CamelContext stopping) {
                    end();
                }
            });
        }
        this.camelContext = camelContext;
    }

    private static final class Worker extends Thread {

        Worker(Runnable task, String name) {
            super(task, name);
        }
    }
}
