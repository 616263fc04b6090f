package io.github.waroutes.operate;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.waroutes.error.Masking;
import io.github.waroutes.number.BusinessNumber;
import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.setting.Settings;
import io.github.waroutes.setting.SettingsCheck;
import io.github.waroutes.setting.SettingsException;
import org.apache.camel.CamelContext;

/**
 * Looks at everything that a gateway with this configuration needs, without starting one: the configuration, directories, broker, Redis,
 * hops, the clock, and each number at Meta (Graph API: phone number, {@code debug_token}, {@code subscribed_apps}). It sends nothing and changes
 * nothing.
 */
final class Doctor {

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration READ = Duration.ofSeconds(10);
    private static final Duration CLOCK = Duration.ofSeconds(60);
    private static final Duration EXPIRES_SOON = Duration.ofDays(7);
    private static final int EXPIRED = 190;
    private static final List<String> SCOPES = List.of("whatsapp_business_messaging", "whatsapp_business_management");
    private static final String FIELDS = "status,quality_rating,throughput,whatsapp_business_manager_messaging_limit,health_status";
    private static final Set<String> WITH_SERVER = Set.of("openai", "rasa");

    private final List<Finding> findings = new ArrayList<>();
    private final Settings settings = Settings.load();
    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).build();
    private final CamelContext context;

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

    /** @param context its properties component has the configuration; it is not started */
    Doctor(CamelContext context) {
        this.context = context;
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
            numbers.registry().all().forEach(number -> lookAt("number " + number.name(), () -> number(number)));
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

    private void number(BusinessNumber number) {
        String about = "number " + number.name();
        JsonNode answer = graph(about, number, number.phoneNumberId() + "?fields=" + FIELDS,
                "Give the token access to the number (Business settings, System users), or correct the phone-number-id.");
        if (answer == null) {
            return;
        }
        String health = answer.at("/health_status/can_send_message").asText("AVAILABLE");
        String how = answer.path("status").asText("status unknown") + ", quality " + answer.path("quality_rating").asText("unknown") + ", throughput "
                + answer.at("/throughput/level").asText("unknown") + ", limit " + answer.path("whatsapp_business_manager_messaging_limit").asText("unknown");
        if (!"CONNECTED".equals(answer.path("status").asText("CONNECTED"))) {
            add(State.FAIL, about, how + ". Connect it in the WhatsApp Manager, or register it (POST /{phone_number_id}/register).");
        } else if ("BLOCKED".equals(health)) {
            add(State.FAIL, about, how + ", but it cannot send: " + reasons(answer) + " See the WhatsApp Manager: payment, review or restriction.");
        } else if ("LIMITED".equals(health) || "RED".equals(answer.path("quality_rating").asText())) {
            add(State.WARN, about, how + ". " + reasons(answer) + " See its quality in the WhatsApp Manager.");
        } else {
            add(State.OK, about, how);
        }
        token(about + ", token", number);
    }

    private static String reasons(JsonNode answer) {
        return StreamSupport.stream(answer.at("/health_status/entities").spliterator(), false).flatMap(entity -> StreamSupport.stream(
                entity.path("errors").spliterator(), false)).map(error -> error.path("error_description").asText() + ' ' + error.path("possible_solution").asText())
                .collect(Collectors.joining(" "));
    }

    private void token(String about, BusinessNumber number) {
        JsonNode answer = graph(about, number, "debug_token?input_token=" + URLEncoder.encode(number.accessToken(), StandardCharsets.UTF_8),
                "Make a token of a system user of the app.");
        if (answer == null) {
            return;
        }
        JsonNode data = answer.path("data");
        List<String> missing = SCOPES.stream().filter(scope -> StreamSupport.stream(data.path("scopes").spliterator(), false)
                .noneMatch(one -> one.asText().equals(scope))).toList();
        long expires = data.path("expires_at").asLong();
        Duration left = Duration.between(Instant.now(), Instant.ofEpochSecond(expires));
        if (!data.path("is_valid").asBoolean()) {
            add(State.FAIL, about, "It is not valid. Renew it.");
        } else if (!missing.isEmpty()) {
            add(State.FAIL, about, "It has not " + String.join(", ", missing) + ". Make one that has (Business settings, System users).");
        } else if (expires > 0 && left.compareTo(EXPIRES_SOON) < 0) {
            add(State.WARN, about, "It expires in " + Math.max(0, left.toHours()) + " hours. Make a system user's token that does not.");
        } else {
            add(State.OK, about, expires > 0 ? "Valid until " + Instant.ofEpochSecond(expires) : "Valid, and does not expire");
        }
        if (number.accountId() != null && !number.accountId().isBlank()) {
            subscription("number " + number.name() + ", webhooks", number, data.path("app_id").asText());
        }
    }

    private void subscription(String about, BusinessNumber number, String app) {
        JsonNode answer = graph(about, number, number.accountId() + "/subscribed_apps", "Correct the account-id, or give the token access to the account.");
        if (answer == null) {
            return;
        }
        boolean subscribed = StreamSupport.stream(answer.path("data").spliterator(), false)
                .anyMatch(one -> app.isEmpty() || one.at("/whatsapp_business_api_data/id").asText().equals(app));
        if (subscribed) {
            add(State.OK, about, "The account is subscribed to the app");
        } else {
            add(State.FAIL, about, "The account is not subscribed to the app, so no webhook comes. POST /" + number.accountId() + "/subscribed_apps with the token.");
        }
    }

    /** Null if it is not answered as it should be, which is a finding. */
    private JsonNode graph(String about, BusinessNumber number, String path, String toDo) {
        URI uri = URI.create(setting("whatsapp.graph.url").replaceFirst("/$", "") + '/' + setting("whatsapp.graph.version") + '/' + path);
        try {
            HttpResponse<String> answer = http.send(HttpRequest.newBuilder(uri).timeout(READ).header("Authorization", "Bearer " + number.accessToken())
                    .build(), HttpResponse.BodyHandlers.ofString());
            JsonNode body = read(answer.body());
            if (answer.statusCode() == 200) {
                return body;
            }
            JsonNode error = body.path("error");
            String what = error.isMissingNode() ? "HTTP " + answer.statusCode() : "Error " + error.path("code").asInt() + ", "
                    + Masking.text(error.path("message").asText()).replaceFirst("\\.$", "");
            add(State.FAIL, about, what + ". " + (error.path("code").asInt() == EXPIRED ? "Renew its access token." : toDo));
        } catch (IOException | IllegalArgumentException e) {
            add(State.FAIL, about, "Meta does not answer (whatsapp.graph.url).");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return null;
    }

    private JsonNode read(String text) {
        try {
            return json.readTree(text);
        } catch (IOException e) {
            return MissingNode.getInstance();
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
