package io.github.waroutes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.setting.Setting;
import io.github.waroutes.setting.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The descriptions of the settings say what the route files read, and the guides' tables are made from them. */
class PropertiesTest {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{(whatsapp\\.[a-z.-]+)(?::((?:[^{}]|\\{\\{[^}]*}})*))?}}");
    /** A value of the number that the message is about. */
    private static final Pattern OF_NUMBER = Pattern.compile("(?:text\\('|isOn\\('|urlSetting: |keySetting: )(whatsapp\\.[a-z.-]+)");
    /** Not read by a route file: by the program, before there are any. */
    private static final List<String> PROGRAM = List.of("whatsapp.settings.unknown", "whatsapp.debug", "whatsapp.log.format", "whatsapp.numbers.file", "whatsapp.simulator.port", "whatsapp.demo.log");

    private final Settings settings = Settings.load();

    @Test
    void everyPropertyOfTheRoutesIsDescribedWithItsDefault() throws IOException {
        Map<String, String> wrong = new TreeMap<>();
        read().forEach((key, value) -> settings.find(key).ifPresentOrElse(setting -> {
            String described = setting.required() ? "" : setting.defaultValue();
            if (!described.equals(value)) {
                wrong.put(key, "is read with the default '" + value + "' and described with '" + described + "'");
            }
        }, () -> wrong.put(key, "is not described")));
        assertThat(wrong).isEmpty();
    }

    @Test
    void nothingIsDescribedThatNothingReads() throws IOException {
        TreeSet<String> unread = settings.all().map(Setting::name).collect(Collectors.toCollection(TreeSet::new));
        unread.removeAll(read().keySet());
        unread.removeAll(PROGRAM);
        assertThat(unread).isEmpty();
    }

    @Test
    void everyDefaultIsARightValue() {
        assertThat(settings.all().filter(setting -> !setting.required() && !setting.defaultValue().contains("{{"))
                .map(setting -> setting.problem(setting.defaultValue())).filter(problem -> problem != null)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/properties.md"})
    void theTablesOfTheGuidesAreMadeFromTheDescriptions(String guide) throws IOException {
        Generated.part(guide, "settings.json", PropertiesTest.class, guide.equals("README.md") ? common() : all());
    }

    @Test
    void theMetadataForEditorsIsMadeFromTheDescriptions() throws IOException {
        Generated.file("src/main/resources/META-INF/spring-configuration-metadata.json", metadata());
    }

    @Test
    void theSchemaOfTheNumbersFileIsMadeFromTheDescriptions() throws IOException {
        Generated.file("src/main/resources/whatsapp/schemas/numbers.json", numbersSchema());
    }

    private String numbersSchema() throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode root = json.createObjectNode().put("$schema", "https://json-schema.org/draft/2020-12/schema")
                .put("title", "The file whatsapp.numbers.file").put("type", "object").put("additionalProperties", false);
        Map<String, List<String>> links = Map.of("apps", List.of(), "accounts", List.of("app"), "numbers", List.of("account", "app"));
        Map<String, List<String>> without = Map.of("apps", List.of("phone-number-id", "account-id"), "accounts", List.of("phone-number-id"),
                "numbers", List.of());
        for (String section : List.of("apps", "accounts", "numbers")) {
            ObjectNode named = root.withObject("/properties").putObject(section).put("type", "object");
            named.putObject("propertyNames").put("pattern", "^" + Settings.NUMBER_NAME.pattern() + "$");
            ObjectNode one = named.putObject("additionalProperties").put("type", "object").put("additionalProperties", false);
            ObjectNode keys = one.putObject("properties");
            links.get(section).forEach(link -> keys.putObject(link).put("type", "string"));
            if (section.equals("accounts")) {
                keys.putObject("id").put("description", "of the WhatsApp Business Account").putArray("type").add("string").add("integer");
            }
            settings.numberKeys().stream().filter(key -> !without.get(section).contains(key)).forEach(key -> {
                schemaOf(keys, key, settings.ofNumber(key).orElseThrow());
                int dot = key.indexOf('.');
                if (dot > 0) {
                    ObjectNode group = keys.withObject("/" + key.substring(0, dot)).put("type", "object").put("additionalProperties", false);
                    schemaOf(group.withObject("/properties"), key.substring(dot + 1), settings.ofNumber(key).orElseThrow());
                }
            });
            if (section.equals("numbers")) {
                one.putArray("required").add("phone-number-id");
            }
        }
        return json.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    }

    private static void schemaOf(ObjectNode keys, String key, Setting setting) {
        ArrayNode types = keys.putObject(key).put("description", capital(setting)).putArray("type").add("string");
        switch (setting.type()) {
            case DIGITS, INTEGER -> types.add("integer");
            case NUMBER -> types.add("number");
            case BOOLEAN -> types.add("boolean");
            default -> { }
        }
    }

    /** Source of the format: Spring Boot, "Configuration Metadata"; the bundle's own settings only. */
    private String metadata() throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode root = json.createObjectNode();
        ArrayNode properties = root.putArray("properties");
        ArrayNode hints = root.putArray("hints");
        properties.addObject().put("name", "whatsapp.numbers").put("type", "java.util.Map<java.lang.String,java.util.Map<java.lang.String,java.lang.String>>")
                .put("description", "More numbers by name, each with its own phone-number-id, access-token and others");
        settings.all().filter(setting -> !setting.name().matches("whatsapp\\.(simulator|demo)\\..*")).forEach(setting -> {
            ObjectNode property = properties.addObject().put("name", setting.name()).put("type", javaType(setting.type()))
                    .put("description", capital(setting) + (setting.unit() == null ? "" : " (" + setting.unit() + ")"));
            if (!setting.required() && !setting.defaultValue().isEmpty()) {
                property.put("defaultValue", setting.defaultValue());
            }
            if (setting.values() != null) {
                ArrayNode values = hints.addObject().put("name", setting.name()).putArray("values");
                setting.values().forEach(value -> values.addObject().put("value", value));
            }
        });
        return json.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    }

    private static String javaType(Setting.Type type) {
        return switch (type) {
            case INTEGER -> "java.lang.Long";
            case NUMBER -> "java.lang.Double";
            case BOOLEAN -> "java.lang.Boolean";
            default -> "java.lang.String";
        };
    }

    private static String capital(Setting setting) {
        String text = setting.description().isEmpty() ? setting.name().substring(setting.name().lastIndexOf('.') + 1) : setting.description();
        return text.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + text.substring(1).replaceAll("]\\([^)]*\\)", "]").replaceAll("[`\\[\\]]", "");
    }

    private String common() {
        String rows = table(settings.sections().stream().flatMap(section -> section.settings().stream()).toList(), Setting::common);
        // as seen from the README
        return rows.replaceAll("]\\((?!https?:)([a-z-]+\\.md)", "](docs/$1");
    }

    private String all() {
        return settings.sections().stream().map(section -> "## " + section.title() + "\n\n" + table(section.settings(), setting -> true) + "\n")
                .collect(Collectors.joining());
    }

    private static String table(List<Setting> rows, Predicate<Setting> which) {
        Function<Setting, String> row = setting -> "| `" + setting.name() + "` | " + value(setting) + " | " + kind(setting) + " | "
                + setting.description() + " |\n";
        return "| key | default | type | |\n|---|---|---|---|\n" + rows.stream().filter(which).map(row).collect(Collectors.joining());
    }

    private static String value(Setting setting) {
        return setting.required() ? "**required**" : setting.defaultValue().isEmpty() ? "" : "`" + setting.defaultValue() + "`";
    }

    private static String kind(Setting setting) {
        String kind = setting.type() == Setting.Type.CHOICE
                ? setting.values().stream().map(choice -> "`" + choice + "`").collect(Collectors.joining(", "))
                : setting.type().name().toLowerCase(java.util.Locale.ROOT);
        return kind + (setting.unit() == null ? "" : ", " + setting.unit()) + (setting.secret() ? ", secret" : "");
    }

    private Map<String, String> read() throws IOException {
        Map<String, String> read = new TreeMap<>();
        for (Path file : RouteFiles.all()) {
            OF_NUMBER.matcher(Files.readString(file)).results().map(found -> found.group(1))
                    .forEach(key -> read.put(key, settings.find(key).map(Setting::defaultValue).orElse(null)));
            Matcher placeholder = PLACEHOLDER.matcher(Files.readString(file));
            while (placeholder.find()) {
                if (file.startsWith("src/main/resources/routes/simulator") && !placeholder.group(1).startsWith("whatsapp.simulator.")) {
                    continue;
                }
                String value = placeholder.group(2) == null ? "" : placeholder.group(2);
                String before = read.put(placeholder.group(1), value);
                assertThat(before).as(placeholder.group(1) + " has one default everywhere").isIn(null, value);
            }
        }
        return read;
    }
}
