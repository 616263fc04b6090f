package io.github.waroutes.setting;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** Every property that the gateway has, and the simulator's if that is there: their one description, {@code settings.json}. */
public final class Settings {

    private static final List<String> FILES = List.of("whatsapp/settings.json", "whatsapp/simulator/settings.json");
    private static final LevenshteinDistance DISTANCE = LevenshteinDistance.getDefaultInstance();
    private static final Pattern OURS = Pattern.compile("whatsapp\\..+");
    private static final Pattern VARIABLE = Pattern.compile("WHATSAPP_.+");
    /** What Kubernetes and Docker put into the environment for a service that is called whatsapp-something. */
    private static final Pattern SERVICE = Pattern.compile("WHATSAPP_.*_(?:SERVICE_(?:HOST|PORT.*)|PORT|PORT_\\d+_(?:TCP|UDP|SCTP).*)|WHATSAPP_PORT.*|"
            + "WHATSAPP_SERVICE_(?:HOST|PORT.*)");

    /** What a number, account or app may be called: it is part of a key, and of the name of a variable. */
    public static final Pattern NUMBER_NAME = Pattern.compile("[a-z][a-z0-9-]{0,31}");
    private static final Pattern NUMBER_KEY = Pattern.compile("whatsapp\\.numbers\\.([^.]+)\\.(.+)");
    private static final String NUMBER_VARIABLE = "WHATSAPP_NUMBERS_";
    private static final Settings ALL = read();

    private final List<Section> sections;
    private final List<String> messageTypes;
    private final Map<String, Setting> byName = new LinkedHashMap<>();
    private final Map<String, Setting> byVariable = new LinkedHashMap<>();
    private final Map<String, Setting> byNumberKey = new LinkedHashMap<>();

    /** Settings that belong together. */
    public record Section(String title, List<Setting> settings) {
    }

    private Settings(List<Section> sections, List<String> messageTypes) {
        this.sections = List.copyOf(sections);
        this.messageTypes = List.copyOf(messageTypes);
        sections.forEach(section -> section.settings().forEach(setting -> {
            byName.put(setting.name(), setting);
            byVariable.put(setting.variable(), setting);
            if (setting.number() != null) {
                byNumberKey.put(setting.number(), setting);
            }
        }));
    }

    /** All of them, as the class path has them. They are read once: several parts of a start ask. */
    public static Settings load() {
        return ALL;
    }

