package io.github.waroutes.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.error.Causes;
import io.github.waroutes.operate.StartFailure;
import io.github.waroutes.simulator.cloud.Account;
import io.github.waroutes.simulator.common.Json;
import io.github.waroutes.simulator.common.LoopbackOnly;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.common.SimulatedNumber;
import io.github.waroutes.simulator.people.Conversations;
import io.github.waroutes.simulator.webhook.Callbacks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.main.SimpleMainShutdownStrategy;

/**
 * The simulator alone: a Cloud API on a port of this machine, with no gateway beside it. It reads no property file, no
 * environment variable and no system property, so that the configuration of the embedding application does not reach it.
 * Thread-safe.
 */
public final class Simulator implements AutoCloseable {

    private static final String ROUTES = "classpath:routes/simulator/*.camel.yaml";
    private static final String HOST = "127.0.0.1";
    private static final int TRIES = 10;
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final long POLL_MILLIS = 5;
    private static final Duration LAST_WEBHOOK = Duration.ofSeconds(2);

    private final Builder settings;
    private final GraphCallRecorder calls;
    private final Main main;
    private final Stores stores;
    private final int port;

    private Simulator(Builder settings, GraphCallRecorder calls, Main main, int port) {
        this.settings = settings;
        this.calls = calls;
        this.main = main;
        this.stores = main.getCamelContext().getRegistry().lookupByNameAndType(Stores.BEAN, Stores.class);
        this.port = port;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** What a simulator starts with; everything has a default. */
    public static final class Builder {

        private final Map<String, String> properties = new LinkedHashMap<>();
        private final List<RoutesBuilder> routes = new ArrayList<>();
        private int port;
        private boolean recordCalls = true;
        private String verifyToken = "simulated-verify-token";

        private Builder() {
            phoneNumberId("106540352242922").accountId("102290129340398").displayPhoneNumber("15550783881")
                    .accessToken("simulated-access-token").appSecret("simulated-app-secret").templates("hello_world:en_US")
                    .statusDelay(Duration.ofMillis(200)).webhookRetryDelay(Duration.ofMillis(500)).limits(false)
                    .messagesPerSecond(80).tier(250);
            property("whatsapp.simulator.numbers", "");
            property("whatsapp.simulator.numbers.file", "");
            property("whatsapp.simulator.verify-token", "");
            property("whatsapp.simulator.window", "off");
            property("whatsapp.simulator.appsecret-proof", "false");
            property("whatsapp.simulator.status-spread", "0.5");
            property("whatsapp.simulator.seed", "1");
            property("whatsapp.simulator.calls-per-hour", "5000");
            property("whatsapp.simulator.max-media-bytes", 64 << 20);
            property("whatsapp.simulator.max-conversations", 1000);
            property("whatsapp.simulator.max-messages", 1000);
        }

        /** The port on 127.0.0.1; 0, the default, takes a free one. */
        public Builder port(int port) {
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("the port must be a number from 0 to 65535");
            }
            this.port = port;
            return this;
        }

        /** The business phone number's id. */
        public Builder phoneNumberId(String phoneNumberId) {
            return digits("whatsapp.phone-number-id", phoneNumberId);
        }

        /** The WhatsApp Business Account's id. */
        public Builder accountId(String accountId) {
            return digits("whatsapp.simulator.account-id", accountId);
        }

        /** The business phone number, digits only. */
        public Builder displayPhoneNumber(String displayPhoneNumber) {
            return digits("whatsapp.simulator.display-phone-number", displayPhoneNumber);
        }

        /** The access token of the first number. */
        public Builder accessToken(String accessToken) {
            return property("whatsapp.access-token", accessToken);
        }

        /** The app secret, with which webhooks are signed. */
        public Builder appSecret(String appSecret) {
            return property("whatsapp.app-secret", appSecret);
        }

        /**
         * More numbers beside the first.
         *
         * @param numbers each {@code name=phoneNumberId}, and after it, with {@code :} before each, its display number, account id, app,
         *                token and secret; what is left out is as for a number of the same account or app, or the first
         */
        public Builder numbers(String... numbers) {
            return property("whatsapp.simulator.numbers", String.join(",", numbers));
        }

        /** More numbers from a YAML file in the shape of the gateway's {@code whatsapp.numbers.file}. */
        public Builder numbersFile(String file) {
            return property("whatsapp.simulator.numbers.file", file);
        }

        /** The verify token of the webhook handshake. */
        public Builder verifyToken(String verifyToken) {
            this.verifyToken = Objects.requireNonNull(verifyToken);
            return this;
        }

        /** As {@link #verifyToken}, and no webhook goes out before the callback has answered the handshake, as at Meta. */
        public Builder handshake(String verifyToken) {
            verifyToken(verifyToken);
            return property("whatsapp.simulator.verify-token", verifyToken);
        }

        /** Where webhooks go: an http address on this machine. It can be set later ({@link Simulator#webhookUrl(String)}). */
        public Builder webhookUrl(String url) {
            LoopbackOnly.requireLocal("the webhook's address", url);
            return property("whatsapp.simulator.webhook-url", url);
        }

        /** Templates that are approved at the start, each {@code name:language}. */
        public Builder templates(String... templates) {
            for (String template : templates) {
                if (!template.matches("[a-z0-9_]{1,512}:[a-z]{2,3}(_[A-Z]{2,3})?")) {
                    throw new IllegalArgumentException("a template must be given as name:language, such as hello_world:en_US");
                }
            }
            return property("whatsapp.simulator.templates", String.join(",", templates));
        }

        /** The delay before each status of a message. */
        public Builder statusDelay(Duration delay) {
            return property("whatsapp.simulator.status-delay", delay.toMillis());
        }

        /** The delay before a webhook that was not answered with 200 is sent again; doubling, four times. */
        public Builder webhookRetryDelay(Duration delay) {
            return property("whatsapp.simulator.webhook-retry-delay", delay.toMillis());
        }

        /** Whether Meta's limits are enforced. */
        public Builder limits(boolean limits) {
            return property("whatsapp.simulator.limits", limits);
        }

        /** Whether Graph calls without {@code appsecret_proof} are refused, as in an app with "Require App Secret". */
        public Builder appSecretProof(boolean required) {
            return property("whatsapp.simulator.appsecret-proof", required);
        }

        /** The number's throughput, when limits are enforced. */
        public Builder messagesPerSecond(int messages) {
            return property("whatsapp.simulator.messages-per-second", messages);
        }

        /** How many users the business may write to first within 24 h, when limits are enforced. */
        public Builder tier(int users) {
            return property("whatsapp.simulator.tier", users);
        }

        /** Whether calls are recorded for {@link Simulator#calls()}; a long run may do without. */
        Builder recordCalls(boolean recordCalls) {
            this.recordCalls = recordCalls;
            return this;
        }

        /** Any other property of the routes. */
        Builder property(String key, Object value) {
            properties.put(key, Objects.requireNonNull(value, key).toString());
            return this;
        }

        /** Routes beside the simulator's. */
        Builder routes(RoutesBuilder more) {
            routes.add(more);
            return this;
        }

        private Builder digits(String key, String value) {
            if (!value.matches("[0-9]{1,32}")) {
                throw new IllegalArgumentException(key + " must be digits only");
            }
            return property(key, value);
        }

        /**
         * Starts it.
         *
         * @throws IllegalStateException when the port is taken, or a setting cannot be used
         */
        public Simulator start() {
            if (port != 0 && !isFree(port)) {
                throw taken(port, null);
            }
            for (int attempt = 1; ; attempt++) {
                int chosen = port == 0 ? freePort() : port;
                GraphCallRecorder calls = new GraphCallRecorder(Clock.systemUTC());
                Main main = newMain(chosen, calls);
                try {
                    main.start();
                    Simulator simulator = new Simulator(this, calls, main, chosen);
                    simulator.requireItsPort();
                    return simulator;
                } catch (Exception e) {
                    main.stop();
                    boolean taken = Causes.find(BindException.class, e) != null;
                    // another process can take a free port before this one does
                    if (!taken || port != 0 || attempt == TRIES) {
                        throw taken ? taken(chosen, e) : new IllegalStateException(StartFailure.explain(e), e);
                    }
                }
            }
        }

        private static IllegalStateException taken(int port, Exception cause) {
            return new IllegalStateException("port " + port + " is in use by another process: choose another one, or 0 for a free one",
                    cause);
        }

        private static boolean isFree(int port) {
            try (ServerSocket socket = new ServerSocket()) {
                socket.setReuseAddress(true);
                socket.bind(new InetSocketAddress(HOST, port));
                return true;
            } catch (IOException e) {
                return false;
            }
        }

        private Main newMain(int chosen, GraphCallRecorder calls) {
            Main main = new Main();
            // whoever starts it stops it; Camel's own strategy leaves a hook in the JVM that keeps each simulator in memory to the end
            main.setShutdownStrategy(new SimpleMainShutdownStrategy());
            main.setPropertyPlaceholderLocations("false");
            main.configure().withAutoConfigurationEnvironmentVariablesEnabled(false)
                    .withAutoConfigurationSystemPropertiesEnabled(false).withAutoConfigurationLogSummary(false)
                    .withBasePackageScanEnabled(false)
                    .withName("whatsapp-simulator-" + chosen).withJmxEnabled(false).withShutdownTimeout(2)
                    .withAdditionalSensitiveKeywords("appsecret,verifytoken");
            // an override, as a host's MicroProfile configuration would have its routes loaded here otherwise
            main.addOverrideProperty("camel.main.routesIncludePattern", ROUTES);
            main.addOverrideProperty("camel.main.startupSummaryLevel", "Off");
            main.addOverrideProperty("camel.server.enabled", "true");
            main.addOverrideProperty("camel.server.host", HOST);
            main.addOverrideProperty("camel.server.port", Integer.toString(chosen));
            // a document of 100 MB may be uploaded
            main.addOverrideProperty("camel.server.maxBodySize", Integer.toString(101 << 20));
            main.addOverrideProperty("camel.management.enabled", "false");
            propertiesOn(chosen).forEach(main::addOverrideProperty);
            routes.forEach(main.configure()::addRoutesBuilder);
            main.addMainListener(new MainListenerSupport() {
                @Override
                public void beforeConfigure(BaseMainSupport started) {
                    // environment variables and system properties would override what is set here
                    PropertiesComponent placeholders = (PropertiesComponent) started.getCamelContext().getPropertiesComponent();
                    placeholders.setSystemPropertiesMode(PropertiesComponent.SYSTEM_PROPERTIES_MODE_NEVER);
                    placeholders.setEnvironmentVariableMode(PropertiesComponent.ENVIRONMENT_VARIABLES_MODE_NEVER);
                }

                @Override
                public void afterConfigure(BaseMainSupport started) {
                    started.getCamelContext().addRoutePolicyFactory(calls);
                }
            });
            return main;
        }

        /** Sets every property that the routes read, so that none comes from the embedding application's configuration. */
        Map<String, String> propertiesOn(int chosen) {
            String url = "http://" + HOST + ':' + chosen;
            Map<String, String> all = new LinkedHashMap<>();
            all.put("whatsapp.graph.url", url + "/graph");
            all.put("whatsapp.simulator.public-url", url);
            all.put("whatsapp.simulator.webhook-url", url + "/webhook");
            all.putAll(properties);
            return all;
        }

        private static int freePort() {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
                return socket.getLocalPort();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Camel 4.17.0 only logs that another process has the port, and runs on without its server. */
    private void requireItsPort() throws IOException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(graphUrl() + "/v26.0/0")).timeout(ANSWER).build();
        try {
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(ANSWER).build()
                    .send(request, HttpResponse.BodyHandlers.discarding());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while it started", e);
        } catch (IOException e) {
            throw (BindException) new BindException("nothing of ours answers on port " + port).initCause(e);
        }
        if (calls.list().isEmpty()) {
            throw new BindException("somebody else answers on port " + port);
        }
        if (settings.recordCalls) {
            calls.clear();
        } else {
            calls.stop();
        }
    }

