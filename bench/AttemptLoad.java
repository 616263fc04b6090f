import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import ch.qos.logback.classic.Level;
import io.github.waroutes.send.FileOutcomeJournal;
import io.github.waroutes.send.Outcome;
import io.github.waroutes.send.Verdict;
import org.slf4j.LoggerFactory;

/**
 * What it costs to note an attempt to send: so many threads at once each note one, on disk before it goes on, then what became of it, and
 * forget it, as a send that Meta takes does. Attempts a second, processor time of one, and how long one waits for the disk.
 * <p>
 * Run: {@code bench/attempts.sh}. Options: seconds of a round (default 5), threads (default 1, 32 and 64, in turn), the directory (a temporary
 * one; give one on the disk that counts).
 */
public class AttemptLoad {

    public static void main(String... args) throws Exception {
        ((ch.qos.logback.classic.Logger) LoggerFactory.getLogger("ROOT")).setLevel(Level.WARN);
        int seconds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
        int[] threads = args.length > 1 ? new int[] {Integer.parseInt(args[1])} : new int[] {1, 32, 64};
        Path directory = args.length > 2 ? Path.of(args[2]) : Files.createTempDirectory("attempt-load-");
        try (FileOutcomeJournal journal = new FileOutcomeJournal(directory, 100_000, Duration.ofDays(30))) {
            round(journal, 64, seconds);
            for (int count : threads) {
                System.out.println(round(journal, count, seconds));
            }
        }
    }

    private static final AtomicLong KEYS = new AtomicLong();

    private static String round(FileOutcomeJournal journal, int threads, int seconds) throws InterruptedException {
        AtomicLong done = new AtomicLong();
        AtomicLong waited = new AtomicLong();
        CountDownLatch ended = new CountDownLatch(threads);
        long cpu = processCpu();
        long begin = System.nanoTime();
        long end = begin + TimeUnit.SECONDS.toNanos(seconds);
        for (int i = 0; i < threads; i++) {
            new Thread(() -> {
                while (System.nanoTime() < end) {
                    String key = String.format("%032x", KEYS.incrementAndGet());
                    Outcome attempt = new Outcome(Instant.now(), Verdict.WAITING);
                    Outcome sent = new Outcome(attempt.since(), Verdict.SETTLED_SENT);
                    long from = System.nanoTime();
                    journal.replace(key, null, attempt);
                    waited.addAndGet(System.nanoTime() - from);
                    journal.note(key, attempt, sent);
                    journal.forget(key, sent);
                    done.incrementAndGet();
                }
                ended.countDown();
            }).start();
        }
        ended.await();
        double took = (System.nanoTime() - begin) / 1e9;
        return String.format("%2d at once: %.0f attempts a second, %.1f us of processor time each, on disk after %.2f ms", threads, done.get() / took,
                (processCpu() - cpu) / 1e3 / done.get(), waited.get() / 1e6 / done.get());
    }

    private static long processCpu() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }
}