    private static Settings read() {
        List<Section> sections = new ArrayList<>();
        List<String> types = new ArrayList<>();
        ObjectMapper json = new ObjectMapper();
        for (String file : FILES) {
            try (InputStream in = Settings.class.getClassLoader().getResourceAsStream(file)) {
                for (JsonNode section : in == null ? json.createArrayNode() : json.readTree(in).path("sections")) {
                    List<Setting> settings = new ArrayList<>();
                    for (JsonNode setting : section.path("settings")) {
                        settings.addAll(read(json, (ObjectNode) setting, types));
                    }
                    sections.add(new Section(section.path("title").asText(), List.copyOf(settings)));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(file, e);
            }
        }
        return new Settings(sections, types);
    }

    /** One setting, or, if it has a list of message types, one for each of them. */
    private static List<Setting> read(ObjectMapper json, ObjectNode setting, List<String> types) throws IOException {
        JsonNode each = setting.remove("types");
        if (each == null) {
            return List.of(json.treeToValue(setting, Setting.class));
        }
        List<Setting> settings = new ArrayList<>();
        for (JsonNode type : each) {
            types.add(type.asText());
            settings.add(json.readValue(setting.toString().replace("{type}", type.asText()), Setting.class));
        }
        return settings;
    }

    /** Meta's message types that users send; each has its {@code whatsapp.on.TYPE}. */
    public List<String> messageTypes() {
        return messageTypes;
    }

    /** In the order in which people read them. */
    public List<Section> sections() {
        return sections;
    }

    public Stream<Setting> all() {
        return byName.values().stream();
    }

    public Optional<Setting> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** The setting that has this short key for one number. */
    public Optional<Setting> ofNumber(String shortKey) {
        return Optional.ofNullable(byNumberKey.get(shortKey));
    }

    /** The short keys of all settings that one number may have of its own. */
    public Set<String> numberKeys() {
        return Collections.unmodifiableSet(byNumberKey.keySet());
    }

    /** The numbers that right keys {@code whatsapp.numbers.NAME.KEY}, or right variables, name. */
    public Set<String> numberNames(Set<String> keys, Set<String> variables) {
        Set<String> names = new TreeSet<>();
        keys.stream().map(NUMBER_KEY::matcher).filter(key -> key.matches() && isOfNumber(key.group(1), key.group(2)))
                .forEach(key -> names.add(key.group(1)));
        variables.stream().map(this::numberOfVariable).filter(name -> name != null).forEach(names::add);
        return names;
    }

    private boolean isOfNumber(String name, String shortKey) {
        return NUMBER_NAME.matcher(name).matches() && !"default".equals(name) && byNumberKey.containsKey(shortKey);
    }

    /** Null if it is no variable of a number. The longest key wins, as names have no end that one could see. */
    private String numberOfVariable(String variable) {
        if (!variable.startsWith(NUMBER_VARIABLE)) {
            return null;
        }
        String rest = variable.substring(NUMBER_VARIABLE.length());
        return byNumberKey.keySet().stream().filter(key -> rest.endsWith('_' + Setting.variable(key))).max(Comparator.comparingInt(String::length))
                .map(key -> rest.substring(0, rest.length() - key.length() - 1).toLowerCase(Locale.ROOT).replace('_', '-'))
                .filter(name -> NUMBER_NAME.matcher(name).matches() && !"default".equals(name)).orElse(null);
    }

    /** The same key, with a right name or key in it if only that is wrong; for a sentence about it. */
    private String nearestOf(String key) {
        Matcher number = NUMBER_KEY.matcher(key);
        if (!number.matches()) {
            return nearest(key, byName.keySet());
        }
        if (!NUMBER_NAME.matcher(number.group(1)).matches() || "default".equals(number.group(1))) {
            return ": a number's name has small letters, digits and hyphens, and is not default.";
        }
        String prefix = key.substring(0, number.start(2));
        return nearest(key, byNumberKey.keySet().stream().map(prefix::concat).collect(Collectors.toSet()));
    }

    /**
     * Names that look like ours and are none, each with the nearest that is.
     *
     * @param keys      property names, also those of others
     * @param variables names of environment variables, also those of others
     * @return a sentence each
     */
    public List<String> unknown(Set<String> keys, Set<String> variables) {
        Stream<String> wrongKeys = keys.stream().filter(key -> OURS.matcher(key).matches() && !byName.containsKey(key)
                && numberNames(Set.of(key), Set.of()).isEmpty()).map(key -> key + " is no setting" + nearestOf(key));
        Stream<String> wrongVariables = variables.stream()
                .filter(name -> VARIABLE.matcher(name).matches() && !SERVICE.matcher(name).matches() && !byVariable.containsKey(name)
                        && numberOfVariable(name) == null)
                .map(name -> "the variable " + name + " is no setting" + nearest(name, byVariable.keySet()));
        return Stream.concat(wrongKeys, wrongVariables).sorted().toList();
    }

    /** The end of a sentence about a wrong name: the nearest right one, if there is one near. */
    public static String nearest(String wrong, Set<String> names) {
        return names.stream().min(Comparator.comparingInt((String name) -> DISTANCE.apply(wrong, name)))
                .filter(name -> DISTANCE.apply(wrong, name) <= Math.max(3, wrong.length() / 4))
                .map(name -> "; did you mean " + name + '?').orElse(".");
    }
}
