package io.github.waroutes.simulator;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.FilePayload;
import com.microsoft.playwright.options.ForcedColors;
import com.microsoft.playwright.options.SelectOption;
import io.github.waroutes.simulator.media.SampleFiles;
import io.github.waroutes.simulator.people.Users;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/** The chat page in a real browser, on the real gateway and simulator. */
@EnabledIf(value = PageBrowser.IS_THERE, disabledReason = PageBrowser.MISSING)
class ChatPageTest {

    private static final AtomicInteger USERS = new AtomicInteger(100_000);
    private static final Pattern MESSAGE = Pattern.compile("^Message$");

    @TempDir
    static Path directory;

    private static ChatShop shop;
    private static PageBrowser browser;

    private Page page;
    /** Users of one test's own: what the business still says to those of another is not about them. */
    private final String kim = "15555" + USERS.incrementAndGet();
    private final String lee = "US.13491208655302" + USERS.incrementAndGet();

    @BeforeAll
    static void start() {
        shop = new ChatShop(directory);
        browser = PageBrowser.forOrigin(shop.url);
    }

    @AfterAll
    static void stop() {
        browser.close();
        shop.close();
    }

    /** Every test also shows that the page logs no error, keeps to its content policy, and asks no other server for anything. */
    @AfterEach
    void nothingWentWrongBehindTheScenes() {
        browser.closePages();
        shop.removeFaults();
        assertThat(browser.takeProblems()).isEmpty();
    }

    @Test
    void aTextIsAnsweredAndItsTicksTurnRead() {
        talkAs(kim, "Kim");
        write("hello there");

        Locator said = bubble("hello there").first();
        assertThat(said.getByRole(AriaRole.IMG, named("read"))).isVisible();
        Locator answer = bubble("You said: hello there");
        assertThat(answer).isVisible();
        assertThat(answer.getByRole(AriaRole.IMG, named("read"))).isVisible();
        assertThat(said).hasClass(Pattern.compile("\\bmine\\b"));
        assertThat(answer).hasClass(Pattern.compile("\\btheirs\\b"));
    }

    @Test
    void shiftEnterBreaksTheLineAndMarksAreShownAsFormatting() {
        talkAs(kim, "Kim");
        composer().fill("*bold* and _it_ `code`");
        composer().press("Shift+Enter");
        composer().pressSequentially("second line");
        assertThat(log().locator("article")).hasCount(0);
        composer().press("Enter");

        Locator said = mine().first();
        assertThat(said.locator("strong")).hasText("bold");
        assertThat(said.locator("em")).hasText("it");
        assertThat(said.locator("code")).hasText("code");
        assertThat(said).containsText("second line");
        assertThat(composer()).hasValue("");
    }