    public int port() {
        return port;
    }

    /** Its base address, without a slash at the end: {@code http://127.0.0.1:PORT}. */
    public String url() {
        return "http://" + HOST + ':' + port;
    }

    /** The address to use in place of {@code https://graph.facebook.com}; the version follows it. */
    public String graphUrl() {
        return url() + "/graph";
    }

    /** The full address of a transcription server that understands the simulator's voice messages. */
    public String transcriptionUrl() {
        return url() + "/simulator/v1/audio/transcriptions";
    }

    public String phoneNumberId() {
        return settings.properties.get("whatsapp.phone-number-id");
    }

    public String accountId() {
        return settings.properties.get("whatsapp.simulator.account-id");
    }

    public String displayPhoneNumber() {
        return settings.properties.get("whatsapp.simulator.display-phone-number");
    }

    public String accessToken() {
        return stores.numbers().first().accessTokens().get(0);
    }

    public String appSecret() {
        return settings.properties.get("whatsapp.app-secret");
    }

    public String verifyToken() {
        return settings.verifyToken;
    }

    /** Where webhooks go from now on: an http address on this machine. */
    public void webhookUrl(String url) {
        LoopbackOnly.requireLocal("the webhook's address", url);
        stores.callbacks().set(Callbacks.Scope.APP, stores.numbers().first(), url);
    }

