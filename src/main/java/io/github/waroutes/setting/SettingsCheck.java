package io.github.waroutes.setting;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks the whole configuration before anything uses it, and stops the start with all that is wrong with it. */
public final class SettingsCheck {

    private static final Logger LOG = LoggerFactory.getLogger(SettingsCheck.class);
    private static final String UNKNOWN = "whatsapp.settings.unknown";

    private final Settings settings = Settings.load();

    /**
     * Checks what the properties component, the environment and the system properties hold; nothing needs to be started.
     *
     * @throws SettingsException if anything is wrong
     */
    public static void check(CamelContext context) {
        new SettingsCheck().check(context, System.getenv(), System.getProperties());
    }

    /**
     * As {@link #check(CamelContext)}, for a host with names of its own for a variable.
     *
     * @param variables names of environment variables; those that are neither a setting's nor a number's, and look like one, are wrong
     * @throws SettingsException if anything is wrong
     */
    public static void check(CamelContext context, Set<String> variables) {
        new SettingsCheck().check(context, variables, System.getProperties());
    }

    void check(CamelContext context, Map<String, String> environment, Properties system) {
        check(context, environment.keySet(), system);
    }

    private void check(CamelContext context, Set<String> variables, Properties system) {
        Properties properties = context.getPropertiesComponent().loadProperties(name -> name.startsWith("whatsapp."));
        Set<String> keys = new TreeSet<>(properties.stringPropertyNames());
        keys.addAll(system.stringPropertyNames());
        List<String> problems = new ArrayList<>();
        settings.all().forEach(setting -> valueProblem(context, setting).ifPresent(problems::add));
        // a number's own values, and what it must have
        for (String name : settings.numberNames(keys, variables)) {
            String prefix = "whatsapp.numbers." + name + '.';
            settings.numberKeys().forEach(key -> valueProblem(context, settings.ofNumber(key).orElseThrow().as(prefix + key)).ifPresent(problems::add));
            if (value(context, prefix + "phone-number-id").isEmpty()) {
                problems.add(prefix + "phone-number-id is not set. The number " + name + " needs it: "
                        + settings.ofNumber("phone-number-id").orElseThrow().wanted() + '.');
            }
        }
        List<String> unknown = settings.unknown(keys, variables);
        String mode = value(context, UNKNOWN).orElse("refuse");
        if ("warn".equals(mode)) {
            unknown.forEach(LOG::warn);
        } else if (!"allow".equals(mode) && !unknown.isEmpty()) {
            problems.addAll(unknown);
        }
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
    }

    private Optional<String> valueProblem(CamelContext context, Setting setting) {
        String value;
        try {
            value = context.resolvePropertyPlaceholders("{{?" + setting.name() + "}}");
        } catch (RuntimeException e) {
            // of another property, or of a vault
            return Optional.of(setting.name() + " refers to what there is not: " + e.getMessage());
        }
        String problem = setting.problem(value);
        if (problem == null && setting.type() == Setting.Type.DIRECTORY && isUsed(context, setting.name())) {
            problem = directoryProblem(setting.name(), value == null ? setting.defaultValue() : value.strip());
        }
        if (problem == null && setting.needs() != null && value != null && !value.isBlank() && !setting.unless().contains(value.strip())
                && value(context, setting.needs()).isEmpty()) {
            problem = setting.name() + " is " + value.strip() + ", and " + setting.needs() + " is not set. It is needed: "
                    + settings.find(setting.needs()).orElseThrow().wanted() + '.';
        }
        return Optional.ofNullable(problem);
    }

    private static Optional<String> value(CamelContext context, String name) {
        String value = context.resolvePropertyPlaceholders("{{?" + name + "}}");
        return Optional.ofNullable(value).map(String::strip).filter(given -> !given.isEmpty());
    }

    /** The embedded broker's and the outcomes' are not where a broker elsewhere, or Redis, has these. */
    private static boolean isUsed(CamelContext context, String name) {
        return switch (name) {
            case "whatsapp.broker.directory" -> value(context, "whatsapp.broker.url").map(url -> url.startsWith("vm:")).orElse(true);
            case "whatsapp.outcome.directory" -> value(context, "whatsapp.redis.url").isEmpty();
            default -> true;
        };
    }

    private static String directoryProblem(String name, String value) {
        if (value.isEmpty()) {
            return null;
        }
        Path directory = Path.of(value).toAbsolutePath();
        Path there = directory;
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        if (there == null || !Files.isDirectory(there)) {
            return name + ' ' + value + " cannot be made: " + there + " is no directory. Give a directory that this process may write to.";
        }
        return Files.isWritable(there) ? null
                : name + ' ' + value + " cannot be written to. Give a directory that this process may write to.";
    }
}
