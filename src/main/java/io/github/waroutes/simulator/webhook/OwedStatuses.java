package io.github.waroutes.simulator.webhook;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts the messages with pending statuses, up to a limit. Thread-safe. */
public class OwedStatuses {

    private static final int MAX = 100_000;
    private static final Logger LOG = LoggerFactory.getLogger(OwedStatuses.class);

    private final int most;
    private final AtomicInteger owed = new AtomicInteger();
    private final AtomicBoolean warned = new AtomicBoolean();

    /** As many as are pending after a busy hour. */
    public OwedStatuses() {
        this(MAX);
    }

    OwedStatuses(int most) {
        this.most = most;
    }

    /** @return false when there are too many already, and the statuses of a further message are left out */
    public boolean begin() {
        if (owed.incrementAndGet() <= most) {
            return true;
        }
        owed.decrementAndGet();
        if (warned.compareAndSet(false, true)) {
            LOG.warn("{} messages have pending statuses: those of further messages are left out. The webhook is too slow, or does not answer",
                    most);
        }
        return false;
    }

    public void end() {
        if (owed.decrementAndGet() < most / 2) {
            warned.set(false);
        }
    }

    public boolean isNone() {
        return owed.get() == 0;
    }
}
