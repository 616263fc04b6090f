package io.github.waroutes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

/** docs/README.md leads to every guide, and the menu of the site is made from it. */
class GuideMapTest {

    private static final Path MAP = Path.of("docs/README.md");
    private static final Pattern LINE = Pattern.compile("(?m)^(?:## (.+)|- \\[(.+?)]\\((\\S+?)\\).*)$");

    @Test
    void theExamplesAreThoseThatThereAre() throws IOException {
        StringBuilder list = new StringBuilder();
        for (Path readme : Guides.all()) {
            if (readme.startsWith("examples") || readme.startsWith("starter")) {
                String title = Files.readAllLines(readme).get(0).replaceFirst("^# ", "");
                list.append("- [").append(title).append("](../").append(readme).append(")\n");
            }
        }
        Generated.part(MAP.toString(), "examples/", GuideMapTest.class, list.toString());
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
        assertThat(missing).containsExactlyInAnyOrder(Path.of("README.md"), MAP);
    }

    @Test
    void theMenuOfTheSiteIsMadeFromTheMap() throws IOException {
        StringBuilder menu = new StringBuilder();
        Matcher line = LINE.matcher(Files.readString(MAP));
        while (line.find()) {
            if (line.group(1) != null) {
                menu.append(menu.isEmpty() ? "" : "    </menu>\n").append("    <menu name=\"").append(xml(line.group(1))).append("\">\n");
            } else {
                String page = Path.of("docs").resolve(line.group(3)).normalize().toString().replaceFirst("\\.md$", ".html");
                menu.append("      <item name=\"").append(xml(line.group(2))).append("\" href=\"").append(page).append("\"/>\n");
            }
        }
        Generated.part("src/site/site.xml", MAP.toString(), GuideMapTest.class, menu + "    </menu>\n");
    }

    private static String xml(String text) {
        return text.replace("`", "").replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }
}
