package io.github.waroutes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

/** The README's table of properties says what the route files read. */
class PropertiesTest {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{(whatsapp\\.[a-z.-]+)(?::([^}]*))?}}");
    private static final Pattern QUOTED = Pattern.compile("`([^`]*)`");

    private final Map<String, String> documented = documented();

    @Test
    void everyPropertyOfTheRoutesIsInTheReadmeWithItsDefault() throws IOException {
        Map<String, String> wrong = new TreeMap<>();
        read().forEach((key, value) -> {
            if (!documented.containsKey(key)) {
                wrong.put(key, "is not in the table");
            } else if (!documented.get(key).equals(value)) {
                wrong.put(key, "is read with the default '" + value + "' and documented with '" + documented.get(key) + "'");
            }
        });
        assertThat(wrong).isEmpty();
    }

    @Test
    void theReadmeDocumentsNoPropertyThatNothingReads() throws IOException {
        TreeSet<String> unread = new TreeSet<>(documented.keySet());
        unread.removeAll(read().keySet());
        unread.removeIf(key -> key.startsWith("camel."));
        assertThat(unread).isEmpty();
    }

    private static Map<String, String> read() throws IOException {
        Map<String, String> read = new TreeMap<>();
        try (Stream<Path> files = Files.list(Path.of("src/main/resources/routes/whatsapp"))) {
            for (Path file : files.toList()) {
                Matcher placeholder = PLACEHOLDER.matcher(Files.readString(file));
                while (placeholder.find()) {
                    String value = placeholder.group(2) == null ? "" : placeholder.group(2);
                    String before = read.put(placeholder.group(1), value);
                    assertThat(before).as(placeholder.group(1) + " has one default everywhere").isIn(null, value);
                }
            }
        }
        return read;
    }

    private static Map<String, String> documented() {
        Map<String, String> documented = new LinkedHashMap<>();
        try {
            for (String line : Files.readAllLines(Path.of("README.md"))) {
                String[] cells = line.split("\\|");
                if (cells.length > 2 && cells[1].contains("`whatsapp.") || cells.length > 2 && cells[1].contains("`camel.")) {
                    row(cells[1], cells[2], documented);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return documented;
    }

    private static void row(String keys, String defaults, Map<String, String> documented) {
        Matcher key = QUOTED.matcher(keys);
        Matcher value = QUOTED.matcher(defaults);
        String first = null;
        String last = "";
        while (key.find()) {
            String name = key.group(1);
            if (name.startsWith(".")) {
                name = first.substring(0, first.lastIndexOf('.')) + name;
            } else {
                first = name;
            }
            // one default may stand for all keys of the row
            last = value.find() ? value.group(1) : last;
            documented.put(name, last.replace("TYPE", name.substring(name.lastIndexOf('.') + 1)));
        }
    }
}
