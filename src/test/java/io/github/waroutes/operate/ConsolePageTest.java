package io.github.waroutes.operate;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.github.waroutes.TestGateway;
import io.github.waroutes.queue.StoredMessage;
import io.github.waroutes.simulator.PageBrowser;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The console page in a real browser, on the management port of a real gateway. */
@EnabledIf(value = PageBrowser.IS_THERE, disabledReason = PageBrowser.MISSING)
class ConsolePageTest {

    private static final String TOKEN = "open-sesame";
    private static final String MARKUP = "<img src=x onerror=alert(1)>";
    private static final AtomicInteger LETTERS = new AtomicInteger();

    private static TestGateway gateway;
    private static PageBrowser browser;
    private static String origin;

    private Page page;

    @BeforeAll
    static void start(@TempDir Path directory) {
        gateway = new TestGateway(directory).with("whatsapp.management.token", TOKEN)
                .with("whatsapp.management.audit-file", directory.resolve("audit.jsonl")).start();
        origin = "http://127.0.0.1:" + gateway.managementPort;
        browser = PageBrowser.forPage(origin, "/console/", "/");
    }

    @AfterAll
    static void stop() {
        browser.close();
        gateway.close();
    }

    @BeforeEach
    void open() {
        management("resume", "{}");
        drain();
        browser.takeProblems();
    }

    /** Every test also shows that the page logs no error, keeps to its content policy, and asks no other server for anything. */
    @AfterEach
    void nothingWentWrongBehindTheScenes() {
        browser.closePages();
        // what the gateway refuses, a browser notes
        assertThat(browser.takeProblems()).allSatisfy(problem -> assertThat(problem)
                .matches(".*Failed to load resource: the server responded with a status of 40[14].*"));
    }

    private static void drain() {
        while (gateway.queued("whatsapp.dead-letter") > 0) {
            HttpResponse<String> answer = TestGateway.send(HttpRequest.newBuilder(URI.create(origin + "/manage/messages/dead-letters/drop"))
                    .header("Authorization", "Bearer " + TOKEN)
                    .POST(HttpRequest.BodyPublishers.ofString("{\"all\":true,\"limit\":1000,\"reason\":\"between tests\"}")).build());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        }
    }

    /** A dead letter as the error policy stores one. What failed is an update that nothing handles once it is replayed. */
    private static StoredMessage letter(String code, String type, Map<String, Object> more) {
        int number = LETTERS.incrementAndGet();
        Map<String, Object> headers = new LinkedHashMap<>(Map.of("WhatsAppUpdateKind", "change", "WhatsAppMessageType", type,
                "WhatsAppUpdateId", "u" + number, "WhatsAppPhoneNumberId", TestGateway.NUMBER,
                "WhatsAppConversation", TestGateway.NUMBER + ":1555555010" + number % 10));
        headers.putAll(Map.of("WhatsAppDeadLetterSource", "whatsapp.inbound", "WhatsAppDeadLetterRoute", "shop",
                "WhatsAppDeadLetterAt", "2026-11-28T10:00:00Z", "WhatsAppDeadLetterId", "whatsapp.inbound:" + number,
                "WhatsAppDeadLetterCode", code, "WhatsAppDeadLetterException", "WhatsAppException",
                "WhatsAppException", "{\"type\":\"WhatsAppException\",\"error_code\":" + code + ",\"scope\":\"MESSAGE\",\"retry_class\":\"NEVER\"}"));
        headers.putAll(more);
        return new StoredMessage("letter " + number, null, headers, "{\"event\":\"wamid.%d\",\"text\":\"%s\"}".formatted(number, MARKUP).getBytes());
    }

    private static void store(StoredMessage... letters) {
        Exchange stored = gateway.camel().createFluentProducerTemplate().to("whatsapp-queue:whatsapp.dead-letter").withBody(List.of(letters)).send();
        assertThat(stored.getException()).isNull();
    }

    private void letters(String... codes) {
        store(Arrays.stream(codes).map(code -> letter(code, "text", Map.of())).toArray(StoredMessage[]::new));
        show();
        assertThat(rowsOf("list")).hasCount(codes.length);
    }

    private void show() {
        page = browser.open();
        assertThat(page.locator("#connection")).hasText("Live");
    }

