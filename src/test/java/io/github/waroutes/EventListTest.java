package io.github.waroutes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

/** {@code whatsapp/events.json} lists every log event; routes and beans log no other, and the guide's tables are made from it. */
public class EventListTest {

    private static final Pattern EMITTED = Pattern.compile("emit(?:Once)?\\(['\"]([^'\"]+)['\"]");
    /** An event in Java: level, name, fields. */
    private static final Pattern LOGGED = Pattern.compile("\\bat(Error|Warn|Info|Debug)\\(\\)\\s*\\.addKeyValue\\(\"event\", (.*?)\\.log\\(", Pattern.DOTALL);
    private static final Pattern FIELD = Pattern.compile("\\.addKeyValue\\(\"([a-z_]+)\"");
    private static final Pattern NAME = Pattern.compile("\"(whatsapp\\.[a-z_.]+)\"");
    /** Named by the breaker's state. */
    private static final String GRAPH = "\"whatsapp.graph.\" + ";
    private static final List<String> STATES = List.of("whatsapp.graph.open", "whatsapp.graph.half_open", "whatsapp.graph.closed");
    private static final Path SIMULATOR = Path.of("src/main/java/io/github/waroutes/simulator");

    private record Event(String name, String level, List<String> fields, String description) {
    }

    private record Declared(Map<String, List<String>> groups, Map<String, String> fields, List<Event> events) {

        Set<String> fieldsOf(Event event) {
            return event.fields().stream().flatMap(field -> groups.getOrDefault(field, List.of(field)).stream()).collect(Collectors.toSet());
        }
    }

    private static Declared declared() throws IOException {
        return new ObjectMapper().readValue(Path.of("src/main/resources/whatsapp/events.json").toFile(), Declared.class);
    }

    /** The fields that each event may have. */
    public static Map<String, Set<String>> fields() throws IOException {
        Declared list = declared();
        return list.events().stream().collect(Collectors.toMap(Event::name, list::fieldsOf));
    }

    @Test
    void routesAndBeansLogTheListedEventsAndNoOthers() throws IOException {
        Map<String, TreeSet<String>> logged = new TreeMap<>();
        for (Path file : RouteFiles.all()) {
            EMITTED.matcher(Files.readString(file)).results().forEach(found -> logged.computeIfAbsent(found.group(1), name -> new TreeSet<>()));
        }
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java") && !path.startsWith(SIMULATOR)).toList()) {
                inJava(file, logged);
            }
        }
        Map<String, Event> listed = declared().events().stream().collect(Collectors.toMap(Event::name, event -> event));
        assertThat(logged.keySet()).hasSizeGreaterThan(50).containsExactlyInAnyOrderElementsOf(listed.keySet());
        Map<String, Set<String>> fields = fields();
        logged.forEach((name, uses) -> uses.forEach(use -> {
            assertThat(use.split(" ")[0]).as(name).isEqualTo(listed.get(name).level());
            assertThat(Set.of(use.split(" "))).as(name).containsAll(fields.get(name));
            assertThat(fields.get(name)).as(name).containsAll(Stream.of(use.split(" ")).skip(1).toList());
        }));
    }

    private static void inJava(Path file, Map<String, TreeSet<String>> logged) throws IOException {
        String source = Files.readString(file);
        EMITTED.matcher(source).results().forEach(found -> logged.computeIfAbsent(found.group(1), name -> new TreeSet<>()));
        Matcher event = LOGGED.matcher(source);
        int found = 0;
        while (event.find()) {
            found++;
            String use = (event.group(1).toUpperCase(Locale.ROOT) + ' ' + FIELD.matcher(event.group(2)).results().map(field -> field.group(1))
                    .collect(Collectors.joining(" "))).strip();
            Matcher name = NAME.matcher(event.group(2));
            List<String> names = event.group(2).startsWith(GRAPH) ? STATES : name.lookingAt() ? List.of(name.group(1)) : List.of();
            assertThat(names).as(file + " names its event").isNotEmpty();
            names.forEach(each -> logged.computeIfAbsent(each, key -> new TreeSet<>()).add(use));
        }
        // the bean that routes call has the name from them
        int all = source.split("addKeyValue\\(\"event\"", -1).length - 1;
        assertThat(all - (file.endsWith("Events.java") ? 1 : 0)).as(file + " logs an event in another way").isEqualTo(found);
    }

    @Test
    void everyFieldIsExplainedAndUsed() throws IOException {
        Declared list = declared();
        Set<String> used = list.events().stream().flatMap(event -> list.fieldsOf(event).stream()).collect(Collectors.toSet());
        assertThat(list.fields().keySet()).containsExactlyInAnyOrderElementsOf(used);
        assertThat(list.events()).extracting(Event::name).doesNotHaveDuplicates();
    }

    @Test
    void theTablesOfTheGuideAreMadeFromTheList() throws IOException {
        Generated.part("docs/events.md", "events.json", EventListTest.class, tables(declared()));
    }

    private static String tables(Declared list) {
        Map<String, String> groups = new TreeMap<>();
        list.groups().forEach((group, fields) -> groups.put(group, "*" + group + "*"));
        String meanings = list.groups().entrySet().stream().map(group -> "*" + group.getKey() + "*: " + code(group.getValue(), Map.of())
                + ", as far as they are known").collect(Collectors.joining("; "));
        return "| event | level | fields | |\n|---|---|---|---|\n"
                + list.events().stream().map(event -> "| `" + event.name() + "` | " + event.level() + " | " + code(event.fields(), groups) + " | "
                        + event.description() + " |\n").collect(Collectors.joining())
                + "\nFields: " + meanings + ".\n\n| field | |\n|---|---|\n"
                + list.fields().entrySet().stream().map(field -> "| `" + field.getKey() + "` | " + field.getValue() + " |\n").collect(Collectors.joining());
    }

    private static String code(List<String> fields, Map<String, String> groups) {
        return fields.stream().map(field -> groups.getOrDefault(field, "`" + field + "`")).collect(Collectors.joining(", "));
    }
}
