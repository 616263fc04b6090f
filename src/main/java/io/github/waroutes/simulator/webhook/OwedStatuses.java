package io.github.waroutes.simulator.webhook;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How many messages still have statuses to come, and how many may. Thread-safe. */
public class OwedStatuses {

    private static final int MOST = 100_000;
    private static final Logger LOG = LoggerFactory.getLogger(OwedStatuses.class);

    private final int most;
    private final AtomicInteger owed = new AtomicInteger();
    private final AtomicBoolean told = new AtomicBoolean();

    /** As many as a busy hour owes. */
    public OwedStatuses() {
        this(MOST);
    }

    OwedStatuses(int most) {
        this.most = most;
    }

    /** @return false when there are too many already, so that those of one more message are not told */
    public boolean begin() {
        if (owed.incrementAndGet() <= most) {
            return true;
        }
        owed.decrementAndGet();
        if (told.compareAndSet(false, true)) {
            LOG.warn("{} messages wait for their statuses to be told: those of more are left out. The webhook is too slow, or is away",
                    most);
        }
        return false;
    }

    public void end() {
        if (owed.decrementAndGet() < most / 2) {
            told.set(false);
        }
    }

    public boolean isNone() {
        return owed.get() == 0;
    }
}