    /** Every request of the application so far, in order of arrival; the last 10,000, or 64 MiB. */
    public List<GraphCall> calls() {
        return calls.list();
    }

    /**
     * The conversation with a user, as {@link Conversations#conversation} describes it.
     *
     * @param user digits of a phone number, or a business-scoped user id
     */
    public JsonNode conversation(String user) {
        return conversation(stores.numbers().first(), user);
    }

    /** The conversation of a user with this number. */
    public JsonNode conversation(SimulatedNumber number, String user) {
        Conversations conversations = stores.conversations().of(number);
        return conversations.conversation(Recipient.of(user).map(conversations::known).map(Recipient::key).orElse(user));
    }

    /** All numbers, the first number first. */
    public List<SimulatedNumber> numbers() {
        return stores.numbers().all();
    }

    /**
     * A number as it is now.
     *
     * @param name or the phone number id
     * @throws IllegalArgumentException that lists the existing names
     */
    public SimulatedNumber number(String name) {
        return refusable(() -> stores.numbers().named(name));
    }

    /** The number's token, and with it that of all numbers that have the same, is answered 190 with subcode 463 from now on. */
    public void expireToken(SimulatedNumber number) {
        stores.numbers().expire(number, true);
    }

    /** The number, and all that have the same token, have this one from now on; the old one has expired. */
    public void renewToken(SimulatedNumber number, String token) {
        stores.numbers().renew(number, token);
    }

