package io.github.waroutes.understanding;

import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * An intents file: what the embedded classifier understands and what it answers. The comment at the top of
 * {@code whatsapp/intents.yaml} describes the format.
 *
 * @param location  where it was read from, for messages
 * @param threshold confidence below which the fallback is the answer; above 0, below 1
 * @param language  ISO 639 code of the examples' language
 * @param fallback  the answer to what is not understood; at least one text
 * @param intents   at least two, with different names
 */
public record IntentsFile(String location, double threshold, String language, List<String> fallback, List<Intent> intents) {

    private static final Set<String> KEYS = Set.of("threshold", "language", "fallback", "intents");
    private static final Set<String> INTENT_KEYS = Set.of("intent", "examples", "reply");
    private static final double DEFAULT_THRESHOLD = 0.5;
    private static final int MIN_EXAMPLES = 2;
    private static final int MIN_INTENTS = 2;

    public IntentsFile {
        fallback = List.copyOf(fallback);
        intents = List.copyOf(intents);
    }

    /**
     * Reads and checks an intents file (UTF-8).
     *
     * @param location {@code classpath:…}, {@code file:…} or a path
     * @throws IllegalArgumentException if it cannot be read or has a mistake; the message is one line that names the file, the intent
     *                                  if it is in one, and what to do
     */
    public static IntentsFile read(String location) {
        if (location == null || location.isBlank()) {
            throw new IllegalArgumentException("No intents file is set; give its place, such as classpath:whatsapp/intents.yaml or file:intents.yaml");
        }
        return new Reader(location.strip()).read();
    }

    static double checkedThreshold(double threshold, String where) {
        if (!(threshold > 0 && threshold < 1)) {
            throw new IllegalArgumentException(where + ": the threshold " + threshold + " is not between 0 and 1; 0.5 is a good start");
        }
        return threshold;
    }

    private static final class Reader {

        private final String location;
        private final Map<String, String> intentByExample = new HashMap<>();

        Reader(String location) {
            this.location = location;
        }

        IntentsFile read() {
            Map<?, ?> root = map(load(), "", "start it with the keys threshold, fallback and intents");
            onlyKeys(root, KEYS, "");
            List<Intent> intents = new ArrayList<>();
            Set<String> names = new HashSet<>();
            for (Object entry : list(root.get("intents"), "", "intents")) {
                Intent intent = intent(map(entry, "entry " + (intents.size() + 1) + " of intents: ", "give it the keys intent, examples and reply"),
                        intents.size() + 1);
                if (!names.add(intent.name())) {
                    throw mistake(in(intent.name()), "is there twice; rename one of them or put their examples together");
                }
                intents.add(intent);
            }
            if (intents.size() < MIN_INTENTS) {
                throw mistake("", "has fewer than 2 intents; a classifier needs at least 2 to choose from");
            }
            return new IntentsFile(location, threshold(root), language(root), texts(root.get("fallback"), "", "fallback"), intents);
        }

        private double threshold(Map<?, ?> root) {
            Object threshold = root.containsKey("threshold") ? root.get("threshold") : (Object) DEFAULT_THRESHOLD;
            if (threshold instanceof Number number) {
                return checkedThreshold(number.doubleValue(), location);
            }
            throw mistake("", "the threshold is not a number; write one between 0 and 1, such as 0.5");
        }

        private String language(Map<?, ?> root) {
            Object language = root.containsKey("language") ? root.get("language") : "en";
            if (language instanceof String code && code.matches("[a-z]{2,3}")) {
                return code;
            }
            throw mistake("", "the language is not an ISO 639 code; write two or three small letters, such as en");
        }

        private Intent intent(Map<?, ?> entry, int position) {
            String where = "entry " + position + " of intents: ";
            Object name = entry.get("intent");
            if (!(name instanceof String given) || given.isBlank()) {
                throw mistake(where, "has no name; add a line such as intent: opening_hours");
            }
            where = in(given);
            onlyKeys(entry, INTENT_KEYS, where);
            return new Intent(given, examples(entry, given), texts(entry.get("reply"), where, "reply"));
        }

        private List<String> examples(Map<?, ?> entry, String intent) {
            List<String> examples = new ArrayList<>();
            for (Object item : list(entry.get("examples"), in(intent), "examples")) {
                String example = text(item, in(intent), "an example");
                String words = String.join(" ", Words.of(example));
                if (words.isEmpty()) {
                    throw mistake(in(intent), "the example " + quoted(example) + " has neither letter nor digit; write it in words or take it out");
                }
                String other = intentByExample.putIfAbsent(words, intent);
                if (other != null && !other.equals(intent)) {
                    throw mistake(in(intent), "the example " + quoted(example) + " is also one of intent \"" + other + "\"; keep it in one of them");
                }
                examples.add(example);
            }
            if (examples.size() < MIN_EXAMPLES) {
                throw mistake(in(intent), "has fewer than 2 examples; give it at least 2, better 12 to 18");
            }
            return examples;
        }

