package io.github.waroutes.simulator.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.cloud.AcceptedMessages;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.common.SimulatedNumbers;
import io.github.waroutes.simulator.fault.FaultPlan;
import io.github.waroutes.simulator.people.Conversations;
import io.github.waroutes.simulator.people.Users;
import io.github.waroutes.simulator.webhook.Deliveries;
import io.github.waroutes.simulator.webhook.Delivery;
import io.github.waroutes.simulator.webhook.WebhookSigner;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.DelayQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One load: a thread that posts webhooks asynchronously at the times of the {@link LoadSchedule}, and a {@link LoadLedger} that is told
 * of every answer. Its faults are active as long as it runs.
 */
final class LoadRun implements AcceptedMessages.Listener {

    private static final Logger LOG = LoggerFactory.getLogger(LoadRun.class);
    /** The first of 100000 made-up phone numbers, apart from those of the examples. */
    private static final long FIRST_USER = 15_552_000_000L;
    private static final String[] WORDS = {"When do you open on Saturday?", "Where is my order?", "Do you deliver?",
        "Thank you!", "Can I change my address?"};
    private static final int IN_FLIGHT = 256;
    private static final int RETRIES = 4;
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(20);
    private static final long TICK = TimeUnit.MILLISECONDS.toNanos(20);

    /** The parts of the simulator that a load works with. */
    record Surroundings(Users users, Conversations conversations, FaultPlan faults, Deliveries deliveries, WebhookSigner signer,
            AcceptedMessages accepted, SimulatedNumbers numbers) {
    }

    /** The phases of a load. */
    private enum Phase {
        RAMPING, TALKING, DRAINING, DONE, STOPPED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final LoadPlan plan;
    private final LoadSchedule schedule;
    private final LoadMarks marks;
    private final LoadLedger ledger;
    private final Surroundings around;
    private final URI webhook;
    private final long retryNanos;
    private final List<Integer> faults = new ArrayList<>();

    private final DelayQueue<Post> later = new DelayQueue<>();
    private final Semaphore free = new Semaphore(IN_FLIGHT);
    private final AtomicInteger underWay = new AtomicInteger();
    private final ExecutorService answers = Executors.newFixedThreadPool(2, work -> daemon(work, "simulator-load-http"));
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT_LIMIT)
            .executor(answers).build();
    private volatile Phase phase = Phase.RAMPING;
    private volatile boolean stopTalking;
    private volatile boolean stopWaiting;
    private volatile long began;
    private volatile long ended;

    /** A webhook to be posted at a time. */
    private final class Post implements Delayed {
        private final int number;
        private final String id;
        private final byte[] body;
        private final boolean genuine;
        private int copies;
        private int attempt;
        private boolean taken;
        private long at;

        Post(int number, String id, byte[] body, boolean genuine, int copies, long at) {
            this.number = number;
            this.id = id;
            this.body = body;
            this.genuine = genuine;
            this.copies = copies;
            this.at = at;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(at - now(), TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(at, ((Post) other).at);
        }
    }

    /**
     * @param webhook    where webhooks go
     * @param retryDelay before the first of four repetitions of a webhook, doubling
     * @throws Refusal 400 when a fault of the plan is wrong; then none is added
     */
    LoadRun(LoadPlan plan, Surroundings around, URI webhook, Duration retryDelay) {
        this.plan = plan;
        this.around = around;
        this.webhook = webhook;
        this.retryNanos = retryDelay.toNanos();
        this.schedule = new LoadSchedule(plan);
        this.marks = new LoadMarks(new SplittableRandom(new SecureRandom().nextLong()));
        this.ledger = new LoadLedger(plan.users(), schedule.total(), plan.exact(), schedule.rampNanos());
    }

    void start() {
        try {
            for (JsonNode fault : plan.faults()) {
                ObjectNode seeded = fault.deepCopy();
                if (!seeded.has("seed")) {
                    seeded.put("seed", plan.seed());
                }
                faults.add(around.faults().add(seeded).path("id").asInt());
            }
        } catch (Refusal wrong) {
            faults.forEach(around.faults()::remove);
            answers.shutdown();
            throw wrong;
        }
        around.accepted().listen(this);
        began = System.nanoTime();
        daemon(this::run, "simulator-load").start();
    }

    boolean isRunning() {
        return phase.compareTo(Phase.DONE) < 0;
    }

    /** The first call stops sending, the second stops waiting for answers too. */
    void stop() {
        stopWaiting = stopTalking;
        stopTalking = true;
    }

    /** Stops sending and waiting. */
    void end() {
        stopTalking = true;
        stopWaiting = true;
    }

    /** Ignores further answers. */
    void forget() {
        around.accepted().unlisten(this);
    }

    /** As docs/simulator-load.md describes it. */
    synchronized ObjectNode report() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", marks.tag()).put("state", phase.toString());
        json.put("elapsed_seconds", Math.round(((isRunning() ? System.nanoTime() : ended) - began) / 1e8) / 10.0);
        json.put("users", plan.users()).put("per_second", plan.perSecond()).put("seconds", plan.seconds())
                .put("ramp_seconds", plan.rampSeconds()).put("seed", plan.seed()).put("voice_share", plan.voiceShare())
                .put("answer", plan.exact() ? "echo" : "any").put("drain_seconds", plan.drainSeconds())
                .put("settle_seconds", plan.settleSeconds());
        ledger.writeTo(json);
        return json;
    }