    /** Graph knows the number's token, and with it that of all numbers that have the same, no longer. */
    public void invalidateToken(SimulatedNumber number) {
        stores.numbers().invalidate(number, true);
    }

    /** The number's token has these permissions, and no others. */
    public void permit(SimulatedNumber number, List<String> scopes) {
        stores.numbers().permit(number, scopes);
    }

    /** The number's token expires after this time. */
    public void expireToken(SimulatedNumber number, Duration after) {
        stores.numbers().expireIn(number, after);
    }

    /**
     * What Graph says of a number, as {@code POST /simulator/numbers/{name}/state} does.
     *
     * @throws IllegalArgumentException that names what is wrong
     */
    public void changeState(SimulatedNumber number, ObjectNode state) {
        refusable(() -> stores.cloud().states().change(number, state));
    }

    /** Whether the number's account is subscribed to its app. */
    public void subscribed(SimulatedNumber number, boolean is) {
        stores.cloud().account().subscribed(number, is);
    }

    /** The webhook fields that the number's app is subscribed to; none: it has no callback. */
    public void subscribe(SimulatedNumber number, Set<String> fields) {
        stores.callbacks().subscribe(number, fields);
    }

    /**
     * Puts a template there, in place of one of its name and language.
     *
     * @param status such as APPROVED; null: there is none from now on
     * @param body   the text of its body
     * @throws IllegalArgumentException that names what is wrong
     */
    public void template(SimulatedNumber number, String name, String language, String status, String body) {
        refusable(() -> {
            stores.cloud().templates().of(number).set(name, language, status, body);
            return null;
        });
    }