    private void token(String token) {
        page.getByLabel("Token").fill(token);
        page.getByLabel("Token").press("Enter");
    }

    private Locator rowsOf(String table) {
        return page.locator("#" + table + " tbody tr");
    }

    private Locator outcome() {
        return page.locator("#outcome");
    }

    private Locator button(String name) {
        return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private Locator dialog(String title) {
        return page.getByRole(AriaRole.DIALOG, new Page.GetByRoleOptions().setName(title));
    }

    private static Locator.GetByRoleOptions named(String name) {
        return new Locator.GetByRoleOptions().setName(name).setExact(true);
    }

    @Test
    void aDeadLetterIsFoundByItsErrorReadByKeyboardAndReplayed() {
        letters("131026", "131047");
        token(TOKEN);
        assertThat(page.locator("#token-state")).hasText("The token is right.");
        page.getByLabel("Error code").fill("131047");
        page.getByLabel("Error code").press("Enter");
        assertThat(rowsOf("list")).hasCount(1);
        assertThat(rowsOf("list")).containsText("131047");
        assertThat(page.locator("#list-caption")).hasText("2 dead letters, 1 fit the filter, oldest first");

        tabTo("Details");
        page.keyboard().press("Enter");
        Locator detail = dialog("change text");
        assertThat(detail).containsText("The message itself is refused");
        page.keyboard().press("Escape");
        assertThat(detail).isHidden();
        assertThat(rowsOf("list").getByRole(AriaRole.BUTTON)).isFocused();

        page.keyboard().press("Enter");
        // the page behind it has the focus until it is there
        assertThat(detail).isVisible();
        tabTo("Replay");
        page.keyboard().press("Enter");
        assertThat(dialog("Replay 1 dead letter?")).isVisible();
        page.keyboard().press("Enter");
        assertThat(outcome()).hasText("Replayed 1 dead letter.");
        assertThat(rowsOf("list")).hasCount(0);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.queued("whatsapp.dead-letter")).isEqualTo(1));
        button("Clear the filter").click();
        assertThat(rowsOf("list")).hasCount(1);
        assertThat(rowsOf("list")).containsText("131026");
    }

    @Test
    void whoDropsGivesAReason() {
        letters("131026", "131047");
        token(TOKEN);
        rowsOf("list").first().getByRole(AriaRole.CHECKBOX).check();
        button("Drop 1 chosen").click();
        Locator confirm = dialog("Drop 1 dead letter?");
        confirm.getByRole(AriaRole.BUTTON, named("Drop")).click();
        assertThat(confirm.getByRole(AriaRole.ALERT)).hasText("Give a reason: the audit log keeps it.");
        assertThat(confirm.getByLabel("Reason")).isFocused();
        confirm.getByLabel("Reason").fill("a test");
        confirm.getByLabel("Reason").press("Enter");
        assertThat(outcome()).hasText("Dropped 1 dead letter.");
        assertThat(rowsOf("list")).hasCount(1);
        assertThat(rowsOf("list")).containsText("131047");

        button("Drop all").click();
        page.keyboard().press("Escape");
        assertThat(page.getByRole(AriaRole.DIALOG)).isHidden();
        assertThat(gateway.queued("whatsapp.dead-letter")).as("nobody said yes").isEqualTo(1);
    }

    @Test
    void aWrongTokenAndNoneAreTold() {
        letters("131026");
        token("wrong");
        assertThat(page.locator("#token-state")).hasText("This is not the token.");
        button("Replay all").click();
        dialog("Replay 1 dead letter?").getByRole(AriaRole.BUTTON, named("Replay")).click();
        assertThat(outcome()).containsText("Nothing was done. Give the token");
        assertThat(rowsOf("list")).hasCount(1);
    }

    @Test
    void nothingOfAMessageBecomesMarkup() {
        store(letter("131026", MARKUP, Map.of("WhatsAppDeadLetterRoute", MARKUP, "WhatsAppDeadLetterId", "<b>" + LETTERS.get() + "</b>",
                "WhatsAppMediaFilename", MARKUP)));
        show();
        assertThat(rowsOf("list")).containsText("change " + MARKUP);
        token(TOKEN);
        rowsOf("list").getByRole(AriaRole.BUTTON).click();
        button("Show people and content").click();
        assertThat(page.getByRole(AriaRole.DIALOG).locator("pre")).containsText(MARKUP);
        assertThat(page.getByRole(AriaRole.DIALOG).getByRole(AriaRole.HEADING, named("Headers"))).isVisible();
        assertThat(page.getByRole(AriaRole.DIALOG)).containsText("wamid.");
        assertThat(page.locator("img, b, body script")).hasCount(0);
        button("Close").click();
        assertThat(page.locator("#detail-body")).isEmpty();
    }

    @Test
    void theListIsTurnedPageByPageAndAllAreDroppedInBatches() {
        StoredMessage[] many = new StoredMessage[1130];
        Arrays.setAll(many, index -> letter("131026", "text", Map.of()));
        store(many);
        show();
        assertThat(page.locator("#page-place")).hasText("1 to 50 of 1,130");
        button("Next").click();
        assertThat(page.locator("#page-place")).hasText("51 to 100 of 1,130");
        button("Last").click();
        assertThat(page.locator("#page-place")).hasText("1,101 to 1,130 of 1,130");
        assertThat(rowsOf("list")).hasCount(30);
        button("Previous").click();
        assertThat(page.locator("#page-place")).hasText("1,051 to 1,100 of 1,130");
        token(TOKEN);
        button("Drop all").click();
        dialog("Drop 1,130 dead letters?").getByLabel("Reason").fill("a test");
        page.keyboard().press("Enter");
        assertThat(outcome()).hasText("Dropped 1,130 dead letters.");
        assertThat(page.locator("#page-place")).hasText("None");
    }

    @Test
    void numbersQueuesAndRatesAreLive() {
        show();
        assertThat(rowsOf("numbers")).containsText(new String[] {"default"});
        assertThat(rowsOf("numbers").first()).containsText("ok");
        Locator dead = rowsOf("queues").filter(new Locator.FilterOptions().setHasText("whatsapp.dead-letter"));
        Locator messages = dead.locator("td.count").first();
        assertThat(messages).hasText("0");
        store(letter("131026", "text", Map.of()));
        assertThat(messages).hasText("1");
        assertThat(dead.locator("td.count").last()).hasText(Pattern.compile("[0-9]+ s"));
        assertThat(rowsOf("list")).hasCount(1);
        assertThat(page.locator("figure").filter(new Locator.FilterOptions().setHasText("Received")).locator("output"))
                .hasText(Pattern.compile("[0-9.]+ a second"));
        assertThat(page.evaluate("""
                async () => {
                  const { total } = await import('/console/rates.js');
                  const text = '# HELP a_total x\\na_total{s="a b",status="success"} 2.0\\na_total{status="error"} 3\\na_total2 7\\nb_total 1.5E3\\n';
                  return [total(text, { metric: 'a_total' }), total(text, { metric: 'a_total', where: 'status="success"' }),
                    total(text, { metric: 'a_total', not: 'status="success"' }), total(text, { metric: 'b_total' })].join();
                }""")).isEqualTo("5,2,3,1500");
    }

    @Test
    void whatCannotSendComesFirstAndSaysWhy() {
        String many = IntStream.range(0, 1000).mapToObj(number ->
                "{\"name\":\"shop-%03d\",\"account\":\"\",\"app\":\"\",\"state\":\"ok\",\"waiting\":%d}"
                .formatted(number, number == 7 ? 12 : 0)).collect(Collectors.joining(","));
        show();
        page.route("**/manage/numbers", route -> route.fulfill(new Route.FulfillOptions().setContentType("application/json").setBody("["
                + many + ",{\"name\":\"<b>\",\"state\":\"stopped\",\"scope\":\"number\",\"error\":\"190\",\"waiting\":3}]")));
        assertThat(page.locator("#numbers-caption")).hasText("1,001 numbers, 1 cannot send now");
        assertThat(rowsOf("numbers")).hasCount(20);
        assertThat(rowsOf("numbers").nth(0)).containsText(Pattern.compile("<b>.*stopped.*3.*190, number"));
        assertThat(rowsOf("numbers").nth(1)).containsText("shop-007");
        button("Show all 1,001").click();
        assertThat(rowsOf("numbers")).hasCount(1001);
    }

    @Test
    void anUpdateThatNothingHandledIsReplayedAndContentNeedsTheToken() {
        assertThat(gateway.webhook("{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"" + TestGateway.ACCOUNT
                + "\",\"time\":1780315200,\"changes\":[{\"field\":\"flows\",\"value\":{\"event\":\"FLOW_STATUS_CHANGE\"}}]}]}").statusCode())
                .isEqualTo(200);
        show();
        page.getByRole(AriaRole.RADIO, new Page.GetByRoleOptions().setName("Unhandled updates")).check();
        page.getByLabel("Type").fill("flows");
        button("Filter").click();
        assertThat(rowsOf("list")).hasCount(1);
        rowsOf("list").getByRole(AriaRole.BUTTON).click();
        button("Show people and content").click();
        assertThat(page.locator("#detail-outcome")).containsText("Give the token");
        button("Close").click();
        token(TOKEN);
        assertThat(page.locator("#token-state")).hasText("The token is right.");
        rowsOf("list").getByRole(AriaRole.BUTTON).click();
        button("Show people and content").click();
        assertThat(page.getByRole(AriaRole.DIALOG).locator("pre")).containsText("FLOW_STATUS_CHANGE");
        button("Close").click();
        button("Replay all that fit the filter").click();
        dialog("Replay 1 unhandled update?").getByRole(AriaRole.BUTTON, named("Replay")).click();
        assertThat(outcome()).hasText("Replayed 1 unhandled update.");
    }

    /** Two messages of a number that is paused. */
    private void paused() {
        management("pause", "{\"what\":\"sending\",\"reason\":\"a new price list\"}");
        for (String id : new String[] {"a", "b"}) {
            Map<String, Object> headers = Map.of("WhatsAppOutboundType", "text", "WhatsAppPhoneNumberId", TestGateway.NUMBER, "WhatsAppUser", "15555550101",
                    "WhatsAppOutboundId", id + LETTERS.incrementAndGet());
            Exchange stored = gateway.camel().createFluentProducerTemplate().to("whatsapp-queue:whatsapp.outbound")
                    .withBody(new StoredMessage(headers.get("WhatsAppOutboundId").toString(), null, headers, "{}".getBytes())).send();
            assertThat(stored.getException()).isNull();
        }
    }

    private void management(String what, String request) {
        HttpResponse<String> answer = TestGateway.send(HttpRequest.newBuilder(URI.create(origin + "/manage/" + what))
                .header("Authorization", "Bearer " + TOKEN).POST(HttpRequest.BodyPublishers.ofString(request)).build());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    @Test
    void whatWaitsIsListedGivenUpAndResumedByKeyboard() {
        paused();
        show();
        token(TOKEN);
        assertThat(page.locator("#token-state")).hasText("The token is right.");
        assertThat(page.locator("#waiting-caption")).hasText("2 waiting messages: held ones first, then those of numbers that cannot send");
        assertThat(rowsOf("waiting-list").first()).containsText(Pattern.compile("text.*01.*default.*paused.*a new price list"));
        assertThat(page.locator("#paused")).hasText("Paused: sending (a new price list).");
        assertThat(rowsOf("numbers").first()).containsText(Pattern.compile("default.*paused.*2.*a new price list"));
        assertThat(page.locator("body")).not().containsText("15555550101");
        assertThat(button("Give up all of this number")).isDisabled();

        rowsOf("waiting-list").first().getByRole(AriaRole.CHECKBOX).check();
        button("Give up chosen").click();
        Locator confirm = dialog("Give up: 1 waiting message?");
        page.keyboard().press("Enter");
        assertThat(confirm.getByRole(AriaRole.ALERT)).hasText("Give a reason: the audit log keeps it.");
        confirm.getByLabel("Reason").fill("a test");
        page.keyboard().press("Enter");
        assertThat(page.locator("#waiting-outcome")).hasText("Ordered for 1 waiting message.");
        assertThat(rowsOf("waiting-list").first()).containsText("given up when its turn comes");

        page.locator("#waiting-number").selectOption("default");
        button("Give up all of this number").click();
        dialog("Give up: 2 waiting messages?").getByLabel("Reason").fill("a test");
        page.keyboard().press("Enter");
        assertThat(page.locator("#waiting-outcome")).hasText("Ordered for 2 waiting messages.");
        button("Resume sending").focus();
        page.keyboard().press("Enter");
        assertThat(page.locator("#waiting-outcome")).hasText("Resumed: sending.");
        assertThat(page.locator("#waiting-caption")).hasText("Nothing waits");
        assertThat(button("Pause sending")).isFocused();
        await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.queued("whatsapp.dead-letter")).isEqualTo(2));
    }

    @Test
    void oneNumberAndAllHandlingArePausedAndResumed() {
        show();
        token(TOKEN);
        assertThat(page.locator("#token-state")).hasText("The token is right.");
        button("Pause sending of default").click();
        dialog("Pause sending of default?").getByLabel("Reason").fill("a test");
        page.keyboard().press("Enter");
        assertThat(page.locator("#waiting-outcome")).hasText("Paused: sending of default.");
        assertThat(rowsOf("numbers").first()).containsText("paused");
        button("Pause handling").click();
        dialog("Pause handling?").getByLabel("Reason").fill("another test");
        page.keyboard().press("Enter");
        assertThat(page.locator("#paused")).containsText("Paused: handling (another test).");
        assertThat(rowsOf("queues").filter(new Locator.FilterOptions().setHasText("whatsapp.inbound"))).containsText("paused");
        button("Resume handling").click();
        assertThat(page.locator("#waiting-outcome")).hasText("Resumed: handling.");
        button("Resume sending of default").click();
        assertThat(rowsOf("numbers").first()).containsText("ok");
        assertThat(page.locator("#paused")).hasText("");
    }

    @Test
    void aStoppedNumberTriesAtOnceAndWithoutTheTokenNothingIsDone() {
        show();
        page.route("**/manage/numbers", route -> route.fulfill(new Route.FulfillOptions().setContentType("application/json")
                .setBody("[{\"name\":\"default\",\"state\":\"stopped\",\"scope\":\"number\",\"error\":\"190\",\"waiting\":3}]")));
        button("Try now what waits of default").click();
        assertThat(page.locator("#waiting-outcome")).containsText("Nothing was done. Give the token");
        token(TOKEN);
        assertThat(page.locator("#token-state")).hasText("The token is right.");
        button("Try now what waits of default").click();
        assertThat(page.locator("#waiting-outcome")).hasText("default tries at once.");
    }

    @Test
    void itFitsANarrowScreenAndIsReadInLightAndDark() {
        letters("131026");
        page.setViewportSize(320, 640);
        assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(320);
        rowsOf("list").getByRole(AriaRole.BUTTON).click();
        assertThat(dialog("change text")).isVisible();
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
            assertThat(PageBrowser.lowContrast(page)).as(scheme.toString()).isEmpty();
        }
        assertThat(page.locator("body")).hasCSS("background-color", "rgb(12, 18, 21)");
    }

    @Test
    void thePageIsServedWithItsPolicyAndNothingElseIs() {
        HttpResponse<String> index = gateway.get(URI.create(origin + "/console/"));
        assertThat(index.statusCode()).isEqualTo(200);
        assertThat(index.headers().firstValue("Content-Security-Policy").orElseThrow()).startsWith("default-src 'none'; script-src 'self'");
        assertThat(index.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(index.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(gateway.get(URI.create(origin + "/console")).headers().firstValue("Location")).hasValue("console/");
        assertThat(gateway.get(URI.create(origin + "/console/other.js")).statusCode()).isEqualTo(404);
        assertThat(gateway.get(URI.create(origin + "/console/..%2Fmetrics.json")).statusCode()).isEqualTo(404);
        assertThat(gateway.get(gateway.url("/console/")).statusCode()).as("on the public port").isEqualTo(404);
    }

    private void tabTo(String name) {
        for (int presses = 0; presses < 60; presses++) {
            if (name.equals(page.evaluate("document.activeElement.textContent.trim()"))) {
                return;
            }
            page.keyboard().press("Tab");
        }
        throw new AssertionError("Tab does not reach " + name);
    }
}