    @Override
    public void accepted(Recipient user, JsonNode request, Integer failure) {
        int index = indexOf(user);
        if (index < 0) {
            return;
        }
        if (failure != null) {
            ledger.failed();
        } else {
            ledger.answered(index, marks.read(request), now());
        }
    }

    private int indexOf(Recipient user) {
        if (!user.isPhone() || user.key().length() != 11) {
            return -1;
        }
        long index = Long.parseLong(user.key()) - FIRST_USER;
        return index >= 0 && index < plan.users() ? (int) index : -1;
    }

    private void run() {
        boolean whole = false;
        try {
            whole = talk();
            phase = Phase.DRAINING;
            drain();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("The load broke off: {}", e.toString());
        } finally {
            faults.forEach(around.faults()::remove);
            finish(whole && !stopWaiting);
            answers.shutdown();
        }
    }

    /** Atomic, so that no report combines a verdict with a running load. */
    private synchronized void finish(boolean whole) {
        ledger.close();
        ended = System.nanoTime();
        phase = whole ? Phase.DONE : Phase.STOPPED;
    }

    /** @return whether everything was sent */
    private boolean talk() throws InterruptedException {
        int position = 0;
        // a business that accepts nothing must not block the load for ever
        long limit = TimeUnit.SECONDS.toNanos((long) plan.rampSeconds() + plan.seconds() + plan.drainSeconds());
        while (position < schedule.total() && !stopTalking && now() < limit) {
            long due = schedule.due(position);
            if (phase == Phase.RAMPING && due >= schedule.rampNanos()) {
                phase = Phase.TALKING;
            }
            Post again = later.poll(Math.min(TICK, Math.max(0, due - now())), TimeUnit.NANOSECONDS);
            if (again == null && now() < due) {
                continue;
            }
            if (!free.tryAcquire(TICK, TimeUnit.NANOSECONDS)) {
                if (again != null) {
                    later.add(again);
                }
                continue;
            }
            if (again == null) {
                again = say(due);
                position++;
            }
            if (again.at > now()) {
                later.add(again);
                free.release();
            } else {
                post(again);
            }
        }
        return position == schedule.total();
    }

    /** Waits until everything is answered and no more answers come, or there is no progress any more. */
    private void drain() throws InterruptedException {
        long from = now();
        while (!stopWaiting) {
            Post again = later.poll(TICK, TimeUnit.NANOSECONDS);
            if (again != null) {
                free.acquire();
                post(again);
                continue;
            }
            long quiet = now() - Math.max(from, ledger.lastEvent());
            boolean settled = underWay.get() == 0 && ledger.open() == 0;
            if (settled && quiet >= TimeUnit.SECONDS.toNanos(plan.settleSeconds())
                    || underWay.get() == 0 && quiet >= TimeUnit.SECONDS.toNanos(plan.drainSeconds())) {
                return;
            }
        }
    }

    private Post say(long due) {
        int number = schedule.nextNumber();
        boolean voice = schedule.nextIsVoice();
        String words = marks.mark(number) + ' ' + WORDS[schedule.nextOf(WORDS.length)];
        Recipient user = new Recipient(Long.toString(FIRST_USER + (number - 1) % plan.users()), true);
        Users.Said said = around.users().sayAs(user, marks.id(number),
                JsonNodeFactory.instance.objectNode().put(voice ? "voice" : "text", words));
        Delivery delivery = around.deliveries().to(user.key());
        // before it is posted, as the answer may be faster than this thread
        ledger.posted(number, due);
        if (!delivery.genuine()) {
            ledger.forged(number);
        }
        underWay.incrementAndGet();
        return new Post(number, said.messageIds().get(0), said.webhook(), delivery.genuine(), delivery.copies(),
                delivery.delayMillis() == 0 ? due : now() + TimeUnit.MILLISECONDS.toNanos(delivery.delayMillis()));
    }

    /** Posts it; the caller has one of {@link #free}. */
    private void post(Post post) {
        HttpRequest request = HttpRequest.newBuilder(webhook).timeout(ANSWER_LIMIT)
                .header("Content-Type", "application/json").header("User-Agent", "whatsapp-simulator")
                .header("X-Hub-Signature-256", post.genuine ? around.signer().sign(post.body, around.numbers().first())
                        : around.signer().forge(post.body, around.numbers().first()))
                .POST(HttpRequest.BodyPublishers.ofByteArray(post.body)).build();
        http.sendAsync(request, HttpResponse.BodyHandlers.discarding()).whenComplete((answer, failure) -> {
            free.release();
            answered(post, failure == null && answer.statusCode() == 200);
        });
    }

    private void answered(Post post, boolean taken) {
        if (taken) {
            post.taken = true;
            ledger.acknowledged(post.number, now());
            around.conversations().markDelivered(post.id);
        }
        if (!taken && post.genuine && post.attempt < RETRIES) {
            post.at = now() + (retryNanos << post.attempt);
            post.attempt++;
            later.add(post);
            return;
        }
        if (!taken) {
            ledger.refused(post.number, now());
            if (!post.taken) {
                around.conversations().setStatus(post.id, "undelivered");
            }
        }
        if (--post.copies > 0) {
            post.attempt = 0;
            post.at = now();
            later.add(post);
        } else {
            underWay.decrementAndGet();
        }
    }

    /** Nanoseconds since the load began. */
    private long now() {
        return System.nanoTime() - began;
    }

    private static Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }
}
