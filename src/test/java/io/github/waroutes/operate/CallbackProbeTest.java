package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.sun.net.httpserver.HttpServer;
import io.github.waroutes.TestPorts;
import io.github.waroutes.operate.CallbackProbe.Result;
import io.github.waroutes.operate.Doctor.State;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Meta's handshake with what may stand at a callback. */
class CallbackProbeTest {

    private static final String TOKEN = "a word & more";

    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final CallbackProbe probe = new CallbackProbe(uri -> "127.0.0.1".equals(uri.getHost()));
    private HttpServer server;
    private int status = 200;
    private String body;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String query = exchange.getRequestURI().getQuery();
            requests.add(exchange.getRequestURI().getPath() + '?' + query);
            byte[] answer = (body == null ? query.replaceAll(".*hub.challenge=([0-9]+)&.*", "$1") : body).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Location", "/elsewhere");
            exchange.sendResponseHeaders(status, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private String address(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    @Test
    void theChallengeMustComeBackAndIsAnotherEachTime() {
        assertThat(probe.ask(address("/webhook?shop=1"), TOKEN)).isEqualTo(new Result(State.OK, address("/webhook") + " answers the handshake"));
        new CallbackProbe(uri -> true).ask(address("/webhook?shop=1"), TOKEN);
        assertThat(requests).hasSize(2).doesNotHaveDuplicates()
                .allMatch(request -> request.matches("/webhook\\?shop=1&hub\\.mode=subscribe&hub\\.challenge=[0-9]{10}&hub\\.verify_token=a word & more"));
    }

    @Test
    void theSameCallbackIsAskedOnce() {
        probe.ask(address("/webhook"), TOKEN);
        probe.ask(address("/webhook"), TOKEN);
        assertThat(requests).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"200|<html>hello</html>|it is another server", "403|no|refuses the verify token", "404|no|or another path", "401|no|or another path",
        "302||Give Meta the last address itself", "502|no|Start the gateway, or correct the proxy's target", "500|no|answers HTTP 500 in place of the challenge"})
    void whatElseStandsThereIsTold(int answer, String text, String said) {
        status = answer;
        body = text == null ? "" : text;
        Result result = probe.ask(address("/webhook"), TOKEN);
        assertThat(result.state()).isEqualTo(State.FAIL);
        assertThat(result.text()).startsWith(address("/webhook")).contains(said).doesNotContain(TOKEN);
        assertThat(requests).as("the token goes nowhere else").hasSize(1);
    }

    @Test
    void nobodyThereAndAnUnknownHostAreTwoThings() {
        assertThat(probe.ask("http://127.0.0.1:" + TestPorts.free() + "/webhook", TOKEN).text()).contains("cannot be connected to from here");
        assertThat(probe.ask("https://nobody.invalid/webhook", TOKEN).text()).isEqualTo("https://nobody.invalid/webhook has a host name that is not known. Correct it, or the DNS.");
    }

    @Test
    void aCertificateThatMetaRefusesIsSaid() {
        WireMockServer secure = new WireMockServer(WireMockConfiguration.options().dynamicHttpsPort().httpDisabled(true).bindAddress("127.0.0.1"));
        secure.start();
        try {
            assertThat(probe.ask("https://127.0.0.1:" + secure.httpsPort() + "/webhook", TOKEN).text()).contains("certificate of no public authority");
            assertThat(secure.getAllServeEvents()).isEmpty();
        } finally {
            secure.stop();
        }
    }

    @Test
    void whatAnswersInPlainHttpIsSaid() throws Exception {
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread plain = new Thread(() -> {
                try (Socket caller = listening.accept()) {
                    // all of the greeting, as the answer is lost if the connection is closed with something unread
                    caller.getInputStream().read(new byte[16_384]);
                    caller.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    caller.shutdownOutput();
                    caller.getInputStream().transferTo(OutputStream.nullOutputStream());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            plain.start();
            assertThat(probe.ask("https://127.0.0.1:" + listening.getLocalPort() + "/webhook", TOKEN).text()).contains("does not speak TLS");
            plain.join(10_000);
        }
    }

    @ParameterizedTest
    @CsvSource({"http://shop.example/webhook,is no https address", "shop.example/webhook,is no https address", "https://a b/webhook,is no address", "https:///webhook,is no https address"})
    void whatMetaWouldNotTakeIsNotAsked(String callback, String said) {
        assertThat(probe.ask(callback, TOKEN).text()).contains(said);
    }

    @Test
    void withoutAVerifyTokenNothingIsAsked() {
        assertThat(probe.ask(address("/webhook"), " ").text()).contains("Set whatsapp.verify-token");
        assertThat(requests).isEmpty();
    }
}
