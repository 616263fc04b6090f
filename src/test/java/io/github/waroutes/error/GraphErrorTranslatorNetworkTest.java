package io.github.waroutes.error;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.HttpHostConnectException;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.RequestNotExecutedException;
import org.apache.hc.core5.util.Timeout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GraphErrorTranslatorNetworkTest {

    private final GraphErrorTranslator translator = new GraphErrorTranslator(GraphErrorCatalogue.load());

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new ConnectException("Connection refused"), false, false),
                Arguments.of(new HttpHostConnectException("Connect to host failed"), false, false),
                Arguments.of(new UnknownHostException("graph.example"), false, false),
                Arguments.of(new NoRouteToHostException("No route"), false, false),
                Arguments.of(new ConnectTimeoutException("Connect timed out"), true, false),
                Arguments.of(new HttpConnectTimeoutException("Connect timed out"), true, false),
                Arguments.of(new ConnectionRequestTimeoutException("Pool empty"), true, false),
                Arguments.of(new SSLHandshakeException("Bad certificate"), false, false),
                Arguments.of(new SSLPeerUnverifiedException("Other host"), false, false),
                Arguments.of(new RequestNotExecutedException(), false, false),
                Arguments.of(CallNotPermittedException.createCallNotPermittedException(CircuitBreaker.ofDefaults("graph")), false, false),
                Arguments.of(new SocketTimeoutException("Read timed out"), true, true),
                Arguments.of(new HttpTimeoutException("Request timed out"), true, true),
                Arguments.of(new TimeoutException("Timed out"), true, true),
                Arguments.of(new NoHttpResponseException("No answer"), false, true),
                Arguments.of(new ConnectionClosedException("Closed"), false, true),
                Arguments.of(new SocketException("Connection reset"), false, true),
                Arguments.of(new SSLException("Broken record"), false, true),
                Arguments.of(new IOException("Something"), false, true));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aFailureTellsWhetherTheRequestMayHaveBeenCarriedOut(Exception failure, boolean timeout, boolean outcomeUnknown) {
        assertNetwork(translator.fromNetwork(failure, Map.of("endpoint", "messages")), timeout, outcomeUnknown);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void itIsFoundUnderSeveralLayers(Exception failure, boolean timeout, boolean outcomeUnknown) {
        Exception wrapped = new RuntimeException("outer", new ExecutionException("middle", new IllegalStateException(
                new UncheckedIOException(new IOException("inner", failure)))));

        assertNetwork(translator.fromNetwork(wrapped, Map.of("endpoint", "messages")), timeout, outcomeUnknown);
    }

    private static void assertNetwork(WhatsAppException e, boolean timeout, boolean outcomeUnknown) {
        assertThat(e).isInstanceOfSatisfying(WhatsAppNetworkException.class, network -> {
            assertThat(network.isTimeout()).isEqualTo(timeout);
            assertThat(network.isOutcomeUnknown()).isEqualTo(outcomeUnknown);
            assertThat(network.getRetryClass()).isEqualTo(RetryClass.TRANSIENT);
            assertThat(network.getScope()).isEqualTo(ErrorScope.SERVICE);
            assertThat(network.getStatusCode()).isZero();
        });
        assertThat(e.toMap()).containsEntry("outcome_unknown", outcomeUnknown).containsEntry("timeout", timeout);
        assertThat(e.getContext()).containsEntry("endpoint", "messages").containsKey("failure");
        assertThat(e.getMessage()).endsWith(outcomeUnknown ? "; the request may have been carried out" : "; nothing was sent");
    }

    @Test
    void aConnectionThatWasRefusedBeneathATimeoutOfOursIsDecidedByTheOuterOne() {
        Exception failure = new SocketTimeoutException("Read timed out");
        failure.initCause(new ConnectException("refused"));

        assertThat(translator.fromNetwork(failure, null).isOutcomeUnknown()).isTrue();
    }

    @Test
    void aRealClientIsRefusedBeforeItSends() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }

        assertThat(get(port)).isInstanceOfSatisfying(WhatsAppNetworkException.class,
                e -> assertThat(e.isOutcomeUnknown()).isFalse());
    }

    @Test
    void aRealClientThatWaitsInVainDoesNotKnowTheOutcome() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(get(silent.getLocalPort())).isInstanceOfSatisfying(WhatsAppNetworkException.class, e -> {
                assertThat(e.isOutcomeUnknown()).isTrue();
                assertThat(e.isTimeout()).isTrue();
            });
        }
    }

    private WhatsAppException get(int port) throws IOException {
        ConnectionConfig limits = ConnectionConfig.custom()
                .setConnectTimeout(Timeout.ofSeconds(5)).setSocketTimeout(Timeout.ofMilliseconds(200)).build();
        try (CloseableHttpClient client = HttpClients.custom().disableAutomaticRetries()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create().setDefaultConnectionConfig(limits).build())
                .build()) {
            client.execute(new HttpGet("http://" + InetAddress.getLoopbackAddress().getHostAddress() + ":" + port), response -> null);
            throw new AssertionError("The call went through");
        } catch (IOException e) {
            return translator.fromNetwork(e, Map.of());
        }
    }

    @Test
    void aTypedExceptionInTheChainIsKept() {
        WhatsAppException typed = new WhatsAppWebhookException(403, "Signature does not match");

        assertThat(translator.fromNetwork(new RuntimeException(typed), null)).isSameAs(typed);
    }

    @Test
    void anAnswerThatCamelThrewIsReadAsAnAnswer() {
        Exception failure = new RuntimeException(new HttpOperationFailedException("http://localhost/1/messages", 400, "Bad", null,
                Map.of("Retry-After", "3"), "{\"error\":{\"code\":131056}}"));

        WhatsAppException e = translator.fromNetwork(failure, Map.of());

        assertThat(e).isInstanceOf(WhatsAppRateLimitException.class);
        assertThat(e.getErrorCode()).isEqualTo(131056);
        assertThat(e.getMinimumWait()).hasSeconds(3);
    }

    @Test
    void aFailureThatIsNotOfTheNetworkIsNotRetried() {
        WhatsAppException e = translator.fromNetwork(new IllegalArgumentException("number 16505550137"), null);

        assertThat(e).isExactlyInstanceOf(WhatsAppException.class)
                .hasMessage("The call failed, and not on the network: java.lang.IllegalArgumentException");
        assertThat(e.getRetryClass()).isEqualTo(RetryClass.NEVER);
        assertThat(translator.fromNetwork(null, null).getRetryClass()).isEqualTo(RetryClass.NEVER);
    }

    @Test
    void whereItHappenedIsKept() {
        for (Exception failure : new Exception[] {new IOException("x"), new IllegalStateException("x")}) {
            failure.setStackTrace(new StackTraceElement[] {new StackTraceElement("Some", "where", "Some.java", 7)});

            assertThat(translator.fromNetwork(failure, null).getStackTrace()).isEqualTo(failure.getStackTrace());
        }
    }

    @Test
    void causesInACircleDoNotHang() {
        Exception outer = new RuntimeException("outer");
        outer.initCause(new RuntimeException("inner", outer));

        assertThat(translator.fromNetwork(outer, null)).isExactlyInstanceOf(WhatsAppException.class);
    }

    @Test
    void whatOtherExceptionsQuoteReachesNeitherTheMessageNorTheStackTrace() {
        String quoted = "Failed for https://example.com/?access_token=secret and 16505550137";
        for (Exception failure : new Exception[] {
            new IOException(quoted), new IllegalStateException(quoted), new RuntimeException(quoted, new SocketException("Connection reset"))}) {
            StringWriter trace = new StringWriter();
            translator.fromNetwork(failure, Map.of()).printStackTrace(new PrintWriter(trace));

            assertThat(trace.toString()).contains(getClass().getName()).doesNotContain("secret", "16505550137");
        }
    }
}