    /** How far Graph's clock is ahead of this machine's; negative: behind. */
    public void clockAhead(Duration ahead) {
        stores.cloud().clock().setAhead(ahead);
    }

    /**
     * Adds a fault, as {@code POST /simulator/faults} does.
     *
     * @return it, with its {@code id}
     * @throws IllegalArgumentException that names what is wrong
     */
    public JsonNode addFault(ObjectNode fault) {
        return refusable(() -> stores.faults().add(fault));
    }

    /**
     * Replaces an earlier fault; its count of hits stays.
     *
     * @throws IllegalArgumentException that names what is wrong, or when the earlier one is gone
     */
    public JsonNode replaceFault(int id, ObjectNode fault) {
        return refusable(() -> stores.faults().replace(id, fault));
    }

    /** Removes a fault, if it is still there. */
    public void removeFault(int id) {
        stores.faults().remove(id);
    }

    /** The faults and their hits, as {@code GET /simulator/faults} shows them. */
    public JsonNode faults() {
        return stores.faults().list();
    }

    public void clearFaults() {
        stores.faults().clear();
    }

    public void forgetCalls() {
        calls.clear();
    }

    /**
     * Resets it to its state at the start: the configured numbers and tokens, no conversation, file, fault or call, the configured
     * templates, unused limits, no callback of an account or a number. The apps' callbacks stay. Waits at most this long for webhooks that
     * are under way, so that they do not arrive after the reset.
     */
    public void reset(Duration atMost) {
        awaitIdle(atMost);
        stores.reset();
        calls.clear();
    }

    /**
     * Waits until all pending statuses have been sent and all requests are answered.
     *
     * @return false when that took longer than this
     */
    public boolean awaitIdle(Duration atMost) {
        long end = System.nanoTime() + atMost.toNanos();
        while (!isIdle()) {
            if (System.nanoTime() >= end) {
                return false;
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }

    /** Whether no request is under way and no status is pending. */
    private boolean isIdle() {
        // in this order: a finished request has counted its pending statuses
        return main.getCamelContext().getInflightRepository().size() == 0 && stores.owed().isNone();
    }

    /** Stops it. Pending webhooks are dropped. */
    @Override
    public void close() {
        if (main.getCamelContext() != null && main.getCamelContext().isStarted()) {
            stores.pool().end();
            // Camel polls for exchanges in flight once a second, with warnings
            awaitIdle(LAST_WEBHOOK);
        }
        main.stop();
    }

    CamelContext camel() {
        return main.getCamelContext();
    }

    private static <T> T refusable(Supplier<T> change) {
        try {
            return change.get();
        } catch (Refusal e) {
            throw new IllegalArgumentException(Json.object(e.getBody().getBytes(StandardCharsets.UTF_8))
                    .map(body -> body.path("error").asText()).orElse(e.getMessage()), e);
        }
    }
}
