package io.github.waroutes.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One request that reads a bulk: where it is, and what it found. Used by one thread. */
final class BulkRun {

    final LineReader reader;
    /** What was known when this request began; its lines are not queued again. */
    final BulkProgress before;
    BulkProgress now;
    /** {@link #now} as it is kept. */
    String kept;
    int markedLines;
    String markedDigest;
    int recipients;
    boolean tooMany;
    List<LineReader.Line> batch = List.of();
    int acceptedOfBatch;
    int refusedOfBatch;
    final List<Map<String, Object>> problems;

    BulkRun(LineReader reader, BulkProgress before, BulkProgress now, String kept) {
        this.reader = reader;
        this.before = before;
        this.now = now;
        this.kept = kept;
        this.problems = new ArrayList<>(now.problems());
    }
}
