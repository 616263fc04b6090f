package io.github.waroutes;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.github.waroutes.simulator.PageBrowser;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The site as {@code mvn site} has left it in target/site, opened from the disk: {@code mvn site && mvn test -Dtest=SiteTest -Dsite.test=true}. */
@EnabledIfSystemProperty(named = "site.test", matches = "true", disabledReason = "It is about what mvn site makes, which mvn verify does not")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SiteTest {

    private static final Path SITE = Path.of("target/site").toAbsolutePath();
    private static final Pattern LINK = Pattern.compile("\\b(?:href|src)=\"([^\"]*)\"");
    private static final Pattern ID = Pattern.compile("\\b(?:id|name)=\"([^\"]+)\"");

    private final Map<Path, String> pages = new HashMap<>();
    private PageBrowser browser;

    @BeforeAll
    void read() throws IOException {
        try (Stream<Path> files = Files.walk(SITE)) {
            files.filter(file -> file.toString().endsWith(".html")).forEach(file -> pages.put(file, Guides.text(file)));
        }
        browser = PageBrowser.isThere() ? PageBrowser.forPage("file://", SITE + "/index.html", SITE + "/") : null;
    }

    @AfterAll
    void close() {
        if (browser != null) {
            browser.close();
        }
    }

    private static Path page(Path guide) {
        return SITE.resolve(guide.toString().replaceFirst("README\\.md$", "index.html").replaceFirst("\\.md$", ".html"));
    }

    @Test
    void everyGuideIsAPageWithTheMenuAndTheSearch() {
        Set<Path> guides = Guides.all().stream().map(SiteTest::page).collect(Collectors.toSet());
        assertThat(pages.keySet()).containsAll(guides);
        assertThat(pages.keySet().stream().filter(page -> !page.endsWith("files.html"))).containsExactlyInAnyOrderElementsOf(guides);
        guides.forEach(guide -> assertThat(pages.get(guide)).as(guide.toString())
                .contains("Log events</a>", "js/site.js", "<h1>").doesNotContain("README.html", "href=\"http://maven"));
    }

    @Test
    void everyLinkLeadsToAFileAndAPlaceInIt() {
        Set<String> broken = new TreeSet<>();
        pages.forEach((page, text) -> LINK.matcher(text).results().map(link -> link.group(1)).filter(link -> !link.matches("[a-z]+:.*")).forEach(link -> {
            String[] parts = link.split("#", 2);
            Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
            if (!Files.isRegularFile(target) || !target.startsWith(SITE) || parts.length > 1 && !ids(target).contains(parts[1])) {
                broken.add(SITE.relativize(page) + " links to " + link);
            }
        }));
        assertThat(broken).isEmpty();
    }

    private Set<String> ids(Path page) {
        return ID.matcher(pages.get(page)).results().map(id -> id.group(1)).collect(Collectors.toSet());
    }

    @Test
    void nothingIsLeftOfWhatSomebodyKeepsBesideTheFiles() throws IOException {
        try (Stream<Path> files = Files.walk(SITE)) {
            assertThat(files.filter(file -> file.getFileName().toString().startsWith("."))).isEmpty();
        }
    }

    @Test
    void theSearchFindsWhatIsAskedForWithoutAServer() {
        assumeTrue(browser != null, PageBrowser.MISSING);
        Page page = browser.open();
        Map<String, String> asked = Map.of("dead letter", "docs/management.html", "131047", "docs/errors.html#whatsappmessageexception",
                "limit.tier", "docs/properties.html", "WhatsAppTraceId", "docs/headers", "own route", "docs/", "idempotency key", "docs/send-api.html");
        asked.forEach((words, where) -> {
            page.keyboard().press("/");
            page.locator("#search").fill(words);
            assertThat(page.locator("#found a[href*='" + where + "']").first()).isVisible();
            page.keyboard().press("Escape");
            assertThat(page.locator("#found")).isHidden();
        });
        page.locator("#search").fill("nosuchwordanywhere");
        assertThat(page.locator("#told")).hasText("Nothing is found.");

        page.locator("#search").fill("131047");
        Locator first = page.locator("#found a").first();
        assertThat(first).containsText("131047");
        String there = first.getAttribute("href");
        page.keyboard().press("Enter");
        page.waitForURL("**/" + there);
        assertThat(page.locator("section:target")).isVisible();
        assertThat(page.locator("nav .active")).hasCount(1);
        assertThat(browser.takeProblems()).isEmpty();
        browser.closePages();
    }

    @Test
    void itReadsWellWideAndNarrow() {
        assumeTrue(browser != null, PageBrowser.MISSING);
        List<String> problems = new ArrayList<>();
        for (int width : List.of(1280, 360)) {
            Page page = browser.open(new Browser.NewContextOptions().setViewportSize(width, 800));
            for (String name : List.of("index.html", "docs/properties.html", "docs/errors.html", "docs/commands.html")) {
                page.navigate("file://" + SITE + '/' + name);
                assertThat(page.locator("h1")).isVisible();
                if ((Integer) page.evaluate("document.documentElement.scrollWidth") > width) {
                    problems.add(name + " is wider than " + width);
                }
                PageBrowser.lowContrast(page).forEach(text -> problems.add(name + ": " + text));
            }
            Locator entry = page.locator("nav a", new Page.LocatorOptions().setHasText("Log events"));
            if (width < 800) {
                assertThat(entry).isHidden();
                page.locator("#menu").click();
            }
            entry.click();
            assertThat(page.locator("h1")).hasText("Log events");
            browser.closePages();
        }
        problems.addAll(browser.takeProblems());
        assertThat(problems).isEmpty();
    }
}
