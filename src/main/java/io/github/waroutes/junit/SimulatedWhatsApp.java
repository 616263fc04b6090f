package io.github.waroutes.junit;

import io.github.waroutes.simulator.Simulator;
import io.github.waroutes.simulator.common.SimulatedNumber;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.opentest4j.AssertionFailedError;

/**
 * A simulated Cloud API, for the time of a test: what the application has to be configured with, its users, and Graph.
 * Thread-safe.
 *
 * <pre>{@code
 * try (SimulatedWhatsApp whatsapp = SimulatedWhatsApp.start()) {
 *     int port = startMyApplication(whatsapp.graphUrl(), whatsapp.accessToken(), whatsapp.appSecret());
 *     whatsapp.webhookPort(port);
 *     SimulatedUser kim = whatsapp.newUser("Kim");
 *     kim.sends("hello");
 *     kim.receives("Hello! How can I help?");
 * }
 * }</pre>
 */
public final class SimulatedWhatsApp implements AutoCloseable {

    /** Long enough for statuses and their repetitions, with the delays that tests have. */
    private static final Duration SETTLING = Duration.ofSeconds(3);

    private final Simulator simulator;
    private final String webhookPath;
    private final Duration patience;
    private final SimulatedGraph graph;
    private final Map<String, SimulatedUser> users = new ConcurrentHashMap<>();
    private final AtomicInteger people = new AtomicInteger();
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private volatile String webhookUrl;

    private SimulatedWhatsApp(Builder settings) {
        webhookPath = settings.webhookPath;
        webhookUrl = settings.webhookUrl;
        patience = settings.patience;
        simulator = settings.simulator.start();
        graph = new SimulatedGraph(simulator);
    }

    /** Starts one with what {@link WhatsAppSimulator} has as defaults. */
    public static SimulatedWhatsApp start() {
        return builder().start();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** What it starts with; the defaults are those of {@link WhatsAppSimulator}. */
    public static final class Builder {

        private final Simulator.Builder simulator = Simulator.builder().statusDelay(Duration.ofMillis(10))
                .webhookRetryDelay(Duration.ofMillis(50));
        private String webhookPath = "/webhook";
        private String webhookUrl;
        private Duration patience = Duration.ofSeconds(10);

        private Builder() {
        }

        /** The settings of the simulator itself: number, token, templates, limits, delays. */
        public Simulator.Builder simulator() {
            return simulator;
        }

        /** The path of the application's webhook, for {@link SimulatedWhatsApp#webhookPort(int)}. */
        public Builder webhookPath(String path) {
            if (!path.startsWith("/")) {
                throw new IllegalArgumentException("webhookPath must start with a slash, such as /webhook");
            }
            webhookPath = path;
            return this;
        }

        /** The full address of the application's webhook, if it is known already. */
        public Builder webhookUrl(String url) {
            simulator.webhookUrl(url);
            webhookUrl = url;
            return this;
        }

        /** How long people wait for what they expect. */
        public Builder patience(Duration patience) {
            this.patience = Objects.requireNonNull(patience);
            return this;
        }

        public SimulatedWhatsApp start() {
            return new SimulatedWhatsApp(this);
        }
    }

    /** Where the simulator is: {@code http://127.0.0.1:PORT}. */
    public String url() {
        return simulator.url();
    }

    /** What takes the place of {@code https://graph.facebook.com}; the version comes after it. */
    public String graphUrl() {
        return simulator.graphUrl();
    }

    /** The full address of a transcription server, as OpenAI's, that understands the users' voice messages. */
    public String transcriptionUrl() {
        return simulator.transcriptionUrl();
    }

    public String accessToken() {
        return simulator.accessToken();
    }

    /** What webhooks are signed with. */
    public String appSecret() {
        return simulator.appSecret();
    }

    public String verifyToken() {
        return simulator.verifyToken();
    }

    public String phoneNumberId() {
        return simulator.phoneNumberId();
    }

    public String accountId() {
        return simulator.accountId();
    }

    /**
     * What the routes of whatsapp-cloud-routes are configured with, as their properties: for Camel Main's
     * {@code addOverrideProperty}, for {@code CamelContext}'s properties component, or for Spring's {@code DynamicPropertyRegistry}.
     */
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("whatsapp.phone-number-id", phoneNumberId());
        settings.put("whatsapp.access-token", accessToken());
        settings.put("whatsapp.app-secret", appSecret());
        settings.put("whatsapp.verify-token", verifyToken());
        settings.put("whatsapp.graph.url", graphUrl());
        settings.put("whatsapp.media.allowed-hosts", "127.0.0.1");
        settings.put("whatsapp.transcription.url", transcriptionUrl());
        numbers().forEach(number -> settings.putAll(number.settings()));
        return settings;
    }

