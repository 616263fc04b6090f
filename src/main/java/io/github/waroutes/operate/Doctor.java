package io.github.waroutes.operate;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

import io.github.waroutes.number.BusinessNumber;
import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.setting.Loopback;
import io.github.waroutes.setting.Settings;
import io.github.waroutes.setting.SettingsCheck;
import io.github.waroutes.setting.SettingsException;
import org.apache.camel.CamelContext;

/**
 * Looks at everything that a gateway with this configuration needs, without starting one: the configuration, directories, broker, Redis,
 * hops, the clock, and each number at Meta ({@link MetaCheck}). It sends no message and changes nothing.
 */
final class Doctor {

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration READ = Duration.ofSeconds(10);
    private static final Duration CLOCK = Duration.ofSeconds(60);
    private static final Set<String> WITH_SERVER = Set.of("openai", "rasa");

    private final List<Finding> findings = new ArrayList<>();
    private final Settings settings = Settings.load();
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).build();
    private final CamelContext context;
    private final String callback;

    /** How it is. */
    enum State {
        OK, WARN, FAIL
    }

    /**
     * One line.
     *
     * @param state how it is
     * @param about what was looked at
     * @param text  how it is in words, and what to do if it is not right
     */
    record Finding(State state, String about, String text) {
    }

    /**
     * @param context  its properties component has the configuration; it is not started
     * @param callback an address that the handshake is done with besides those that Meta has, or null
     */
    Doctor(CamelContext context, String callback) {
        this.context = context;
        this.callback = callback;
    }

    List<Finding> examine() {
        NumberSettings numbers = configuration();
        lookAt("directories", this::places);
        lookAt("broker", this::broker);
        lookAt("redis", () -> reach("redis", setting("whatsapp.redis.url"), "Start Redis there, or take whatsapp.redis.url out: state is then in this process."));
        lookAt("transcription", () -> reach("transcription", setting("whatsapp.transcription.url"),
                "Start the server, or voice messages fail; without whatsapp.transcription.url they are answered as not handled."));
        String understanding = setting("whatsapp.understanding");
        if (WITH_SERVER.contains(understanding)) {
            lookAt("understanding", () -> reach("understanding", setting("whatsapp.understanding." + understanding + ".url"), "Start the server, or texts are not answered."));
        }
        lookAt("clock", this::clock);
        if (numbers != null) {
            CallbackProbe probe = new CallbackProbe(uri -> isHere(uri) && (uri.toString().equals(callback) || isHere(URI.create(setting("whatsapp.graph.url")))));
            MetaCheck meta = new MetaCheck(http, this::setting, this::add, probe);
            if (callback != null) {
                numbers.registry().all().stream().collect(Collectors.toMap(BusinessNumber::app, BusinessNumber::verifyToken, (first, other) -> first, LinkedHashMap::new))
                        .forEach((app, token) -> meta.callback("app " + app + ", callback given", "", callback, token));
            }
            numbers.registry().all().forEach(number -> lookAt("number " + number.name(), () -> meta.look(number)));
        }
        return findings;
    }

    /** A setting that is wrong is said of the configuration; what it stands for cannot be looked at then. */
    private void lookAt(String about, Runnable check) {
        try {
            check.run();
        } catch (RuntimeException e) {
            add(State.WARN, about, "It was not looked at: its settings are not right, see configuration.");
        }
    }

    /** Null if the numbers cannot be read. */
    private NumberSettings configuration() {
        int before = findings.size();
        try {
            SettingsCheck.check(context);
        } catch (SettingsException e) {
            e.getProblems().forEach(problem -> add(State.FAIL, "configuration", problem));
        }
        NumberSettings numbers = new NumberSettings();
        numbers.setCamelContext(context);
        try {
            numbers.read();
        } catch (SettingsException e) {
            if (findings.size() == before) {
                e.getProblems().forEach(problem -> add(State.FAIL, "configuration", problem));
            }
            return null;
        }
        if (findings.size() == before) {
            int count = numbers.registry().all().size();
            add(State.OK, "configuration", count + (count == 1 ? " number: " : " numbers: ") + NumberSettings.names(numbers.registry().all()));
        }
        numbers.close();
        return numbers;
    }

    private void places() {
        if (isEmbedded()) {
            place("whatsapp.broker.directory", Long.parseLong(setting("whatsapp.broker.min-free")));
        }
        if (setting("whatsapp.redis.url").isEmpty()) {
            place("whatsapp.outcome.directory", 0);
        }
    }

    private void place(String key, long minFree) {
        Path place = Path.of(setting(key)).toAbsolutePath();
        Path there = place;
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        try {
            if (there == null || !Files.isDirectory(there) || !Files.isWritable(there)) {
                add(State.FAIL, key, place + " cannot be written. Give the gateway's user the right to, or another directory.");
            } else if (Files.getFileStore(there).getUsableSpace() < minFree) {
                add(State.FAIL, key, "The disk of " + place + " has less than whatsapp.broker.min-free left: no webhook is taken. Make room.");
            } else {
                add(State.OK, key, place + ", " + (Files.getFileStore(there).getUsableSpace() >> 20) + " MiB free");
            }
        } catch (IOException e) {
            add(State.FAIL, key, place + " cannot be looked at: " + e.getMessage());
        }
    }

    private boolean isEmbedded() {
        String url = setting("whatsapp.broker.url");
        return url.isEmpty() || url.startsWith("vm:");
    }

    /** Whether it is this machine. */
    private static boolean isHere(URI uri) {
        String host = uri.getHost();
        return host != null && Loopback.isHost(host.toLowerCase(Locale.ROOT));
    }

    private void broker() {
        if (!isEmbedded()) {
            for (String one : setting("whatsapp.broker.url").replaceAll("[()]|\\?.*", "").split(",")) {
                reach("broker", one.strip(), "Start the broker there, or correct whatsapp.broker.url.");
            }
        }
    }

    private void reach(String about, String url, String toDo) {
        if (url.isEmpty()) {
            return;
        }
        URI uri = URI.create(url);
        int port = uri.getPort() > 0 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : uri.getScheme().startsWith("redis") ? 6379 : 80;
        String place = uri.getHost() + ':' + port;
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(uri.getHost(), port), (int) CONNECT.toMillis());
            add(State.OK, about, place + " can be connected to");
        } catch (IOException | IllegalArgumentException e) {
            add(State.FAIL, about, place + " cannot be connected to. " + toDo);
        }
    }

    private void clock() {
        try {
            HttpResponse<Void> answer = http.send(HttpRequest.newBuilder(URI.create(setting("whatsapp.graph.url") + "/")).timeout(READ)
                    .method("HEAD", HttpRequest.BodyPublishers.noBody()).build(), HttpResponse.BodyHandlers.discarding());
            String date = answer.headers().firstValue("Date").orElse(null);
            if (date == null) {
                add(State.OK, "graph", "It answers; it does not say what time it is");
                return;
            }
            Duration ahead = Duration.between(ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant(), Instant.now());
            if (ahead.abs().compareTo(CLOCK) > 0) {
                add(State.FAIL, "clock", "It is " + ahead.abs().toSeconds() + " s " + (ahead.isNegative() ? "behind" : "ahead of") + " Meta's. Set it by NTP: windows and limits are reckoned by it.");
            } else {
                add(State.OK, "clock", "As Meta's");
            }
        } catch (IOException | DateTimeParseException e) {
            add(State.FAIL, "graph", "whatsapp.graph.url " + setting("whatsapp.graph.url") + " does not answer. Let the gateway out to it, over a proxy or a firewall's rule.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String setting(String key) {
        String value = context.resolvePropertyPlaceholders("{{?" + key + "}}");
        return value != null ? value.strip() : settings.find(key).orElseThrow().defaultValue();
    }

    private void add(State state, String about, String text) {
        findings.add(new Finding(state, about, text));
    }
}
