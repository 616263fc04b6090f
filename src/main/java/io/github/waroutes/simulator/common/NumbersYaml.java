package io.github.waroutes.simulator.common;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A file of numbers in the shape of the gateway's: {@code apps}, {@code accounts} and {@code numbers}, each a map by name; a number has
 * what its account has, and that what its app has. Keys that only the gateway knows are ignored, so that both can read one file.
 */
final class NumbersYaml {

    private NumbersYaml() {
    }

    /**
     * @param resolve fills placeholders in
     * @return values by their keys, by the number's name
     * @throws IllegalArgumentException that names the file, and never shows a value
     */
    static Map<String, Map<String, String>> read(String file, UnaryOperator<String> resolve) {
        Map<?, ?> root;
        try {
            root = new Load(LoadSettings.builder().build()).loadFromString(Files.readString(Path.of(file))) instanceof Map<?, ?> map ? map : Map.of();
        } catch (IOException e) {
            throw new IllegalArgumentException("whatsapp.simulator.numbers.file cannot be read: " + file, e);
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException("whatsapp.simulator.numbers.file is not valid YAML: " + file);
        }
        Map<String, Map<String, String>> numbers = new LinkedHashMap<>();
        section(root, "numbers").forEach((name, values) -> {
            Map<String, String> own = flat(values, resolve);
            Map<String, String> account = named(file, root, "accounts", own.get("account"), resolve);
            String app = own.getOrDefault("app", account.get("app"));
            Map<String, String> all = new LinkedHashMap<>(named(file, root, "apps", app, resolve));
            account.forEach((key, value) -> all.put(key.equals("id") ? "account-id" : key, value));
            all.putAll(own);
            numbers.put(String.valueOf(name), all);
        });
        return numbers;
    }

    private static Map<?, ?> section(Map<?, ?> root, String title) {
        return root.get(title) instanceof Map<?, ?> map ? map : Map.of();
    }

    private static Map<String, String> named(String file, Map<?, ?> root, String section, String name, UnaryOperator<String> resolve) {
        if (name == null) {
            return Map.of();
        }
        if (!section(root, section).containsKey(name)) {
            throw new IllegalArgumentException("whatsapp.simulator.numbers.file " + file + " has no " + name + " in " + section);
        }
        return flat(section(root, section).get(name), resolve);
    }

    private static Map<String, String> flat(Object values, UnaryOperator<String> resolve) {
        Map<String, String> flat = new LinkedHashMap<>();
        if (values instanceof Map<?, ?> map) {
            map.forEach((key, value) -> {
                if (value != null && !(value instanceof Map)) {
                    flat.put(String.valueOf(key), resolve.apply(String.valueOf(value)).strip());
                }
            });
        }
        return flat;
    }
}