    /** The application's webhook is at this port of this machine. */
    public SimulatedWhatsApp webhookPort(int port) {
        return webhookUrl("http://127.0.0.1:" + port + webhookPath);
    }

    /** The application's webhook is at this address, which must be on this machine. */
    public SimulatedWhatsApp webhookUrl(String url) {
        simulator.webhookUrl(url);
        webhookUrl = url;
        return this;
    }

    /** Where webhooks go, or null while nobody has said. */
    String webhookUrl() {
        return webhookUrl;
    }

    HttpClient http() {
        return http;
    }

    /** Graph as the application sees it: what it was sent, and what shall go wrong. */
    public SimulatedGraph graph() {
        return graph;
    }

    /**
     * The person with this phone number or business-scoped user id; the same object for the same person and
     * name.
     *
     * @param phoneOrUserId such as 15555550101, +1 555 555 0101 or US.13491208655302741918
     */
    public SimulatedUser user(String name, String phoneOrUserId) {
        return user(name, phoneOrUserId, number(SimulatedNumber.FIRST));
    }

    SimulatedUser user(String name, String phoneOrUserId, SimulatedBusinessNumber number) {
        String key = SimulatedUser.keyOf(phoneOrUserId);
        return users.computeIfAbsent(key + ' ' + number.name() + ' ' + name,
                all -> new SimulatedUser(this, simulator, patience, number, name, key));
    }

    /** Somebody new, with a made-up phone number. */
    public SimulatedUser newUser(String name) {
        return newUser(name, number(SimulatedNumber.FIRST));
    }

    SimulatedUser newUser(String name, SimulatedBusinessNumber number) {
        return user(name, "1555%07d".formatted(5_000_000 + people.incrementAndGet()), number);
    }

    /**
     * A number of the business.
     *
     * @param name or the phone number id
     * @throws IllegalArgumentException that tells the names there are
     */
    public SimulatedBusinessNumber number(String name) {
        return new SimulatedBusinessNumber(this, simulator, simulator.number(name).name());
    }

    /** All numbers of the business, the first at first. */
    public List<SimulatedBusinessNumber> numbers() {
        return simulator.numbers().stream().map(number -> new SimulatedBusinessNumber(this, simulator, number.name())).toList();
    }

    /**
     * Waits until the application has been told every status of what it sent so far.
     *
     * @throws AssertionError when its webhook does not take them within the patience
     */
    public void tellsAllStatuses() {
        if (!simulator.awaitIdle(patience)) {
            throw new AssertionFailedError("The webhook " + webhookUrl + " did not take all statuses within " + patience.toMillis()
                    + " ms");
        }
    }

    /**
     * Forgets all conversations, files, faults, calls, created templates, states of tokens, numbers and apps, and callbacks of an account or a number.
     * The webhook's address stays.
     */
    public void reset() {
        simulator.reset(SETTLING);
        users.values().forEach(SimulatedUser::forget);
    }

    @Override
    public void close() {
        simulator.close();
    }
}
