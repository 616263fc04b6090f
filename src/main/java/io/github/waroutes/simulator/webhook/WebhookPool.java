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
 * Where webhooks that nobody waits for are waited with and posted: never on the thread of the request that owes them, and without a
 * bound of its own ({@link OwedStatuses} has one). What another thread lets wait, such as the repetition of a webhook that a caller of
 * the control API waits for, is done apart, so that it does not queue behind those. When Camel stops, all waits are over at once.
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

    /** Whether no more webhooks shall go out. */
    boolean isEnding() {
        return ending;
    }

    /** Ends all waits, and lets nothing wait any more. */
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
