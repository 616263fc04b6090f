package io.github.waroutes;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The rooms of the house, as the compiled classes know each other. */
class RoomsTest {

    private static final String ROOT = "io.github.waroutes";
    private static final JavaClasses CLASSES = OurClasses.read(new ImportOption.DoNotIncludeTests());

    /** Which room may use which: an entry more is a decision, not an accident. A room that is not here uses none. */
    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            Map.entry("api", Set.of("error", "message", "number", "queue", "setting", "state", "update")),
            Map.entry("burst", Set.of("queue", "state", "update")),
            Map.entry("business", Set.of("error", "graph", "update")),
            Map.entry("delivery", Set.of("error", "message", "number", "queue", "state", "trace", "update")),
            Map.entry("flows", Set.of("error", "setting", "update")),
            Map.entry("graph", Set.of("error", "message", "number", "setting", "update")),
            Map.entry("handover", Set.of("error", "number", "setting", "state", "update")),
            Map.entry("junit", Set.of("simulator")),
            Map.entry("limit", Set.of("error", "metric", "number", "state")),
            Map.entry("log", Set.of()),
            Map.entry("media", Set.of("error", "message", "setting", "state", "update")),
            Map.entry("metric", Set.of()),
            Map.entry("message", Set.of("error", "number", "queue", "setting", "update")),
            Map.entry("number", Set.of("error", "setting")),
            Map.entry("operate", Set.of("error", "flows", "handover", "message", "metric", "number", "optout", "queue", "send", "setting", "state", "trace", "update")),
            Map.entry("optout", Set.of("error", "message", "number", "queue", "setting", "state", "update")),
            Map.entry("queue", Set.of("setting")),
            Map.entry("send", Set.of("delivery", "error", "limit", "message", "number", "queue", "state", "update")),
            Map.entry("simulator", Set.of("error", "message", "operate", "queue", "setting", "")),
            Map.entry("state", Set.of("setting")),
            Map.entry("template", Set.of("error", "graph", "message", "state", "update")),
            Map.entry("trace", Set.of("error", "queue", "setting")),
            Map.entry("transcription", Set.of("error")),
            Map.entry("understanding", Set.of("number", "setting", "state")),
            Map.entry("update", Set.of("error", "queue", "setting", "state")),
            Map.entry("webhook", Set.of("error", "number", "setting", "update")),
            Map.entry("", Set.of("operate", "setting", "trace")));

    /** The same within the simulator; its root package puts the rooms together. */
    private static final Map<String, Set<String>> MAY_USE_IN_SIMULATOR = Map.of(
            "fault", Set.of("common"),
            "media", Set.of("common", "fault"),
            "call", Set.of("common", "fault"),
            "webhook", Set.of("common", "fault", "call"),
            "people", Set.of("common", "fault", "media", "call", "webhook"),
            "cloud", Set.of("common", "fault", "media", "webhook", "people"),
            "page", Set.of("common", "fault", "media", "call", "webhook", "people", "cloud"),
            "load", Set.of("common", "fault", "webhook", "people", "cloud"),
            "", Set.of("common", "fault", "media", "call", "webhook", "people", "cloud", "page", "load"));

    @Test
    void noTwoRoomsImportEachOther() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(CLASSES);
        slices().matching(ROOT + ".simulator.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void nothingKnowsTheSimulatorButItsJunitExtension() {
        noClasses().that().resideOutsideOfPackages(ROOT + ".simulator..", ROOT + ".junit..")
                .should().dependOnClassesThat().resideInAnyPackage(ROOT + ".simulator..", ROOT + ".junit..").check(CLASSES);
    }

    @Test
    void aRoomUsesOnlyTheRoomsBelowIt() {
        assertThat(wrong(ROOT, MAY_USE)).isEmpty();
        assertThat(wrong(ROOT + ".simulator", MAY_USE_IN_SIMULATOR)).isEmpty();
    }

    private static Map<String, Set<String>> wrong(String root, Map<String, Set<String>> mayUse) {
        Map<String, Set<String>> wrong = new TreeMap<>();
        CLASSES.forEach(one -> one.getDirectDependenciesFromSelf().forEach(dependency -> {
            String from = room(root, one.getPackageName());
            String to = room(root, dependency.getTargetClass().getPackageName());
            if (from != null && to != null && !from.equals(to) && !mayUse.getOrDefault(from, Set.of()).contains(to)) {
                wrong.computeIfAbsent(from + " -> " + to, key -> new TreeSet<>()).add(dependency.getDescription());
            }
        }));
        return wrong;
    }

    /** The name below this root package, empty for the root itself; null: not in it. */
    private static String room(String root, String packageName) {
        if (!packageName.equals(root) && !packageName.startsWith(root + ".")) {
            return null;
        }
        return packageName.length() == root.length() ? "" : packageName.substring(root.length() + 1).split("\\.")[0];
    }
}
