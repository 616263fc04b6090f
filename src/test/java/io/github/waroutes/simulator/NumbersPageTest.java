package io.github.waroutes.simulator;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** The chat page when there are several numbers, in a real browser. */
@EnabledIf(value = PageBrowser.IS_THERE, disabledReason = PageBrowser.MISSING)
class NumbersPageTest {

    private static final String KIM = "15555550101";
    private static final List<String> WEBHOOKS = new CopyOnWriteArrayList<>();

    private static HttpServer application;
    private static Simulator simulator;
    private static PageBrowser browser;

    @BeforeAll
    static void start() throws Exception {
        application = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        application.createContext("/", exchange -> {
            WEBHOOKS.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.US_ASCII));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        application.start();
        simulator = Simulator.builder().webhookUrl("http://127.0.0.1:" + application.getAddress().getPort() + "/webhook")
                .numbers("es=5001:34600000001:7001:shops").start();
        browser = PageBrowser.forOrigin(simulator.url());
    }

    @AfterAll
    static void stop() {
        browser.close();
        simulator.close();
        application.stop(0);
    }

    private static void say(String number, String text) throws Exception {
        HttpResponse<String> answer = HttpClient.newHttpClient().send(HttpRequest.newBuilder(
                URI.create(simulator.url() + "/simulator/users/" + KIM + "/messages?number=" + number))
                .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString("{\"text\":\"" + text + "\",\"name\":\"Kim\"}"))
                .build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    @Test
    void aChatIsWithTheNumberThatIsChosen() throws Exception {
        say("default", "hello");
        say("es", "hola");
        Page page = browser.open();
        Locator choice = page.getByRole(AriaRole.COMBOBOX, new Page.GetByRoleOptions().setName("Business number"));
        Locator log = page.locator("#log");

        assertThat(choice).hasValue("default");
        assertThat(log).containsText("hello");
        assertThat(page.locator("#chat-sub")).containsText("default");
        choice.selectOption("es");
        assertThat(log).containsText("hola");
        assertThat(log).not().containsText("hello");
        assertThat(page.locator("#chat-sub")).containsText("+34600000001 · es");

        say("default", "for the other one");
        page.getByLabel("Message", new Page.GetByLabelOptions().setExact(true)).fill("buenas");
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Send").setExact(true)).click();
        await().atMost(Duration.ofSeconds(20)).until(() -> WEBHOOKS.stream().anyMatch(webhook -> webhook.contains("buenas")
                && webhook.contains("\"phone_number_id\":\"5001\"")));
        assertThat(log).containsText("buenas");
        assertThat(log).not().containsText("for the other one");

        page.reload();
        assertThat(choice).hasValue("es");
        assertThat(log).containsText("buenas");
        choice.selectOption("default");
        assertThat(log).containsText("for the other one");
        assertThat(log).not().containsText("hola");
        page.goBack();
        assertThat(choice).hasValue("es");
        assertThat(log).containsText("hola");
        assertThat(browser.takeProblems()).isEmpty();
    }
}
