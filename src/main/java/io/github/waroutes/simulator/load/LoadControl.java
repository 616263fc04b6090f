package io.github.waroutes.simulator.load;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.simulator.common.Refusal;
import java.util.Optional;
import java.util.function.Supplier;

/** The running load, or the last one. Thread-safe. */
public class LoadControl implements AutoCloseable {

    private LoadRun run;

    /** @throws Refusal 409 while one runs */
    synchronized JsonNode start(Supplier<LoadRun> wanted) {
        if (run != null && run.isRunning()) {
            throw Refusal.plain(409, "A load runs already: wait for its end, or DELETE /simulator/load");
        }
        LoadRun next = wanted.get();
        next.start();
        if (run != null) {
            run.forget();
        }
        run = next;
        return next.report();
    }

    synchronized Optional<LoadRun> last() {
        return Optional.ofNullable(run);
    }

    @Override
    public synchronized void close() {
        if (run != null) {
            run.end();
            run.forget();
        }
    }
}
