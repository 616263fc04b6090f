package io.github.waroutes.number;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import io.github.waroutes.setting.Setting;
import io.github.waroutes.setting.Settings;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * The file of numbers, YAML: {@code apps}, {@code accounts} and {@code numbers}, each a map by name. A number has what its account has, and
 * that what its app has; see {@code whatsapp/schemas/numbers.json}.
 */
final class NumbersFile {

    static final String PHONE_NUMBER_ID = "phone-number-id";
    static final String ACCOUNT_ID = "account-id";
    private static final List<String> SECTIONS = List.of("apps", "accounts", "numbers");

    private final String name;
    private final Settings settings;
    private final UnaryOperator<String> resolve;
    private final List<String> problems = new ArrayList<>();

    /** One value, and where it stands. */
    private record Value(String text, int line) {
    }

    /**
     * @param name     of the file, for what is told about it
     * @param resolve  fills placeholders in
     */
    NumbersFile(String name, Settings settings, UnaryOperator<String> resolve) {
        this.name = name;
        this.settings = settings;
        this.resolve = resolve;
    }

    /** What is wrong, each with its line; empty: nothing. */
    List<String> problems() {
        return problems;
    }

    /** @return by the number's name, its values by their short keys, and its app's name by {@code app} */
    Map<String, Map<String, String>> read(String text) {
        Map<String, Map<String, Map<String, Value>>> sections = sections(text);
        Map<String, Map<String, String>> numbers = new LinkedHashMap<>();
        sections.get("numbers").forEach((number, own) -> {
            Map<String, Value> account = from(sections, "accounts", own.get("account"));
            Map<String, Value> app = from(sections, "apps", own.getOrDefault("app", account.get("app")));
            Map<String, String> all = new LinkedHashMap<>();
            app.forEach((key, value) -> all.put(key, value.text()));
            account.forEach((key, value) -> all.put(key.equals("id") ? ACCOUNT_ID : key, value.text()));
            own.forEach((key, value) -> all.put(key, value.text()));
            if (!own.containsKey(PHONE_NUMBER_ID)) {
                problems.add(name + ": the number " + number + " has no " + PHONE_NUMBER_ID + '.');
            }
            numbers.put(number, all);
        });
        return numbers;
    }

    private Map<String, Value> from(Map<String, Map<String, Map<String, Value>>> sections, String section, Value reference) {
        if (reference == null) {
            return Map.of();
        }
        Map<String, Value> found = sections.get(section).get(reference.text());
        if (found == null) {
            problems.add(line(reference.line()) + ": there is no " + reference.text() + " in " + section
                    + Settings.nearest(reference.text(), sections.get(section).keySet()));
        }
        return found == null ? Map.of() : found;
    }

    private Map<String, Map<String, Map<String, Value>>> sections(String text) {
        Map<String, Map<String, Map<String, Value>>> sections = new LinkedHashMap<>();
        SECTIONS.forEach(section -> sections.put(section, new LinkedHashMap<>()));
        Node root;
        try {
            root = new Compose(LoadSettings.builder().setLabel(name).build()).composeString(text).orElse(null);
        } catch (YamlEngineException e) {
            // the parser's own message quotes the file, and what stands there may be a secret
            problems.add((e instanceof MarkedYamlEngineException marked && marked.getProblemMark().isPresent()
                    ? line(marked.getProblemMark().get().getLine() + 1) : name) + ": is not valid YAML.");
            return sections;
        }
        if (root == null) {
            return sections;
        }
        for (NodeTuple section : entries(root)) {
            String title = text(section.getKeyNode());
            Map<String, Map<String, Value>> named = sections.get(title);
            if (named == null) {
                problems.add(at(section.getKeyNode()) + ": " + title + " is none of apps, accounts, numbers" + Settings.nearest(title, sections.keySet()));
                continue;
            }
            for (NodeTuple one : entries(section.getValueNode())) {
                String called = text(one.getKeyNode());
                if (!Settings.NUMBER_NAME.matcher(called).matches() || called.equals(BusinessNumber.FIRST)) {
                    problems.add(at(one.getKeyNode()) + ": " + called + " is no name: give small letters, digits and hyphens, and not default.");
                }
                Map<String, Value> values = new LinkedHashMap<>();
                flatten(title, "", one.getValueNode(), values);
                if (named.put(called, values) != null) {
                    problems.add(at(one.getKeyNode()) + ": " + called + " is there twice.");
                }
            }
        }
        return sections;
    }

    private void flatten(String section, String prefix, Node node, Map<String, Value> values) {
        for (NodeTuple entry : entries(node)) {
            String key = prefix + text(entry.getKeyNode());
            if (entry.getValueNode() instanceof MappingNode inner) {
                flatten(section, key + '.', inner, values);
            } else {
                Value value = value(section, key, entry);
                if (value != null && values.put(key, value) != null) {
                    problems.add(at(entry.getKeyNode()) + ": " + key + " is there twice.");
                }
            }
        }
    }

    private Value value(String section, String key, NodeTuple entry) {
        String where = at(entry.getKeyNode());
        boolean link = key.equals("app") && !section.equals("apps") || key.equals("account") && section.equals("numbers");
        String shortKey = key.equals("id") && section.equals("accounts") ? ACCOUNT_ID : key;
        Setting setting = settings.ofNumber(shortKey).orElse(null);
        boolean wrongPlace = key.equals(PHONE_NUMBER_ID) && !section.equals("numbers") || key.equals(ACCOUNT_ID) && section.equals("apps");
        if (!link && (setting == null || wrongPlace)) {
            problems.add(where + ": " + key + " is no setting of " + section + Settings.nearest(key, settings.numberKeys()));
            return null;
        }
        String text;
        try {
            text = resolve.apply(text(entry.getValueNode())).strip();
        } catch (RuntimeException e) {
            // of a property or a vault; the value itself is not shown
            problems.add(where + ": " + key + " refers to what there is not.");
            return null;
        }
        String problem = link ? null : setting.as(key).problem(text);
        if (problem != null) {
            problems.add(where + ": " + problem);
        }
        return new Value(text, entry.getKeyNode().getStartMark().map(mark -> mark.getLine() + 1).orElse(0));
    }

    private List<NodeTuple> entries(Node node) {
        if (node instanceof MappingNode map) {
            return map.getValue();
        }
        if (!(node instanceof ScalarNode scalar) || !scalar.getValue().isEmpty()) {
            problems.add(at(node) + ": give keys and values here.");
        }
        return List.of();
    }

    private String text(Node node) {
        if (node instanceof ScalarNode scalar) {
            return scalar.getValue();
        }
        problems.add(at(node) + ": give one value here.");
        return "";
    }

    private String at(Node node) {
        return node.getStartMark().map(mark -> line(mark.getLine() + 1)).orElse(name);
    }

    private String line(int line) {
        return name + " line " + line;
    }
}
