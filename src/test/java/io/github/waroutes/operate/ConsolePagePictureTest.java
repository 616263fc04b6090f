package io.github.waroutes.operate;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.simulator.PageBrowser;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Makes the picture of the README again: {@code mvn test -Dtest=ConsolePagePictureTest -Dconsole.picture=docs/images/console.png}; dark and
 * narrow ones and a detail beside it with {@code -Dconsole.picture.all=true}.
 */
@EnabledIfSystemProperty(named = "console.picture", matches = ".+")
@EnabledIf(value = PageBrowser.IS_THERE, disabledReason = PageBrowser.MISSING)
@WhatsAppSimulator
class ConsolePagePictureTest {

    private static final int MAX_BYTES = 300_000;

    @Test
    void aPictureOfABusyDayIsTaken(SimulatedWhatsApp whatsapp, SimulatedUser kim, SimulatedUser lee, SimulatedGraph graph, @TempDir Path directory)
            throws IOException {
        Path picture = Path.of(System.getProperty("console.picture")).toAbsolutePath();
        Files.createDirectories(picture.getParent());
        try (TestGateway gateway = new TestGateway(directory).with(whatsapp).with("whatsapp.management.token", "open-sesame")
                .with("whatsapp.management.audit-file", directory.resolve("audit.jsonl")).with("whatsapp.on.text", "direct:shop")
                .with("whatsapp.on.image", "direct:pictures").with("whatsapp.reply.apology", "").with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:shop").routeId("shop").setBody(simple("you said ${body[text][body]}")).to("direct:whatsapp-reply");
                        from("direct:pictures").routeId("pictures").throwException(new IllegalStateException("the album is full"));
                    }
                }).start();
                PageBrowser browser = PageBrowser.forPage("http://127.0.0.1:" + gateway.managementPort, "/console/", "/")) {
            Page page = browser.open(new Browser.NewContextOptions().setViewportSize(1280, 1700).setColorScheme(ColorScheme.LIGHT));
            assertThat(page.locator("#connection")).hasText("Live");
            graph.fails(131026).forUser(lee).always();
            for (int round = 1; round <= 4; round++) {
                for (int text = 0; text < 5 * round; text++) {
                    kim.sends("hello " + text);
                }
                lee.sends("are you open?");
                if (round % 2 == 0) {
                    kim.sendsImage();
                }
                page.waitForTimeout(3000);
            }
            await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.queued("whatsapp.dead-letter")).isEqualTo(6));
            graph.fails(190).always();
            for (String text : List.of("one", "two", "three")) {
                kim.sends(text);
            }
            assertThat(page.locator("#numbers tbody")).containsText(Pattern.compile("stopped|throttled"));
            assertThat(page.locator("#waiting-list tbody tr")).hasCount(3);
            assertThat(page.locator("#list tbody tr")).hasCount(6);
            page.screenshot(new Page.ScreenshotOptions().setPath(picture));
            assertThat(Files.size(picture)).isLessThan(MAX_BYTES);
            if (Boolean.getBoolean("console.picture.all")) {
                page.locator("#list button").first().click();
                assertThat(page.locator("#detail")).isVisible();
                page.screenshot(new Page.ScreenshotOptions().setPath(picture.resolveSibling("detail-" + picture.getFileName())));
                page.keyboard().press("Escape");
                page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
                page.screenshot(new Page.ScreenshotOptions().setPath(picture.resolveSibling("dark-" + picture.getFileName())));
                page.setViewportSize(320, 780);
                page.screenshot(new Page.ScreenshotOptions().setPath(picture.resolveSibling("narrow-" + picture.getFileName())).setFullPage(true));
            }
        }
    }
}
