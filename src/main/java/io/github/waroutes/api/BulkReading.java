package io.github.waroutes.api;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.queue.QueueMessage;
import io.github.waroutes.state.StateStore;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a bulk line by line, as the lines come, and queues them in batches. How far it came is kept after each batch, with a digest
 * of the lines: a repeat with the same idempotency key passes over what is queued already and goes on behind it. The id of each
 * message is made of the bulk's id, the line's number and its content, so the queue drops what it holds already, too.
 */
public class BulkReading {

    private static final Logger LOG = LoggerFactory.getLogger(BulkReading.class);
    private static final String PREPARE = "direct:whatsapp-prepare";
    private static final int BATCH_BYTES = 1_048_576;
    /** A reader that has kept nothing for so long is taken for gone. */
    private static final Duration SILENCE = Duration.ofSeconds(30);
    private static final int SHOWN_PROBLEMS = 100;
    private static final int DIGITS = 8;

    private final StateStore bulks;
    private final Clock clock;
    private int maxRecipients = 10_000;
    private int batch = 200;
    private int maxLineBytes = 65_536;
    private long maxBytes = 67_108_864;

    /** @param bulks how far each bulk has come */
    public BulkReading(StateStore bulks) {
        this(bulks, Clock.systemUTC());
    }

    BulkReading(StateStore bulks, Clock clock) {
        this.bulks = bulks;
        this.clock = clock;
    }

    /** @param number how many lines that are not blank a bulk may have */
    public void setMaxRecipients(int number) {
        maxRecipients = (int) ApiGate.positive("whatsapp.api.bulk.max-recipients", number);
    }

    /** @param number how many lines go into the queue in one transaction */
    public void setBatch(int number) {
        batch = (int) ApiGate.positive("whatsapp.api.bulk.batch", number);
    }

    /** @param number the longest line; a longer one is refused, the others are not */
    public void setMaxLineBytes(int number) {
        maxLineBytes = (int) ApiGate.positive("whatsapp.api.bulk.max-line-bytes", number);
    }

    /** @param number the largest body */
    public void setMaxBytes(long number) {
        maxBytes = ApiGate.positive("whatsapp.api.bulk.max-bytes", number);
    }

    /** @throws ApiException 409 if another request reads the same bulk at this moment */
    public void begin(Exchange exchange) {
        ApiCall call = ApiCall.of(exchange);
        call.identifyBulk();
        LineReader reader = new LineReader(LimitedStream.of(call, maxBytes, "whatsapp.api.bulk.max-bytes", exchange),
                maxLineBytes, String.valueOf(call.phoneNumberId));
        String kept = bulks.get(call.id);
        BulkProgress before = kept == null
                ? new BulkProgress(call.id, BulkProgress.RUNNING, "", reader.digest(), 0, 0, 0, 0, List.of())
                : BulkProgress.read(kept);
        long now = clock.millis();
        if (before.status().equals(BulkProgress.RUNNING) && Math.abs(now - before.updated()) < SILENCE.toMillis()) {
            throw inProgress();
        }
        BulkRun run = new BulkRun(reader, before, before.as(BulkProgress.RUNNING, UUID.randomUUID().toString(), now), kept);
        if (!before.status().equals(BulkProgress.DONE)) {
            keep(run, run.now);
        }
        call.bulk = run;
    }

    /**
     * Reads the next batch; waits for it.
     *
     * @return false at the end
     * @throws ApiException 413 beyond the largest number of recipients, 422 if the key belongs to another body
     */
    public boolean next(Exchange exchange) {
        BulkRun run = ApiCall.of(exchange).bulk;
        if (run.tooMany) {
            throw new ApiException(413, "too-large", "A bulk may have " + maxRecipients + " recipients"
                    + " (whatsapp.api.bulk.max-recipients). The lines up to there are queued; send the others as another bulk.");
        }
        List<LineReader.Line> lines = new ArrayList<>();
        int bytes = 0;
        try {
            while (lines.size() < batch && bytes < BATCH_BYTES && !run.tooMany) {
                mark(run);
                if (run.markedLines == run.before.lines() && !run.markedDigest.equals(run.before.digest())) {
                    throw otherBody();
                }
                LineReader.Line line = run.reader.next();
                if (line == null) {
                    break;
                }
                boolean known = line.number() <= run.before.lines();
                if (!known && run.before.status().equals(BulkProgress.DONE)) {
                    throw otherBody();
                }
                if (!line.isBlank()) {
                    run.tooMany = run.recipients >= maxRecipients;
                    run.recipients++;
                    if (!known && !run.tooMany) {
                        lines.add(line);
                        bytes += line.bytes() == null ? 0 : line.bytes().length;
                    }
                }
            }
        } catch (IOException e) {
            throw new ApiException(400, "bad-request", "The body could not be read to its end.");
        }
        if (!run.tooMany) {
            mark(run);
        }
        run.batch = lines;
        return !lines.isEmpty() || run.tooMany;
    }

    /** Where a repeat would go on; not behind a line that is one too many. */
    private static void mark(BulkRun run) {
        run.markedLines = run.reader.lines();
        run.markedDigest = run.reader.digest();
    }

