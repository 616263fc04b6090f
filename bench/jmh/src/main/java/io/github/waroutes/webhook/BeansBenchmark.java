package io.github.waroutes.webhook;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import io.github.bucket4j.TimeMeter;
import io.github.waroutes.delivery.DeliveryTracker;
import io.github.waroutes.error.ErrorKind;
import io.github.waroutes.error.GraphErrorCatalogue;
import io.github.waroutes.error.GraphErrorTranslator;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.limit.LimitSettings;
import io.github.waroutes.limit.Limits;
import io.github.waroutes.limit.LocalLimitState;
import io.github.waroutes.limit.Reservation;
import io.github.waroutes.limit.SendRequest;
import io.github.waroutes.send.Outcomes;
import io.github.waroutes.state.StateStores;
import io.github.waroutes.update.Update;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What single beans of a message's way cost, without Camel and without waiting. In this package because the verifier's own method is not public. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class BeansBenchmark {

    private static final String SECRET = "bench-secret";
    private static final String NUMBER = "106540352242922";
    private static final int USERS = 10_000;

    private final byte[] one = webhook(1);
    private final byte[] hundred = webhook(100);
    private final WebhookVerifier verifier = new WebhookVerifier();
    private final UpdateSplitter splitter = new UpdateSplitter();
    private final GraphErrorCatalogue catalogue = GraphErrorCatalogue.load();
    private final GraphErrorTranslator translator = new GraphErrorTranslator(catalogue);
    private final byte[] refusal = ("{\"error\":{\"message\":\"(#131056) Pair rate limit hit\",\"type\":\"OAuthException\",\"code\":131056,"
            + "\"error_data\":{\"messaging_product\":\"whatsapp\",\"details\":\"Too many messages\"},\"fbtrace_id\":\"A1b2C3\"}}").getBytes(StandardCharsets.UTF_8);
    private final int[] codes = catalogue.kinds().stream().mapToInt(ErrorKind::from).toArray();
    private final SendRequest[] requests = new SendRequest[USERS];
    private String signature;
    private Limits limits;
    private Path directory;
    private Outcomes outcomes;
    private int next;

    @Setup
    public void prepare() throws GeneralSecurityException, IOException {
        ((ch.qos.logback.classic.Logger) org.slf4j.LoggerFactory.getLogger("ROOT")).setLevel(ch.qos.logback.classic.Level.WARN);
        verifier.setAppSecrets(SECRET);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        signature = "sha256=" + HexFormat.of().formatHex(mac.doFinal(one));
        LimitSettings settings = new LimitSettings();
        settings.setMessagesPerSecond(1_000_000_000);
        settings.setPairBurst(1_000_000_000);
        limits = new Limits(new LocalLimitState(TimeMeter.SYSTEM_MILLISECONDS), settings);
        for (int i = 0; i < USERS; i++) {
            requests[i] = new SendRequest(NUMBER, String.valueOf(15_550_000_000L + i), "102290129340398", false, true, false);
        }
        StateStores stores = new StateStores();
        directory = Files.createTempDirectory("jmh");
        outcomes = new Outcomes(stores, new DeliveryTracker(stores, 100_000, 30), directory.toString(), 100_000, 30, 600);
    }

    @TearDown
    public void end() throws IOException {
        outcomes.close();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static byte[] webhook(int messages) {
        String message = "{\"from\":\"15555550101\",\"from_user_id\":\"US.13491208655550101\",\"id\":\"wamid.HBgLMTU1NTU1NTAxMDEVAgASGBQzQUFCMEUw%d\","
                + "\"timestamp\":\"1764400000\",\"text\":{\"body\":\"what are your opening hours on saturday?\"},\"type\":\"text\"}";
        List<String> all = Stream.iterate(0, i -> i + 1).limit(messages).map(i -> String.format(message, i)).toList();
        return ("{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"102290129340398\",\"changes\":[{\"value\":{\"messaging_product\":\"whatsapp\","
                + "\"metadata\":{\"display_phone_number\":\"15550783881\",\"phone_number_id\":\"" + NUMBER + "\"},\"contacts\":[{\"profile\":{\"name\":\"Kim Example\"},"
                + "\"wa_id\":\"15555550101\"}],\"messages\":[" + String.join(",", all) + "]},\"field\":\"messages\"}]}]}").getBytes(StandardCharsets.UTF_8);
    }

    @Benchmark
    public WebhookVerifier.Verdict signature() {
        return verifier.verify(one, signature);
    }

    @Benchmark
    public List<Update> splitOne() {
        return splitter.split(one);
    }

    @Benchmark
    public List<Update> splitHundred() {
        return splitter.split(hundred);
    }

    @Benchmark
    public ErrorKind catalogueLookup() {
        return catalogue.lookup(codes[next = (next + 1) % codes.length]);
    }

    /** An answer of Graph that refuses a send, as a typed exception. */
    @Benchmark
    public WhatsAppException refusal() {
        return translator.fromResponse(429, Map.of(), refusal, Map.of());
    }

    @Benchmark
    public Reservation limiterReserve() {
        return limits.reserve(requests[next = (next + 1) % USERS]);
    }

    /** What is known of a message that has not been sent yet. */
    @Benchmark
    public Outcomes.Answer sendVerdict() {
        return outcomes.ask("api-5f0c2a", NUMBER);
    }
}