    @Test
    void markupInAMessageStaysText() {
        talkAs(kim, "Kim <b>");
        write("<img src=x onerror=alert(1)><script>alert(2)</script>");

        assertThat(bubble("You said: <img src=x onerror=alert(1)><script>alert(2)</script>")).isVisible();
        assertThat(log().locator("img, script")).hasCount(0);
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("Kim <b>"))).isVisible();
    }

    @Test
    void typingDotsShowUntilTheBusinessAnswers() {
        CountDownLatch held = shop.hold();
        talkAs(kim, "Kim");
        write("wait for it");

        assertThat(page.getByText("The business is typing…")).isAttached();
        assertThat(page.locator("#typing")).isVisible();
        held.countDown();
        assertThat(bubble("You said: wait for it")).isVisible();
        assertThat(page.locator("#typing")).isHidden();
    }

    @Test
    void anUploadedVoiceMessageIsTranscribedWithTheGivenWords() {
        talkAs(kim, "Kim");
        button("Voice message").click();
        dialog().getByLabel("What is said").fill("do you sell rye bread");
        dialog().getByLabel("or a file").setInputFiles(new FilePayload("note.wav", "audio/wav", tone()));
        dialog().getByRole(AriaRole.BUTTON, named("Send")).click();

        Locator said = mine().first();
        assertThat(said).containsText("Transcript do you sell rye bread");
        assertThat(said.locator("audio")).isVisible();
        assertThat(bubble("You said: do you sell rye bread")).isVisible();
        assertThat(((Number) said.locator("audio").evaluate("async audio => { audio.load(); await new Promise((done, fail) => {"
                + " audio.onloadedmetadata = done; audio.onerror = fail; }); return audio.duration; }")).doubleValue()).isBetween(0.4, 0.6);
    }

    @Test
    void aRecordedVoiceMessageIsTranscribedWithTheGivenWords() {
        talkAs(kim, "Kim");
        button("Voice message").click();
        dialog().getByRole(AriaRole.BUTTON, named("Record")).click();
        assertThat(dialog().getByRole(AriaRole.STATUS)).hasText("Recording…");
        assertThat(dialog().getByRole(AriaRole.BUTTON, named("Stop (1 s)"))).isVisible();
        dialog().getByRole(AriaRole.BUTTON, named("Stop")).click();
        assertThat(dialog().getByRole(AriaRole.STATUS)).containsText("Recorded");
        dialog().getByLabel("What is said").fill("I am on my way");
        dialog().getByRole(AriaRole.BUTTON, named("Send")).click();

        assertThat(mine().first().locator("audio")).isVisible();
        assertThat(bubble("You said: I am on my way")).isVisible();
        // as WhatsApp's own voice messages, whatever the browser records; and it still plays
        assertThat(mine().first().locator("audio").evaluate("async audio => { const answer = await fetch(audio.src); audio.load();"
                + " await new Promise((done, fail) => { audio.onloadedmetadata = done; audio.onerror = fail; });"
                + " const start = new TextDecoder().decode((await answer.arrayBuffer()).slice(0, 4));"
                + " return `${answer.headers.get('content-type')} ${start} ${audio.duration > 0.5 && audio.duration < 20}`; }"))
                .isEqualTo("audio/ogg; codecs=opus OggS true");
    }

    @Test
    void wordsAloneAreAVoiceMessageToo() {
        talkAs(kim, "Kim");
        button("Voice message").click();
        dialog().getByRole(AriaRole.BUTTON, named("Send")).click();
        assertThat(dialog().getByRole(AriaRole.ALERT)).hasText("Write what is said, record it, or choose a file.");
        dialog().getByLabel("What is said").fill("just words");
        dialog().getByRole(AriaRole.BUTTON, named("Send")).click();

        assertThat(bubble("You said: just words")).isVisible();
    }

    @Test
    void aButtonThatTheBotOfferedCanBeTapped() {
        talkAs(kim, "Kim");
        write("Where is my order?");
        button("Yes, please").click();

        assertThat(bubble("Thank you, we will ask next door.")).isVisible();
        Locator tapped = mine().filter(new Locator.FilterOptions().setHasText("Tapped Yes, please"));
        assertThat(tapped.getByRole(AriaRole.BUTTON, named("In reply to"))).containsText("Your order #4182");
    }

    @Test
    void aButtonOfAnEarlierMessageAnswersThatMessage() {
        talkAs(kim, "Kim");
        write("Where is my order?");
        assertThat(button("Yes, please")).isVisible();
        write("something else");
        assertThat(bubble("You said: something else")).isVisible();
        button("Yes, please").click();

        assertThat(bubble("Thank you, we will ask next door.")).isVisible();
        assertThat(mine().last().getByRole(AriaRole.BUTTON, named("In reply to"))).containsText("Your order #4182");
    }

    @Test
    void aRowOfAListCanBeChosen() {
        talkAs(kim, "Kim");
        write("Show me the menu");
        button("See the menu").click();
        assertThat(dialog().getByRole(AriaRole.GROUP, named("Warm")).getByRole(AriaRole.RADIO)).hasCount(2);
        dialog().getByRole(AriaRole.RADIO, named("Curry")).check();
        dialog().getByRole(AriaRole.BUTTON, named("Send")).click();

        assertThat(dialog()).hasCount(0);
        assertThat(bubble("Curry it is.").locator("strong").last()).hasText("20 minutes");
        assertThat(button("See the menu")).isFocused();
    }

    @Test
    void aTemplateIsRenderedAndItsQuickReplyCanBeTapped() {
        String name = "parcel_" + System.nanoTime();
        shop.graph(ChatShop.ACCOUNT + "/message_templates", """
                {"name":"%s","language":"en_US","category":"UTILITY","components":[
                 {"type":"HEADER","format":"TEXT","text":"Order update"},
                 {"type":"BODY","text":"Hello {{1}}, your parcel *{{2}}* is on its way.","example":{"body_text":[["Kim","4182"]]}},
                 {"type":"FOOTER","text":"Corner Bakery"},
                 {"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Track it"},
                   {"type":"URL","text":"Open the shop","url":"https://shop.example/"}]}]}""".formatted(name));
        talkAs(kim, "Kim");
        write("hello");
        assertThat(bubble("You said: hello")).isVisible();
        shop.graph(ChatShop.NUMBER + "/messages", """
                {"messaging_product":"whatsapp","to":"%s","type":"template","template":{"name":"%s","language":{"code":"en_US"},
                 "components":[{"type":"body","parameters":[{"type":"text","text":"Kim"},{"type":"text","text":"4182"}]},
                   {"type":"button","sub_type":"quick_reply","index":"0","parameters":[{"type":"payload","payload":"TRACK"}]}]}}"""
                .formatted(kim, name));

        Locator template = bubble("your parcel 4182 is on its way.");
        assertThat(template).containsText("Order update");
        assertThat(template).containsText("Hello Kim");
        assertThat(template).containsText("Corner Bakery");
        assertThat(template.getByRole(AriaRole.LINK, named("Open the shop"))).hasAttribute("rel", "noopener noreferrer");
        template.getByRole(AriaRole.BUTTON, named("Track it")).click();
        assertThat(bubble("You said: Track it")).isVisible();
    }

    @Test
    void aPictureIsSentAndShown() {
        talkAs(kim, "Kim");
        button("Attach").click();
        page.waitForFileChooser(() -> page.getByRole(AriaRole.MENUITEM, new Page.GetByRoleOptions().setName("Photo or video")).click())
                .setFiles(new FilePayload("cake.png", "image/png", SampleFiles.png()));
        dialog().getByLabel("Caption").fill("our *cake*");
        dialog().getByRole(AriaRole.BUTTON, named("Send")).click();

        Locator image = mine().first().getByRole(AriaRole.IMG, named("our cake"));
        assertThat(image).isVisible();
        assertThat(image.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")).isEqualTo(true);
    }

    @Test
    void aLocationAReplyAReactionAndADeletionAreShownOnTheirMessages() {
        talkAs(kim, "Kim");
        write("hello");
        Locator answer = bubble("You said: hello");
        assertThat(answer).isVisible();

        choose(answer, "Reply");
        assertThat(page.getByText("Reply to Business: You said: hello")).isVisible();
        composer().fill("about that");
        composer().press("Enter");
        assertThat(mine().filter(new Locator.FilterOptions().setHasText("about that")).getByRole(AriaRole.BUTTON, named("In reply to")))
                .containsText("You said: hello");

        choose(answer.first(), "React");
        dialog().getByRole(AriaRole.BUTTON, named("React 👍")).click();
        assertThat(answer.first()).containsText("Reactions: 👍");

        button("Attach").click();
        page.getByRole(AriaRole.MENUITEM, new Page.GetByRoleOptions().setName("Location")).click();
        dialog().getByLabel("Latitude").fill("95");
        dialog().getByRole(AriaRole.BUTTON, named("Send")).click();
        assertThat(dialog().getByRole(AriaRole.ALERT)).containsText("latitude");
        dialog().getByLabel("Latitude").fill("52.5");
        dialog().getByRole(AriaRole.BUTTON, named("Send")).click();
        assertThat(mine().filter(new Locator.FilterOptions().setHasText("52.5, 13.3777"))).isVisible();

        choose(mine().filter(new Locator.FilterOptions().setHasText("about that")).first(), "Delete for everyone");
        assertThat(bubble("This message was deleted")).isVisible();
        // the refused location is an answer of 400, which the browser logs
        assertThat(browser.takeProblems()).allMatch(problem -> problem.contains("status of 400"));
    }

    @Test
    void aFaultThatIsSetInTheInspectorMakesTheNextMessageFail() {
        talkAs(kim, "Kim");
        tab("Faults").click();
        Locator form = page.getByRole(AriaRole.FORM, new Page.GetByRoleOptions().setName("Add a fault"));
        form.getByLabel("Fault", new Locator.GetByLabelOptions().setExact(true)).selectOption("failed-status");
        form.getByLabel("Error code").fill("131026");
        form.getByRole(AriaRole.BUTTON, named("Add fault")).click();
        assertThat(page.getByRole(AriaRole.LIST, new Page.GetByRoleOptions().setName("Faults that were set"))).containsText("struck 0 of 1");
        write("will this fail?");

        Locator failed = bubble("You said: will this fail?");
        assertThat(failed).containsText("Failed: 131026");
        assertThat(failed.getByRole(AriaRole.IMG, named("failed"))).isVisible();
        assertThat(page.getByRole(AriaRole.LIST, new Page.GetByRoleOptions().setName("Faults that were set"))).containsText("used up (1)");
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Remove all")).click();
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("No fault is set"))).isVisible();
    }

    @Test
    void aRefusedCallIsInTheInspectorWithItsErrorAndTheFaultThatStruck() {
        talkAs(kim, "Kim");
        tab("Faults").click();
        Locator form = page.getByRole(AriaRole.FORM, new Page.GetByRoleOptions().setName("Add a fault"));
        form.getByLabel("Error code").fill("132001");
        form.getByLabel("Only about this user").fill(kim);
        form.getByRole(AriaRole.BUTTON, named("Add fault")).click();
        write("hello");
        tab("Calls").click();
        page.getByLabel("This user", new Page.GetByLabelOptions().setExact(true)).check();
        page.getByLabel("Kind").selectOption("Graph");
        page.getByLabel("Outcome").selectOption("Failed");

        Locator call = calls().getByRole(AriaRole.OPTION).filter(new Locator.FilterOptions().setHasText("graph-error")).first();
        call.click();
        assertThat(details()).containsText("132001");
        assertThat(details()).containsText("\"to\": \"+" + kim + "\"");
        assertThat(details()).not().containsText("simulated-access-token");
    }

    @Test
    void aWebhookAndAGraphCallCanBeReplayed() {
        talkAs(kim, "Kim");
        write("once more");
        assertThat(bubble("You said: once more")).isVisible();

        page.getByLabel("This user", new Page.GetByLabelOptions().setExact(true)).check();
        page.getByLabel("Kind").selectOption("Graph");
        page.getByLabel("Search calls").fill("messages text");
        calls().getByRole(AriaRole.OPTION).first().click();
        details().getByRole(AriaRole.BUTTON, named("Replay")).click();
        assertThat(bubble("You said: once more")).hasCount(2);
        assertThat(details()).containsText("Replay of");

        page.getByLabel("Kind").selectOption("Webhook");
        page.getByLabel("Search calls").fill("");
        int before = calls().getByRole(AriaRole.OPTION).count();
        calls().getByRole(AriaRole.OPTION).last().click();
        details().getByRole(AriaRole.BUTTON, named("Replay")).click();
        assertThat(page.getByText("Replayed: 200.").last()).isVisible();
        assertThat(calls().getByRole(AriaRole.OPTION).nth(before)).isVisible();
    }

    @Test
    void aCallCanBeCopiedAsACommandWithoutSecrets() {
        talkAs(kim, "Kim");
        page.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
        write("it's me");
        assertThat(bubble("You said: it's me")).isVisible();
        page.getByLabel("This user", new Page.GetByLabelOptions().setExact(true)).check();
        page.getByLabel("Kind").selectOption("Graph");
        page.getByLabel("Search calls").fill("messages text");
        calls().getByRole(AriaRole.OPTION).first().click();
        details().getByRole(AriaRole.BUTTON, named("Copy as curl")).click();

        assertThat(page.getByText("Copied.")).isVisible();
        String command = (String) page.evaluate("navigator.clipboard.readText()");
        assertThat(command).startsWith("curl -X POST '" + shop.url + "/graph/v").contains("Bearer $WHATSAPP_ACCESS_TOKEN")
                .contains("You said: it'\\''s me").doesNotContain("simulated-access-token");
    }

    @Test
    void severalUsersTalkAtOnceAndUnreadMessagesAreCounted() {
        talkAs(kim, "Kim");
        write("I am Kim");
        assertThat(bubble("You said: I am Kim")).isVisible();
        addUser(lee, "Lee");
        write("I am Lee");
        assertThat(bubble("You said: I am Lee")).isVisible();
        assertThat(log()).not().containsText("I am Kim");
        shop.say(kim, "{\"text\":\"and again\"}");

        Locator option = optionOf(kim);
        assertThat(option).containsText("You said: and again");
        assertThat(option).containsText("1 unread");
        assertThat(page).hasTitle(Pattern.compile("^\\(\\d+\\) Simulator$"));
        option.click();
        assertThat(bubble("You said: and again")).isVisible();
        assertThat(option).not().containsText("unread");
        assertThat(option).hasAttribute("aria-selected", "true");
    }

    @Test
    void twoPagesShowTheSameConversationLive() {
        talkAs(kim, "Kim");
        Page first = page;
        Page second = browser.open(new Browser.NewContextOptions().setViewportSize(1280, 800));
        assertThat(second.getByRole(AriaRole.STATUS).first()).hasText("Live");
        write("to both");

        page = second;
        optionOf(kim).click();
        assertThat(bubble("You said: to both")).isVisible();
        write("from the second");
        page = first;
        assertThat(bubble("You said: from the second")).isVisible();
    }

    @Test
    void everythingIsBackAfterAReload() {
        talkAs(kim, "Kim");
        write("remember me");
        assertThat(bubble("You said: remember me").getByRole(AriaRole.IMG, named("read"))).isVisible();
        int count = calls().getByRole(AriaRole.OPTION).count();
        page.reload();

        assertThat(bubble("You said: remember me").getByRole(AriaRole.IMG, named("read"))).isVisible();
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("Kim").setExact(true))).isVisible();
        assertThat(calls().getByRole(AriaRole.OPTION)).not().hasCount(0);
        assertThat(calls().getByRole(AriaRole.OPTION).count()).isGreaterThanOrEqualTo(count);
    }

    @Test
    void aLostConnectionIsSaidAndWhatWasMissedComesAfterwards() {
        talkAs(kim, "Kim");
        write("before");
        assertThat(bubble("You said: before")).isVisible();
        page.context().route("**/simulator/events*", route -> route.abort());
        page.reload();
        assertThat(page.getByRole(AriaRole.STATUS).first()).hasText("Reconnecting…");

        shop.say(kim, "{\"text\":\"while away\"}");
        page.context().unroute("**/simulator/events*");
        assertThat(page.getByRole(AriaRole.STATUS).first()).hasText("Live");
        assertThat(bubble("You said: while away")).isVisible();
        assertThat(bubble("You said: before")).isVisible();
        assertThat(browser.takeProblems()).allMatch(problem -> problem.contains("ERR_FAILED"));
    }

    /** Answers to what the page asks for wait here, so that something can happen before they come. */
    private static final String HOLD_ANSWERS = """
            async () => {
              const plain = window.fetch;
              window.held = [];
              window.fetch = async (url, options) => {
                const answer = await plain(url, options);
                if (!options?.method) await new Promise((go) => window.held.push(go));
                return answer;
              };
              (await import('/simulator/page/store.js')).reload();
            }""";
    private static final String LET_GO = "() => window.held.splice(0).forEach((go) => go())";
    private static final String NEWEST_CALL = "async () => (await import('/simulator/page/store.js')).state.calls[0].seq";

    /** Not by waitForFunction, which evaluates text in the page: its content policy forbids that. */
    private void awaitHeld(int count) {
        await().pollInSameThread().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(page.evaluate("() => window.held.length")).isEqualTo(count));
    }

    @Test
    void whatComesWhileEverythingIsAskedForAnewStays() {
        talkAs(kim, "Kim");
        write("before");
        assertThat(bubble("You said: before").getByRole(AriaRole.IMG, named("read"))).isVisible();
        page.evaluate(HOLD_ANSWERS);
        awaitHeld(4);
        shop.say(kim, "{\"text\":\"meanwhile\"}");
        shop.fault("{\"fault\":\"cut\",\"recipient\":\"15555550000\"}");
        assertThat(bubble("You said: meanwhile").getByRole(AriaRole.IMG, named("read"))).isVisible();
        assertThat(tab("Faults")).containsText("1");
        int newest = (int) page.evaluate(NEWEST_CALL);

        page.evaluate(LET_GO);
        awaitHeld(1);
        assertThat((int) page.evaluate(NEWEST_CALL)).isEqualTo(newest);
        assertThat(tab("Faults")).containsText("1");
        shop.say(kim, "{\"text\":\"later\"}");
        assertThat(bubble("You said: later").getByRole(AriaRole.IMG, named("read"))).isVisible();
        page.evaluate(LET_GO);
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
        assertThat(bubble("You said: later").getByRole(AriaRole.IMG, named("read"))).isVisible();
        assertThat(mine()).hasCount(3);
    }

    @Test
    void aConversationKeepsItsLatestThousandMessages() {
        talkAs(kim, "Kim");
        for (int batch = 0; batch < 3; batch++) {
            shop.say(kim, "{\"batch\":[" + "{\"reaction\":{\"message_id\":\"wamid.none\",\"emoji\":\"x\"}},".repeat(399)
                    + "{\"reaction\":{\"message_id\":\"wamid.none\",\"emoji\":\"x\"}}]}");
        }
        write("the end");

        assertThat(bubble("You said: the end")).isVisible();
        assertThat(page.evaluate("async () => { const { chosen } = await import('/simulator/page/store.js');"
                + " return [chosen().entries.size, chosen().ids.size].join(); }")).isEqualTo("1000,1000");
    }

    @Test
    void whoseUserIdAndNumberBecomeKnownIsShownOnce() {
        talkAs(lee, "Lee");
        write("who am I");
        assertThat(bubble("You said: who am I")).isVisible();

        shop.say(kim, "{\"text\":\"it is me\",\"user_id\":\"" + lee + "\"}");
        assertThat(optionOf(kim)).isVisible();
        assertThat(optionOf(lee)).hasCount(0);
        assertThat(bubble("You said: who am I")).isVisible();
        assertThat(bubble("You said: it is me")).isVisible();
        assertThat(page).hasURL(Pattern.compile("#user=" + kim + "$"));
    }

    @Test
    void everySampleOfAnythingElseIsTaken() {
        talkAs(kim, "Kim");
        write("to react to");
        assertThat(bubble("You said: to react to")).isVisible();
        int samples = sample(0);
        for (int kind = 1; kind < samples; kind++) {
            sample(kind);
        }
        assertThat(samples).isGreaterThan(20);
    }

    /** Sends the sample of one kind, and returns how many kinds there are. */
    private int sample(int kind) {
        button("Attach").click();
        page.getByRole(AriaRole.MENUITEM, new Page.GetByRoleOptions().setName("Anything else")).click();
        Locator kinds = dialog().getByLabel("Kind");
        int many = kinds.locator("option").count();
        kinds.selectOption(new SelectOption().setIndex(kind));
        dialog().getByRole(AriaRole.BUTTON, named("Send")).click();
        assertThat(dialog()).hasCount(0);
        return many;
    }

    @Test
    void theNextCallThatFailsIsOfTheSameEndpoint() {
        talkAs(kim, "Kim");
        shop.read(ChatShop.ACCOUNT + "/phone_numbers");
        page.getByLabel("Search calls").fill("phone_numbers");
        calls().getByRole(AriaRole.OPTION).first().click();
        details().getByRole(AriaRole.BUTTON, named("Make the next one fail")).click();

        assertThat(page.getByRole(AriaRole.FORM, new Page.GetByRoleOptions().setName("Add a fault")).getByLabel("Strikes at"))
                .hasValue("account");
    }

    @Test
    void everythingCanBeDoneByKeyboard() {
        page = browser.open();
        assertThat(page.getByRole(AriaRole.STATUS).first()).hasText("Live");
        tabTo("Add user");
        page.keyboard().press("Enter");
        page.keyboard().insertText(kim);
        page.keyboard().press("Tab");
        page.keyboard().insertText("Kim");
        page.keyboard().press("Enter");
        assertThat(composer()).isFocused();
        page.keyboard().insertText("Where is my order?");
        page.keyboard().press("Enter");
        assertThat(button("No, I am home")).isVisible();

        page.keyboard().press("ArrowUp");
        assertThat(log().locator("article").last()).isFocused();
        page.keyboard().press("ArrowUp");
        assertThat(log().locator("article").first()).isFocused();
        page.keyboard().press("Enter");
        assertThat(page.getByRole(AriaRole.MENUITEM, new Page.GetByRoleOptions().setName("Reply"))).isFocused();
        page.keyboard().press("Escape");
        assertThat(log().locator("article").first().getByRole(AriaRole.BUTTON, named("Message actions"))).isFocused();
        tabTo("No, I am home");
        page.keyboard().press("Enter");
        assertThat(bubble("You said: No, I am home")).isVisible();

        tabTo("Calls");
        page.keyboard().press("ArrowRight");
        assertThat(tab("Faults")).isFocused();
        assertThat(page.getByRole(AriaRole.TABPANEL, new Page.GetByRoleOptions().setName("Faults"))).isVisible();
        page.keyboard().press("ArrowLeft");
        for (int presses = 0; presses < 12 && !Boolean.TRUE.equals(page.evaluate("document.activeElement.matches('.call')")); presses++) {
            page.keyboard().press("Tab");
        }
        page.keyboard().press("End");
        page.keyboard().press("Enter");
        assertThat(details()).isVisible();
        page.keyboard().press("Escape");
        assertThat(details()).hasCount(0);
        assertThat(calls().getByRole(AriaRole.OPTION).last()).isFocused();
    }

    @Test
    void everyControlHasANameAndEveryPartItsRole() {
        talkAs(kim, "Kim");
        write("show me the menu");
        assertThat(button("See the menu")).isVisible();

        assertThat(page.getByRole(AriaRole.BANNER)).isVisible();
        assertThat(page.getByRole(AriaRole.MAIN)).isVisible();
        assertThat(page.getByRole(AriaRole.COMPLEMENTARY, new Page.GetByRoleOptions().setName("Inspector"))).isVisible();
        assertThat(page.getByRole(AriaRole.REGION, new Page.GetByRoleOptions().setName("Users"))).isVisible();
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1))).hasCount(1);
        Locator log = page.getByRole(AriaRole.LOG, new Page.GetByRoleOptions().setName("Conversation with Kim"));
        assertThat(log).hasAttribute("aria-live", "polite");
        assertThat(page.locator("html")).hasAttribute("lang", "en");
        tab("Faults").click();
        // a control without a name stands in the snapshot as its bare role
        for (String line : page.locator("body").ariaSnapshot().lines().toList()) {
            assertThat(line).doesNotMatch("\\s*- (button|textbox|combobox|checkbox|radio|link|tab|option|spinbutton|searchbox|img|log|listbox)(:| \\[.*)?\\s*");
        }
        assertThat((List<?>) page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i)"))
                .as("ids that are there twice").isEmpty();
        assertThat((List<?>) page.evaluate("[...document.querySelectorAll('[aria-labelledby],[aria-controls],[aria-describedby]')]"
                + ".flatMap(e => ['aria-labelledby','aria-controls','aria-describedby'].map(n => e.getAttribute(n)).filter(Boolean))"
                + ".filter(id => !document.getElementById(id) && id !== 'detail-title')")).as("references to nothing").isEmpty();
    }

    @Test
    void allTextHasEnoughContrastInLightAndDark() {
        talkAs(kim, "Kim");
        write("Where is my order?");
        assertThat(button("Yes, please")).isVisible();
        shop.say(kim, "{\"voice\":\"hello\"}");
        assertThat(bubble("You said: hello")).isVisible();
        page.getByLabel("This user", new Page.GetByLabelOptions().setExact(true)).check();
        calls().getByRole(AriaRole.OPTION).first().click();
        assertThat(details()).isVisible();
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
            assertThat(PageBrowser.lowContrast(page)).as(scheme.toString()).isEmpty();
        }
    }

    @Test
    void onANarrowScreenOnePaneShowsAtATime() {
        page = browser.open(new Browser.NewContextOptions().setViewportSize(390, 780));
        assertThat(page.getByRole(AriaRole.STATUS).first()).hasText("Live");
        button("Users").click();
        addUser(kim, "Kim");
        assertThat(composer()).isVisible();
        assertThat(users()).isHidden();
        button("Inspector").click();
        assertThat(tab("Calls")).isVisible();
        assertThat(composer()).isHidden();
        assertThat(page.evaluate("document.documentElement.scrollWidth <= innerWidth")).isEqualTo(true);
    }

    @Test
    void hundredsOfUsersAndMessagesDoNotFillThePage() {
        talkAs(kim, "Kim");
        shop.say(kim, "{\"batch\":[" + "{\"reaction\":{\"message_id\":\"wamid.none\",\"emoji\":\"x\"}},".repeat(399)
                + "{\"text\":\"the last\"}]}");
        for (int user = 0; user < 170; user++) {
            shop.say("1555555" + (2000 + user), "{\"unsupported\":{}}");
        }

        assertThat(users().getByRole(AriaRole.OPTION)).hasCount(150);
        assertThat(page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(Pattern.compile("Show \\d+ more of")))).isVisible();
        assertThat(bubble("the last").first()).isVisible();
        assertThat(log().locator("article")).hasCount(150);
        button("Show earlier messages").click();
        assertThat(log().locator("article")).hasCount(300);
        page.getByLabel("Search users").fill("5552169");
        assertThat(users().getByRole(AriaRole.OPTION)).hasCount(1);
    }

    @Test
    void textOfEitherDirectionRunsItsOwnWay() {
        talkAs(kim, "נועה");
        write("שלום, what is new?");

        Locator said = mine().first().locator(".text");
        assertThat(said).hasAttribute("dir", "auto");
        assertThat(said.evaluate("text => getComputedStyle(text).direction")).isEqualTo("rtl");
        assertThat(bubble("You said").first().locator(".text").evaluate("text => getComputedStyle(text).direction")).isEqualTo("ltr");
        composer().fill("שלום");
        assertThat(composer().evaluate("area => getComputedStyle(area).direction")).isEqualTo("rtl");
    }

    @Test
    void whatOneUserHasBegunToWriteIsNotSaidByAnother() {
        talkAs(kim, "Kim");
        write("hello");
        choose(bubble("You said: hello"), "Reply");
        composer().fill("half a sente");
        addUser(lee, "Lee");
        assertThat(composer()).hasValue("");
        assertThat(page.locator("#quoting")).isHidden();
        composer().fill("of Lee");
        optionOf(kim).click();
        assertThat(composer()).hasValue("half a sente");
        assertThat(page.getByText("Reply to Business: You said: hello")).isVisible();
        composer().press("Enter");

        assertThat(mine().last().getByRole(AriaRole.BUTTON, named("In reply to"))).containsText("You said: hello");
        optionOf(lee).click();
        assertThat(composer()).hasValue("of Lee");
    }

    @Test
    void aVoiceMessageAndAPictureKeepTheQuote() {
        talkAs(kim, "Kim");
        write("hello");
        choose(bubble("You said: hello"), "Reply");
        button("Voice message").click();
        dialog().getByLabel("What is said").fill("spoken answer");
        dialog().getByRole(AriaRole.BUTTON, named("Send")).click();
        assertThat(mine().last().getByRole(AriaRole.BUTTON, named("In reply to"))).containsText("You said: hello");
        assertThat(page.locator("#quoting")).isHidden();

        choose(bubble("You said: hello").first(), "Reply");
        button("Attach").click();
        page.waitForFileChooser(() -> page.getByRole(AriaRole.MENUITEM, new Page.GetByRoleOptions().setName("Photo or video")).click())
                .setFiles(new FilePayload("cake.png", "image/png", SampleFiles.png()));
        dialog().getByRole(AriaRole.BUTTON, named("Send")).click();
        assertThat(mine().filter(new Locator.FilterOptions().setHas(page.getByAltText("Photo"))).getByRole(AriaRole.BUTTON, named("In reply to")))
                .containsText("You said: hello");
    }

    @Test
    void aLocationThatWasAskedForAndAnOrderAnswerTheMessageTheyBelongTo() {
        talkAs(kim, "Kim");
        write("hello");
        assertThat(bubble("You said: hello")).isVisible();
        shop.graph(ChatShop.NUMBER + "/messages", """
                {"messaging_product":"whatsapp","to":"%s","type":"interactive","interactive":{"type":"location_request_message",
                 "body":{"text":"Where shall we bring it?"},"action":{"name":"send_location"}}}""".formatted(kim));
        button("Send location").click();
        dialog().getByRole(AriaRole.BUTTON, named("Send")).click();
        assertThat(mine().last().getByRole(AriaRole.BUTTON, named("In reply to"))).containsText("Where shall we bring it?");

        shop.graph(ChatShop.NUMBER + "/messages", """
                {"messaging_product":"whatsapp","to":"%s","type":"interactive","interactive":{"type":"product",
                 "body":{"text":"Our best bread"},"action":{"catalog_id":"367025965434465","product_retailer_id":"rye-1"}}}""".formatted(kim));
        bubble("Our best bread").getByRole(AriaRole.BUTTON, named("Order")).click();
        dialog().getByRole(AriaRole.BUTTON, named("Place the order")).click();
        assertThat(mine().last().getByRole(AriaRole.BUTTON, named("In reply to"))).containsText("Our best bread");
    }

    @Test
    void aPlayedVoiceMessageACouponAndSeveralReactionsAreShownAsWhatTheyAre() {
        talkAs(kim, "Kim");
        assertThat(page.evaluate("""
                async () => {
                  const { bubble, summary } = await import('/simulator/page/bubbles.js');
                  const context = { business: 'Business', user: 'Kim', find: () => null, act: () => null, reactions: ['👍', '👍', '❤️'] };
                  const entry = { id: 'a', from: 'business', at: '2026-11-28T10:00:00Z', status: 'played', type: 'template', message: { type: 'template' },
                    rendered: { body: 'For you', buttons: [{ type: 'COPY_CODE', text: '', payload: 'MAY25' }, { type: 'OTP', payload: '1234' }] } };
                  const shown = bubble(entry, context);
                  return [shown.querySelector('.ticks').getAttribute('aria-label'), shown.querySelector('.ticks').textContent,
                    [...shown.querySelectorAll('.option')].map((one) => one.textContent).join('|'), shown.querySelector('.reactions').textContent,
                    summary({ type: 'reaction', reaction: { emoji: '👍', message_id: 'a' } }, () => entry)].join('; ');
                }""")).isEqualTo("played; ✓✓; Copy offer code|Copy code; Reactions: 👍 ❤️ 3; Reacted 👍 to: For you");
    }

    @Test
    void backReturnsToTheUserBeforeAndOnANarrowScreenToTheList() {
        talkAs(kim, "Kim");
        addUser(lee, "Lee");
        page.goBack();
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("Kim").setExact(true))).isVisible();

        page.setViewportSize(400, 800);
        button("Users").click();
        optionOf(lee).click();
        assertThat(composer()).isVisible();
        page.goBack();
        assertThat(users()).isVisible();
        assertThat(composer()).isHidden();
    }

    @Test
    void aConversationThatIsNotInViewOnANarrowScreenHasUnreadMessages() {
        talkAs(kim, "Kim");
        write("hello");
        assertThat(bubble("You said: hello")).isVisible();
        page.setViewportSize(400, 800);
        button("Users").click();
        shop.say(kim, "{\"text\":\"while away\"}");
        assertThat(optionOf(kim)).containsText("1 unread");
        optionOf(kim).click();
        assertThat(bubble("You said: while away")).isVisible();
        button("Users").click();
        assertThat(optionOf(kim)).not().containsText("unread");
    }

    @Test
    void twoUsersOfOneNameAreToldApart() {
        String name = "Alex " + kim;
        String other = "15555" + USERS.incrementAndGet();
        talkAs(kim, name);
        assertThat(optionOf(kim)).not().containsText("+" + kim);
        addUser(other, name);

        assertThat(optionOf(kim)).containsText("+" + kim);
        assertThat(optionOf(other)).containsText("+" + other);
        // the number is not what a long name pushes out of sight
        assertThat(optionOf(other).locator("small").evaluate("small => small.getBoundingClientRect().right"
                + " <= small.parentElement.getBoundingClientRect().right + 1")).isEqualTo(true);
    }

    @Test
    void aQuoteLeadsToAMessageHoweverFarUpItIs() {
        talkAs(kim, "Kim");
        write("the very first");
        assertThat(bubble("You said: the very first")).isVisible();
        String first = mine().first().getAttribute("data-id");
        shop.say(kim, "{\"batch\":[" + "{\"reaction\":{\"message_id\":\"wamid.none\",\"emoji\":\"x\"}},".repeat(299) + "{\"unsupported\":{}}]}");
        shop.say(kim, "{\"text\":\"back to that\",\"reply_to\":\"" + first + "\"}");
        assertThat(log().locator("[data-id='" + first + "']")).hasCount(0);
        mine().filter(new Locator.FilterOptions().setHasText("back to that")).getByRole(AriaRole.BUTTON, named("In reply to")).click();

        assertThat(log().locator("[data-id='" + first + "']")).isFocused();
        assertThat(log().locator("[data-id='" + first + "']")).isInViewport();
    }

    @Test
    void whereAMessageComesFromIsShown() {
        talkAs(kim, "Kim");
        shop.say(kim, "{\"text\":\"passed on\",\"forwarded\":true}");
        shop.say(kim, "{\"text\":\"passed on a lot\",\"forwarded\":\"often\"}");
        shop.say(kim, "{\"text\":\"from the ad\",\"referral\":true}");
        shop.say(kim, "{\"text\":\"to all of you\",\"group_id\":\"Y2FwaXRhbC1ncm91cA\"}");

        assertThat(mine().filter(new Locator.FilterOptions().setHasText("passed on").setHasNotText("a lot"))).containsText("Forwarded");
        assertThat(mine().filter(new Locator.FilterOptions().setHasText("passed on a lot"))).containsText("Forwarded many times");
        Locator ad = mine().filter(new Locator.FilterOptions().setHasText("from the ad")).getByRole(AriaRole.GROUP, named("Advertisement"));
        assertThat(ad).containsText("Chat with us");
        assertThat(ad).containsText("Open all weekend");
        assertThat(mine().filter(new Locator.FilterOptions().setHasText("to all of you"))).containsText("In the group Y2FwaXRhbC1ncm91cA");
    }

    @Test
    void edgesAreSeenWhereColoursAreTakenAway() {
        page = browser.open(new Browser.NewContextOptions().setViewportSize(1280, 800).setForcedColors(ForcedColors.ACTIVE));
        assertThat(page.getByRole(AriaRole.STATUS).first()).hasText("Live");
        addUser(kim, "Kim");
        write("hello");

        assertThat(mine().first().evaluate("bubble => getComputedStyle(bubble).borderTopWidth")).isEqualTo("1px");
        assertThat(mine().first().evaluate("bubble => getComputedStyle(bubble).borderTopStyle")).isEqualTo("solid");
    }

    private void talkAs(String user, String name) {
        page = browser.open();
        assertThat(page.getByRole(AriaRole.STATUS).first()).hasText("Live");
        addUser(user, name);
    }

    private void addUser(String user, String name) {
        button("Add user").click();
        dialog().getByLabel("Phone number or user id").fill(user);
        dialog().getByLabel("Name", new Locator.GetByLabelOptions().setExact(true)).fill(name);
        dialog().getByRole(AriaRole.BUTTON, named("Add")).click();
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName(name).setExact(true))).isVisible();
    }

    private void write(String text) {
        composer().fill(text);
        composer().press("Enter");
    }

    private void choose(Locator bubble, String action) {
        bubble.hover();
        bubble.getByRole(AriaRole.BUTTON, named("Message actions")).click();
        page.getByRole(AriaRole.MENUITEM, new Page.GetByRoleOptions().setName(action)).click();
    }

    private void tabTo(String name) {
        for (int presses = 0; presses < 60; presses++) {
            Object here = page.evaluate("document.activeElement.textContent.trim()");
            if (name.equals(here)) {
                return;
            }
            page.keyboard().press("Tab");
        }
        throw new AssertionError("Tab does not reach " + name);
    }

    private Locator composer() {
        return page.getByRole(AriaRole.TEXTBOX, new Page.GetByRoleOptions().setName(MESSAGE));
    }

    private Locator log() {
        return page.getByRole(AriaRole.LOG);
    }

    private Locator mine() {
        return log().locator("article.mine");
    }

    private Locator bubble(String text) {
        return log().getByRole(AriaRole.ARTICLE).filter(new Locator.FilterOptions().setHasText(text));
    }

    private Locator users() {
        return page.getByRole(AriaRole.LISTBOX, new Page.GetByRoleOptions().setName("Users"));
    }

    private Locator optionOf(String user) {
        return users().getByRole(AriaRole.OPTION).and(page.locator("[data-user='" + user + "']"));
    }

    private Locator calls() {
        return page.getByRole(AriaRole.LISTBOX, new Page.GetByRoleOptions().setName("Calls, newest first"));
    }

    private Locator details() {
        return page.locator("#panel-calls .detail").filter(new Locator.FilterOptions().setVisible(true));
    }

    private Locator tab(String name) {
        return page.getByRole(AriaRole.TAB, new Page.GetByRoleOptions().setName(name));
    }

    private Locator button(String name) {
        return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name));
    }

    private Locator dialog() {
        return page.getByRole(AriaRole.DIALOG);
    }

    private static Locator.GetByRoleOptions named(String name) {
        return new Locator.GetByRoleOptions().setName(name);
    }

    /** Half a second of silence as a WAV file, 8 kHz, 8 bit, one channel. */
    private static byte[] tone() {
        int samples = 4000;
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes("RIFF".getBytes());
        number(file, 36 + samples, 4);
        file.writeBytes("WAVEfmt ".getBytes());
        number(file, 16, 4);
        number(file, 1, 2);
        number(file, 1, 2);
        number(file, 8000, 4);
        number(file, 8000, 4);
        number(file, 1, 2);
        number(file, 8, 2);
        file.writeBytes("data".getBytes());
        number(file, samples, 4);
        for (int sample = 0; sample < samples; sample++) {
            file.write(128);
        }
        return file.toByteArray();
    }

    private static void number(ByteArrayOutputStream out, int value, int bytes) {
        for (int shift = 0; shift < bytes * 8; shift += 8) {
            out.write(value >> shift);
        }
    }
}
