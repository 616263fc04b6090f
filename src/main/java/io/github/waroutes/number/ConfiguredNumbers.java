package io.github.waroutes.number;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

import io.github.waroutes.setting.CommaSeparated;
import io.github.waroutes.setting.SecretUrl;
import io.github.waroutes.setting.Settings;
import io.github.waroutes.setting.SettingsException;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The numbers that the configuration names: the first by the plain properties, others by {@code whatsapp.numbers.NAME.KEY} and by the file
 * {@code whatsapp.numbers.file}. The file is looked at again and again; what it says takes effect at once, all of it or nothing.
 */
public final class ConfiguredNumbers implements NumberRegistry, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ConfiguredNumbers.class);
    private static final String PREFIX = "whatsapp.numbers.";
    private static final String KEY = ".api-key";
    private static final long LOOK_MILLIS = 1_000;

    private final CamelContext context;
    private final Settings settings;
    private final BusinessNumber first;
    private final Map<String, Map<String, String>> byProperties;
    private final Path file;
    private ScheduledExecutorService watch;
    /** What the file held when it was last looked at, right or wrong. */
    private byte[] seen;
    /** Of all that were ever configured: the messages of one that was removed are still there. */
    private final Map<String, String> names = new ConcurrentHashMap<>();
    private volatile State state;
    private volatile Function<Collection<BusinessNumber>, Collection<String>> check = numbers -> List.of();

    private record State(List<BusinessNumber> all, Map<String, BusinessNumber> byId, Map<String, BusinessNumber> byName) {
    }

    /** @throws SettingsException with all that is wrong */
    public ConfiguredNumbers(CamelContext context, Settings settings) {
        this(context, settings, System.getenv());
    }

    ConfiguredNumbers(CamelContext context, Settings settings, Map<String, String> environment) {
        this.context = context;
        this.settings = settings;
        first = new BusinessNumber(BusinessNumber.FIRST, property("whatsapp.phone-number-id"), property("whatsapp.account-id"), BusinessNumber.FIRST,
                property("whatsapp.access-token"), CommaSeparated.values(property("whatsapp.app-secret")), property("whatsapp.verify-token"),
                Map.of());
        byProperties = byProperties(environment.keySet());
        String location = property("whatsapp.numbers.file");
        file = location.isEmpty() ? null : Path.of(location.replaceFirst("^file:(//)?", ""));
        seen = read();
        List<String> problems = new ArrayList<>();
        state = state(seen, problems);
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
        remember();
    }

    private void remember() {
        state.all.forEach(number -> names.put(number.phoneNumberId(), number.name()));
    }

    /** @param check tells what else is wrong with numbers that a changed file names; then it is refused as a broken one is */
    public void setCheck(Function<Collection<BusinessNumber>, Collection<String>> check) {
        this.check = check;
    }

    /** Begins to look at the file. */
    public synchronized void watch() {
        if (file != null && watch == null) {
            watch = context.getExecutorServiceManager().newSingleThreadScheduledExecutor(this, "whatsapp-numbers-file");
            watch.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public synchronized void close() {
        if (watch != null) {
            context.getExecutorServiceManager().shutdownNow(watch);
            watch = null;
        }
    }

    @Override
    public BusinessNumber first() {
        return first;
    }

    @Override
    public BusinessNumber byId(String phoneNumberId) {
        return state.byId.get(phoneNumberId);
    }

    @Override
    public BusinessNumber byName(String name) {
        return state.byName.get(name);
    }

    @Override
    public String nameOf(String phoneNumberId) {
        return names.get(phoneNumberId);
    }

    @Override
    public Collection<BusinessNumber> all() {
        return state.all;
    }

    @Override
    public boolean servesUnknown() {
        return file == null && byProperties.isEmpty();
    }

    /** Takes over what the file says now, if it is right; else one line tells, and nothing changes. */
    void look() {
        byte[] now = read();
        // by its content: a mounted secret is replaced without a new time, and an editor may write the same again
        if (Arrays.equals(now, seen)) {
            return;
        }
        seen = now;
        List<String> problems = new ArrayList<>();
        State next = state(now, problems);
        if (problems.isEmpty()) {
            problems.addAll(check.apply(next.all));
        }
        if (!problems.isEmpty()) {
            LOG.atWarn().addKeyValue("event", "whatsapp.numbers.refused").log("whatsapp.numbers.refused: the numbers stay as they were. {}{}",
                    problems.get(0), problems.size() == 1 ? "" : " (and " + (problems.size() - 1) + " more)");
            return;
        }
        Set<String> removed = new TreeSet<>(state.byName.keySet());
        removed.removeAll(next.byName.keySet());
        Set<String> added = new TreeSet<>(next.byName.keySet());
        added.removeAll(state.byName.keySet());
        state = next;
        remember();
        LOG.atInfo().addKeyValue("event", "whatsapp.numbers.changed").addKeyValue("numbers", next.all.size()).addKeyValue("added", added)
                .addKeyValue("removed", removed).log("whatsapp.numbers.changed");
    }

    private byte[] read() {
        try {
            return file == null ? new byte[0] : Files.readAllBytes(file);
        } catch (IOException e) {
            return null;
        }
    }

    private State state(byte[] content, List<String> problems) {
        Map<String, Map<String, String>> named = new LinkedHashMap<>(byProperties);
        if (content == null) {
            problems.add("whatsapp.numbers.file " + file + " cannot be read.");
        } else {
            NumbersFile reader = new NumbersFile(String.valueOf(file), settings, context::resolvePropertyPlaceholders);
            reader.read(new String(content, StandardCharsets.UTF_8)).forEach((name, values) -> {
                if (named.put(name, values) != null) {
                    problems.add(file + ": the number " + name + " is there and in the properties " + PREFIX + name + ".*.");
                }
            });
            problems.addAll(reader.problems());
        }
        List<BusinessNumber> all = new ArrayList<>();
        Map<String, BusinessNumber> byId = new LinkedHashMap<>();
        Map<String, BusinessNumber> byName = new LinkedHashMap<>();
        Map<String, String> appBySecret = new LinkedHashMap<>();
        add(first, all, byId, byName, problems);
        first.appSecrets().forEach(secret -> appBySecret.put(secret, first.app()));
        named.forEach((name, values) -> add(number(name, values, appBySecret), all, byId, byName, problems));
        all.forEach(number -> keysInTheClear(number, problems));
        return new State(List.copyOf(all), byId, byName);
    }

    private static void add(BusinessNumber number, List<BusinessNumber> all, Map<String, BusinessNumber> byId,
            Map<String, BusinessNumber> byName, List<String> problems) {
        BusinessNumber before = byId.put(number.phoneNumberId(), number);
        if (before != null && !number.phoneNumberId().isEmpty()) {
            problems.add("the numbers " + before + " and " + number + " have the same phone-number-id.");
        }
        byName.put(number.name(), number);
        all.add(number);
    }

    /** A key goes to its server over https, or to this machine; the gateway's goes to no server of a number's own. */
    private void keysInTheClear(BusinessNumber number, List<String> problems) {
        for (String key : settings.numberKeys().stream().filter(one -> one.endsWith(KEY)).map(one -> settings.ofNumber(one).orElseThrow().name()).toList()) {
            String server = key.substring(0, key.length() - KEY.length()) + ".url";
            String url = number.settings().getOrDefault(server, property(server));
            if (!url.isEmpty() && !number.secret(server, key, this::property).isEmpty()) {
                try {
                    SecretUrl.require(server, url);
                } catch (IllegalArgumentException e) {
                    problems.add(number == first ? e.getMessage() : "the number " + number + ": " + e.getMessage());
                }
            }
        }
    }

    /** Whoever shares a secret shares the app, whatever it is called. */
    private BusinessNumber number(String name, Map<String, String> values, Map<String, String> appBySecret) {
        List<String> secrets = values.containsKey("app-secret") ? CommaSeparated.values(values.get("app-secret")) : first.appSecrets();
        String app = secrets.stream().map(appBySecret::get).filter(known -> known != null).findFirst().orElse(values.getOrDefault("app", name));
        secrets.forEach(secret -> appBySecret.putIfAbsent(secret, app));
        Map<String, String> own = values.entrySet().stream().filter(entry -> settings.ofNumber(entry.getKey()).isPresent())
                .collect(Collectors.toMap(entry -> settings.ofNumber(entry.getKey()).orElseThrow().name(), Map.Entry::getValue));
        return new BusinessNumber(name, values.getOrDefault(NumbersFile.PHONE_NUMBER_ID, ""), values.get(NumbersFile.ACCOUNT_ID), app,
                values.getOrDefault("access-token", first.accessToken()), secrets,
                values.getOrDefault("verify-token", first.verifyToken()), own);
    }

    private Map<String, Map<String, String>> byProperties(Set<String> variables) {
        Set<String> keys = new TreeSet<>(context.getPropertiesComponent().loadProperties(key -> key.startsWith(PREFIX)).stringPropertyNames());
        keys.addAll(System.getProperties().stringPropertyNames());
        Map<String, Map<String, String>> numbers = new LinkedHashMap<>();
        for (String name : settings.numberNames(keys, variables)) {
            Map<String, String> values = new LinkedHashMap<>();
            for (String key : settings.numberKeys()) {
                String value = context.resolvePropertyPlaceholders("{{?" + PREFIX + name + '.' + key + "}}");
                if (value != null) {
                    values.put(key, value.strip());
                }
            }
            numbers.put(name, values);
        }
        return numbers;
    }

    private String property(String key) {
        String value = context.resolvePropertyPlaceholders("{{?" + key + "}}");
        return value == null ? "" : value.strip();
    }
}
