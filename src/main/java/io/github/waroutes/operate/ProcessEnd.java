package io.github.waroutes.operate;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens when only a restart helps: the log event {@code whatsapp.process.ended} says why, once, and the process ends with code
 * 70 (sysexits.h, EX_SOFTWARE), so that whoever watches it starts it again. In an application that is not ours to end it only says so.
 * The program binds one under {@value #NAME}.
 */
public final class ProcessEnd implements Consumer<String> {

    /** The name in the registry; look it up as a {@code Consumer} of the reason. */
    public static final String NAME = "whatsappProcessEnd";
    public static final int CODE = 70;

    private static final Logger LOG = LoggerFactory.getLogger("whatsapp");
    /** What still runs may take so long to stop; what hangs, as a broker without its disk does, is cut off. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final AtomicBoolean said = new AtomicBoolean();
    private final IntConsumer exit;

    ProcessEnd(IntConsumer exit) {
        this.exit = exit;
    }

    /** Ends this process. */
    public static ProcessEnd ending() {
        return ending(GRACE);
    }

    /** @param grace what still runs may take so long to stop */
    static ProcessEnd ending(Duration grace) {
        return new ProcessEnd(code -> exit(code, grace));
    }

    /** Only says why it should be ended. */
    public static ProcessEnd reporting() {
        return new ProcessEnd(code -> { });
    }

    /** @param reason one line for an operator, with no data of a user in it; only the first one counts */
    @Override
    public void accept(String reason) {
        if (said.compareAndSet(false, true)) {
            LOG.atError().addKeyValue("event", "whatsapp.process.ended").addKeyValue("reason", reason).log("whatsapp.process.ended");
            exit.accept(CODE);
        }
    }

    // in threads of their own: what stops waits for the threads that may have called this
    private static void exit(int code, Duration grace) {
        start("whatsapp-process-halt", () -> {
            try {
                Thread.sleep(grace.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            Runtime.getRuntime().halt(code);
        });
        start("whatsapp-process-end", () -> System.exit(code));
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }
}