        private List<String> texts(Object value, String where, String key) {
            if (value == null) {
                throw mistake(where, "has no " + key + "; add a line " + key + ": and the text to answer");
            }
            List<String> texts = new ArrayList<>();
            for (Object item : value instanceof List<?> many ? many : List.of(value)) {
                String text = text(item, where, key).strip();
                if (text.length() > ReplySplitter.WHATSAPP_TEXT_LIMIT) {
                    throw mistake(where, "a text of " + key + " is longer than WhatsApp's " + ReplySplitter.WHATSAPP_TEXT_LIMIT
                            + " characters; make it a list of shorter ones");
                }
                texts.add(text);
            }
            if (texts.isEmpty()) {
                throw mistake(where, "the " + key + " is an empty list; write the text to answer");
            }
            return texts;
        }

        private String text(Object value, String where, String what) {
            if (value instanceof Map || value instanceof List) {
                throw mistake(where, what + " is not a text; put it in quotes if it has a colon or starts with a bracket");
            }
            if (value == null || value.toString().isBlank()) {
                throw mistake(where, what + " is empty; write a text");
            }
            return value.toString();
        }

        private List<?> list(Object value, String where, String key) {
            if (value instanceof List<?> list) {
                return list;
            }
            throw mistake(where, "has no list of " + key + "; add " + key + ": and below it one line for each, starting with a dash");
        }

        private Map<?, ?> map(Object value, String where, String advice) {
            if (value instanceof Map<?, ?> map) {
                return map;
            }
            throw mistake(where, "is not a map of keys and values; " + advice);
        }

        private void onlyKeys(Map<?, ?> map, Set<String> known, String where) {
            for (Object key : map.keySet()) {
                if (!(key instanceof String text && known.contains(text))) {
                    throw mistake(where, "the key " + quoted(String.valueOf(key)) + " is unknown; known are "
                            + String.join(", ", known.stream().sorted().toList()));
                }
            }
        }

        private Object load() {
            LoadSettings settings = LoadSettings.builder().setLabel(location).build();
            try (InputStream in = open()) {
                // read whole first: the parser would report a failed read as wrong YAML
                return new Load(settings).loadFromInputStream(new ByteArrayInputStream(in.readAllBytes()));
            } catch (MarkedYamlEngineException e) {
                String line = e.getProblemMark().map(mark -> " in line " + (mark.getLine() + 1)).orElse("");
                throw new IllegalArgumentException(location + ": is not valid YAML" + line + ": " + oneLine(e.getProblem())
                        + "; check indentation, colons and quotes there", e);
            } catch (YamlEngineException e) {
                throw new IllegalArgumentException(location + ": is not valid YAML; save it as YAML in UTF-8", e);
            } catch (FileNotFoundException | NoSuchFileException e) {
                throw new IllegalArgumentException(location + ": there is no such file; check the place, or use classpath:whatsapp/intents.yaml", e);
            } catch (IOException e) {
                throw new IllegalArgumentException(location + ": cannot be read; check that it is a file and may be read", e);
            }
        }

        private InputStream open() throws IOException {
            if (!location.startsWith("classpath:")) {
                return Files.newInputStream(path());
            }
            String name = location.substring("classpath:".length()).replaceFirst("^/+", "");
            ClassLoader context = Thread.currentThread().getContextClassLoader();
            InputStream in = context == null ? null : context.getResourceAsStream(name);
            if (in == null) {
                in = IntentsFile.class.getClassLoader().getResourceAsStream(name);
            }
            if (in == null) {
                throw new FileNotFoundException(location);
            }
            return in;
        }

        private Path path() {
            // Camel writes file:name and file:/name, Java file:///name
            String path = location.startsWith("file:") ? location.substring("file:".length()).replaceFirst("^//(?=/)", "") : location;
            try {
                return Path.of(path);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(location + ": is not a path; write file: and the path of the intents file", e);
            }
        }

        private IllegalArgumentException mistake(String where, String whatAndAdvice) {
            return new IllegalArgumentException(location + ": " + where + whatAndAdvice);
        }

        private static String in(String intent) {
            return "intent " + quoted(intent) + ": ";
        }

        private static String quoted(String text) {
            String line = oneLine(text);
            return '"' + (line.length() > 80 ? line.substring(0, 80) + "…" : line) + '"';
        }

        private static String oneLine(String text) {
            return text.replaceAll("\\s+", " ").strip();
        }
    }
}
