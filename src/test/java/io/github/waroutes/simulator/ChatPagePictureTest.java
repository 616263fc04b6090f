package io.github.waroutes.simulator;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Makes the picture of the README again: {@code mvn test -Dtest=ChatPagePictureTest -Dsimulator.picture=docs/images/simulator.png};
 * dark and narrow ones beside it with {@code -Dsimulator.picture.all=true}.
 */
@EnabledIfSystemProperty(named = "simulator.picture", matches = ".+")
@EnabledIf(value = PageBrowser.IS_THERE, disabledReason = PageBrowser.MISSING)
class ChatPagePictureTest {

    private static final int MAX_BYTES = 300_000;

    @TempDir
    static Path directory;

    @Test
    void aPictureOfAConversationIsTaken() throws IOException {
        Path picture = Path.of(System.getProperty("simulator.picture")).toAbsolutePath();
        Files.createDirectories(picture.getParent());
        try (ChatShop shop = new ChatShop(directory); PageBrowser browser = PageBrowser.forOrigin(shop.url)) {
            shop.say("15555550107", "{\"text\":\"Are you open on Sunday?\",\"name\":\"Noor Haddad\"}");
            shop.say("15555550112", "{\"image\":{\"caption\":\"Is this still in stock?\"},\"name\":\"Tom Berger\"}");
            shop.say("US.13491208655302741918", "{\"text\":\"Thanks, see you tomorrow!\",\"name\":\"Lee\",\"username\":\"lee.w\"}");
            Page page = browser.open(new Browser.NewContextOptions().setViewportSize(1280, 800).setColorScheme(ColorScheme.LIGHT));
            assertThat(page.getByRole(AriaRole.STATUS).first()).hasText("Live");
            page.getByRole(AriaRole.BUTTON, name("Add user")).click();
            page.getByLabel("Phone number or user id").fill("15555550101");
            page.getByRole(AriaRole.DIALOG).getByLabel("Name", new Locator.GetByLabelOptions().setExact(true)).fill("Kim Otieno");
            page.getByRole(AriaRole.DIALOG).getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Add")).click();

            page.getByRole(AriaRole.BUTTON, name("Voice message")).click();
            page.getByLabel("What is said").fill("Hi, where is my order?");
            page.getByRole(AriaRole.DIALOG).getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Send")).click();
            page.getByRole(AriaRole.BUTTON, name("Yes, please")).click();
            assertThat(page.getByRole(AriaRole.LOG)).containsText("Thank you, we will ask next door.");
            page.getByLabel("Message", new Page.GetByLabelOptions().setExact(true)).fill("And what is on the *menu* tonight?");
            page.getByLabel("Message", new Page.GetByLabelOptions().setExact(true)).press("Enter");
            Locator menu = page.getByRole(AriaRole.ARTICLE).filter(new Locator.FilterOptions().setHasText("See the menu"));
            assertThat(menu.getByRole(AriaRole.IMG, new Locator.GetByRoleOptions().setName("read"))).isVisible();
            shop.say("15555550107", "{\"text\":\"And on Monday?\"}");
            assertThat(page.getByRole(AriaRole.OPTION).filter(new Locator.FilterOptions().setHasText("Noor")))
                    .containsText(Pattern.compile("unread"));
            page.getByLabel("This user", new Page.GetByLabelOptions().setExact(true)).check();
            page.getByRole(AriaRole.OPTION).filter(new Locator.FilterOptions().setHasText("POST messages interactive")).first().click();
            assertThat(page.getByRole(AriaRole.BUTTON, name("Replay"))).isVisible();
            page.mouse().move(640, 5);
            page.waitForTimeout(600);
            take(page, picture);
            assertThat(Files.size(picture)).isLessThan(MAX_BYTES);
            if (Boolean.getBoolean("simulator.picture.all")) {
                page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
                take(page, picture.resolveSibling("dark-" + picture.getFileName()));
                page.setViewportSize(390, 780);
                take(page, picture.resolveSibling("narrow-" + picture.getFileName()));
            }
        }
    }

    private static void take(Page page, Path picture) {
        page.screenshot(new Page.ScreenshotOptions().setPath(picture));
    }

    private static Page.GetByRoleOptions name(String name) {
        return new Page.GetByRoleOptions().setName(name);
    }
}
