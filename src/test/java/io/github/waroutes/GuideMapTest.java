package io.github.waroutes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;

/** docs/README.md leads to every guide, and the menu of the site is made from it. */
class GuideMapTest {

    private static final Path MAP = Path.of("docs/README.md");
    private static final Pattern LINE = Pattern.compile("(?m)^(?:## (.+)|- \\[(.+?)]\\((\\S+?)\\).*)$");

    @Test
    void theExamplesAreThoseThatThereAre() throws IOException {
        Path recipes = Path.of("examples/recipes");
        Generated.part(MAP.toString(), "examples/recipes", GuideMapTest.class, list(guide -> guide.startsWith(recipes)));
        Generated.part(MAP.toString(), "examples and starter", GuideMapTest.class,
                list(guide -> !guide.startsWith(recipes) && (guide.startsWith("examples") || guide.startsWith("starter"))));
    }

    private static String list(Predicate<Path> which) {
        return Guides.all().stream().filter(which).map(guide -> "- [" + Guides.text(guide).lines().findFirst().orElseThrow().replaceFirst("^# ", "") + "](../" + guide + ")\n")
                .collect(Collectors.joining());
    }

    @Test
    void everyGuideIsOnTheMap() throws IOException {
        TreeSet<Path> missing = new TreeSet<>(Guides.all());
        Matcher line = LINE.matcher(Files.readString(MAP));
        while (line.find()) {
            if (line.group(3) != null) {
                missing.remove(Path.of("docs").resolve(line.group(3)).normalize());
            }
        }
        assertThat(missing).as("each has a line in docs/README.md; -Dwrite.tables=true writes those of examples").containsExactlyInAnyOrder(Path.of("README.md"), MAP);
    }

    @Test
    void theMenuOfTheSiteIsMadeFromTheMap() throws IOException {
        Map<String, StringBuilder> menus = new LinkedHashMap<>();
        String heading = "";
        Matcher line = LINE.matcher(Files.readString(MAP));
        while (line.find()) {
            if (line.group(1) != null) {
                heading = line.group(1);
            } else {
                String page = Path.of("docs").resolve(line.group(3)).normalize().toString().replaceFirst("\\.md$", ".html");
                menus.computeIfAbsent(heading, name -> new StringBuilder()).append("      <item name=\"").append(xml(line.group(2))).append("\" href=\"").append(page).append("\"/>\n");
            }
        }
        Generated.part("src/site/site.xml", MAP.toString(), GuideMapTest.class, menus.entrySet().stream()
                .map(menu -> "    <menu name=\"" + xml(menu.getKey()) + "\">\n" + menu.getValue() + "    </menu>\n").collect(Collectors.joining()));
    }

    private static String xml(String text) {
        return text.replace("`", "").replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }
}