    /** In: a batch. Out: body a list of {@link QueueMessage}s, those of the lines that can be sent. */
    public void prepare(Exchange exchange) {
        ApiCall call = ApiCall.of(exchange);
        BulkRun run = call.bulk;
        List<QueueMessage> messages = new ArrayList<>();
        run.refusedOfBatch = 0;
        try (ProducerTemplate template = exchange.getContext().createProducerTemplate()) {
            for (LineReader.Line line : run.batch) {
                Exchange one = line.bytes() == null ? null : prepare(template, call, line);
                if (one == null) {
                    refused(run, line, new ApiException(413, "too-large", "The line has more than " + maxLineBytes
                            + " bytes (whatsapp.api.bulk.max-line-bytes)."));
                } else if (one.getException() == null) {
                    messages.add(one.getMessage().getBody(QueueMessage.class));
                } else if (one.getException(WhatsAppException.class) != null) {
                    refused(run, line, one.getException());
                } else {
                    throw new IllegalStateException("A line of a bulk could not be prepared", one.getException());
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        run.acceptedOfBatch = messages.size();
        exchange.getMessage().setBody(messages);
    }

    private Exchange prepare(ProducerTemplate template, ApiCall call, LineReader.Line line) {
        String id = call.id + '-' + line.number() + '-'
                + HexFormat.of().formatHex(ApiCall.sha256().digest(line.bytes())).substring(0, DIGITS);
        return template.send(PREPARE, one -> {
            one.getMessage().setBody(line.bytes());
            one.getMessage().setHeader(OutboundHeaders.ID, id);
            one.getMessage().setHeader(OutboundHeaders.BULK, "true");
            if (call.phoneNumberId != null) {
                one.getMessage().setHeader(UpdateHeaders.PHONE_NUMBER_ID, call.phoneNumberId);
            }
        });
    }

    private static void refused(BulkRun run, LineReader.Line line, Throwable why) {
        run.refusedOfBatch++;
        if (run.problems.size() < SHOWN_PROBLEMS) {
            Map<String, Object> problem = new LinkedHashMap<>();
            problem.put("line", line.number());
            problem.putAll(Problem.of(why).members());
            run.problems.add(problem);
        }
    }

    /** Notes that the batch is on disk. */
    public void stored(Exchange exchange) {
        BulkRun run = ApiCall.of(exchange).bulk;
        BulkProgress now = run.now;
        keep(run, new BulkProgress(now.id(), BulkProgress.RUNNING, now.reader(), run.markedDigest, clock.millis(),
                run.markedLines, now.accepted() + run.acceptedOfBatch, now.refused() + run.refusedOfBatch,
                List.copyOf(run.problems)));
        run.batch = List.of();
    }

    /**
     * In: a bulk that was read to its end. Out: body what became of it, a map.
     *
     * @throws ApiException 422 if the key belongs to another body
     */
    public void finish(Exchange exchange) {
        BulkRun run = ApiCall.of(exchange).bulk;
        boolean wasDone = run.before.status().equals(BulkProgress.DONE);
        int lines = run.reader.lines();
        if (lines < run.before.lines() || wasDone && !run.reader.digest().equals(run.before.digest())) {
            throw otherBody();
        }
        if (wasDone) {
            run.now = run.before;
        } else {
            BulkProgress now = run.now;
            keep(run, new BulkProgress(now.id(), BulkProgress.DONE, now.reader(), run.reader.digest(), clock.millis(), lines,
                    now.accepted(), now.refused(), now.problems()));
        }
        exchange.getMessage().setBody(run.now.answer());
    }

    /** Notes that a bulk was not read to its end; never fails. */
    public void stop(Exchange exchange) {
        ApiCall call = ApiCall.of(exchange);
        if (call != null && call.bulk != null && !call.bulk.before.status().equals(BulkProgress.DONE)) {
            BulkRun run = call.bulk;
            try {
                keep(run, run.now.as(BulkProgress.STOPPED, run.now.reader(), clock.millis()));
            } catch (RuntimeException e) {
                LOG.warn("The end of a bulk could not be noted: {}", e.getClass().getName());
            }
        }
    }

    /** In: an id of a bulk, or the idempotency key it was sent with. Out: body how far it is, a map. */
    public void progress(Exchange exchange) {
        ApiCall call = ApiCall.of(exchange);
        String kept = call.named.isEmpty() || !call.mayKnow(call.named) ? null : bulks.get(call.named);
        if (kept == null && !call.named.isEmpty()) {
            kept = bulks.get(call.bulkId(call.named));
        }
        if (kept == null) {
            throw ApiMessages.unknown();
        }
        exchange.getMessage().setBody(BulkProgress.read(kept).answer());
    }

    private void keep(BulkRun run, BulkProgress next) {
        String text = next.write();
        if (!bulks.replace(next.id(), run.kept, text)) {
            throw inProgress();
        }
        run.kept = text;
        run.now = next;
    }

    private static ApiException inProgress() {
        return new ApiException(409, "in-progress", "Another request with this idempotency key is being read. Ask for its progress"
                + " at /api/bulk/{id}.", "Idempotency-Key");
    }

    private static ApiException otherBody() {
        return new ApiException(422, "other-body", "This idempotency key was used with another bulk in the last 24 hours."
                + " Use a new key for a new bulk.", "Idempotency-Key");
    }
}
