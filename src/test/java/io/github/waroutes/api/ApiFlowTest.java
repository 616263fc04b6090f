package io.github.waroutes.api;

import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.LogCapture;
import io.github.waroutes.RouteFiles;
import io.github.waroutes.TestGateway;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppAuthException;
import io.github.waroutes.error.WhatsAppMediaException;
import io.github.waroutes.error.WhatsAppRateLimitException;
import io.github.waroutes.queue.QueueUnavailableException;
import io.github.waroutes.queue.StoredMessage;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The send API over real HTTP. Nothing is sent on: what was accepted stays in the queue, to be looked at. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ApiFlowTest {

    private static final String TOKEN = "first-token";
    private static final String OTHER_TOKEN = "second-token";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> SEEN = ConcurrentHashMap.newKeySet();

    @TempDir
    static Path directory;

    private static TestGateway gateway;
    private static volatile Processor upload = exchange -> { };
    private static final Map<String, Map<String, Object>> STATES = new ConcurrentHashMap<>();

    @BeforeAll
    static void start() throws Exception {
        gateway = new TestGateway(directory)
                .with("whatsapp.api.token", TOKEN + " , " + OTHER_TOKEN)
                .with("whatsapp.api.max-bytes", 20_000)
                .with("whatsapp.api.media.max-bytes", 12_000_000)
                .with("whatsapp.api.read-timeout", 4_000)
                .with("whatsapp.api.max-streams", 2)
                .with("whatsapp.api.bulk.max-recipients", 1_000)
                .with("whatsapp.api.bulk.batch", 50)
                .with("whatsapp.api.bulk.max-line-bytes", 2_000)
                .with("whatsapp.api.bulk.max-bytes", 2_000_000)
                .start();
        gateway.camel().getRouteController().stopRoute("send-message");
        gateway.camel().getRouteController().stopRoute("send-bulk");
        instead("direct://whatsapp-upload-media", exchange -> upload.process(exchange));
        instead("direct://whatsapp-delivery-state", exchange -> exchange.getMessage()
                .setBody(STATES.get(exchange.getMessage().getHeader("WhatsAppOutboundId", String.class))));
    }

    /** Puts a route of ours in the place of the one that begins at an endpoint. */
    private static void instead(String endpoint, Processor processor) throws Exception {
        for (Route route : new ArrayList<>(gateway.camel().getRoutes())) {
            if (route.getEndpoint().getEndpointUri().equals(endpoint)) {
                gateway.camel().getRouteController().stopRoute(route.getId());
                gateway.camel().removeRoute(route.getId());
            }
        }
        gateway.camel().addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from(endpoint.replace("://", ":")).errorHandler(noErrorHandler()).noStreamCaching().process(processor);
            }
        });
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(gateway.url(path)).timeout(LIMIT).header("Authorization", "Bearer " + TOKEN);
    }

    private static HttpResponse<String> send(HttpRequest request) {
        HttpResponse<String> response = TestGateway.send(request);
        String path = request.uri().getPath().replaceAll("^(/api/(messages|bulk))/.+", "$1/{id}");
        SEEN.add(request.method() + ' ' + path + ' ' + response.statusCode());
        assertThat(response.headers().firstValue("Cache-Control")).as("Cache-Control").contains("no-store");
        if (response.statusCode() >= 400) {
            assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
            JsonNode problem = json(response.body());
            assertThat(problem.path("status").asInt()).isEqualTo(response.statusCode());
            assertThat(problem.path("type").asText()).startsWith("tag:");
            assertThat(problem.path("title").asText()).isNotBlank();
            assertThat(problem.path("detail").asText()).isNotBlank();
            assertThat(response.body()).doesNotContain("Exception:").doesNotContain("\tat ").doesNotContain("5555");
        }
        return response;
    }

    private static HttpResponse<String> post(String path, String body, String... headers) {
        return post(path, BodyPublishers.ofString(body), Stream.concat(Stream.of("Content-Type", "application/json"), Stream.of(headers))
                .toArray(String[]::new));
    }

    private static HttpResponse<String> post(String path, BodyPublisher body, String... headers) {
        HttpRequest.Builder request = request(path).POST(body);
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return send(request.build());
    }

    private static HttpResponse<String> get(String path) {
        return send(request(path).build());
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String text(String text) {
        return "{\"messaging_product\":\"whatsapp\",\"to\":\"+15555550101\",\"type\":\"text\",\"text\":{\"body\":\"" + text + "\"}}";
    }

    private static String key() {
        return "key-" + UUID.randomUUID();
    }

    private static List<StoredMessage> queued(String id) {
        return gateway.browse("whatsapp.outbound").stream().filter(m -> id.equals(m.queueHeaders().get("WhatsAppOutboundId"))).toList();
    }

    /** The body without the id that is added for Meta's statuses to bring back. */
    private static String untraced(StoredMessage message) {
        return body(message).replaceAll(",\"biz_opaque_callback_data\":\"[^\"]+\"", "");
    }

    private static List<StoredMessage> queuedOfBulk(String id) {
        return gateway.browse("whatsapp.outbound.bulk").stream()
                .filter(m -> m.queueHeaders().get("WhatsAppOutboundId").toString().startsWith(id + "-")).toList();
    }

    private static String body(StoredMessage message) {
        return new String(message.queueBody(), StandardCharsets.UTF_8);
    }

    // --- messages

    @Test
    void aMessageIsInTheQueueWhenItsIdIsAnswered() {
        HttpResponse<String> response = post("/api/messages", text("hello"));
        assertThat(response.statusCode()).isEqualTo(202);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
        String id = json(response.body()).path("id").asText();
        assertThat(json(response.body())).isEqualTo(json("{\"id\":\"" + id + "\",\"status\":\"accepted\"}"));
        assertThat(response.headers().firstValue("Location")).contains("/api/messages/" + id);
        assertThat(queued(id)).singleElement().satisfies(message -> {
            assertThat(body(message)).isEqualTo(text("hello").replaceAll("}$", ",\"biz_opaque_callback_data\":\"" + id + "\"}"));
            assertThat(message.queueGroup()).isEqualTo(TestGateway.NUMBER + ":15555550101");
        });
    }

    /** The JDK's client asks for HTTP/2 by itself. */
    @Test
    void aClientWithHttp2IsAnsweredAndNothingFails() throws Exception {
        try (LogCapture log = new LogCapture("io.vertx.core.impl.ContextImpl")) {
            HttpResponse<String> response = HttpClient.newHttpClient().send(request("/api/messages").header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString(text("hello"))).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(response.statusCode()).isEqualTo(202);
            assertThat(log.events()).isEmpty();
        }
    }

    @Test
    void noHeaderOfTheRequestBecomesAHeaderOfTheMessage() {
        String id = json(post("/api/messages", text("x"), "WhatsAppOutboundId", "mine", "WhatsAppPhoneNumberId", "1", "CamelHttpUri", "http://x",
                "WhatsAppUser", "somebody").body()).path("id").asText();
        assertThat(id).isNotEqualTo("mine");
        assertThat(queued(id).get(0).queueHeaders()).containsOnlyKeys("WhatsAppOutboundId", "WhatsAppOutboundType",
                "WhatsAppPhoneNumberId", "WhatsAppConversation", "WhatsAppUser", "WhatsAppTo").containsEntry("WhatsAppUser", "15555550101")
                .containsEntry("WhatsAppTo", "+15555550101").containsEntry("WhatsAppPhoneNumberId", TestGateway.NUMBER);
    }

    @Test
    void aHeaderChoosesTheNumberThatSends() {
        String id = json(post("/api/messages", text("x"), "X-WhatsApp-Phone-Number-Id", "99887766").body()).path("id").asText();
        assertThat(queued(id).get(0).queueHeaders()).containsEntry("WhatsAppPhoneNumberId", "99887766");
        assertThat(post("/api/messages", text("x"), "X-WhatsApp-Phone-Number-Id", "../me").statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource({
        "'', 400", "'[]', 400", "'{', 400", "'\"text\"', 400", "'{} {}', 400", "'null', 400",
        "'{}', 422", "'{\"type\":\"text\"}', 422",
    })
    void whatIsNoMessageIsRefusedAndNotQueued(String body, int status) {
        long before = gateway.queued("whatsapp.outbound");
        assertThat(post("/api/messages", body).statusCode()).isEqualTo(status);
        assertThat(gateway.queued("whatsapp.outbound")).isLessThanOrEqualTo(before);
    }

    @Test
    void aBodyOverTheLimitIsRefusedWithItsLengthOrWithout() {
        String large = text("x".repeat(20_001));
        assertThat(post("/api/messages", large).statusCode()).isEqualTo(413);
        assertThat(post("/api/messages", BodyPublishers.ofInputStream(() -> stream(large)), "Content-Type", "application/json").statusCode())
                .isEqualTo(413);
        // within the limit of bytes; refused for its characters
        assertThat(post("/api/messages", text("x".repeat(19_000))).statusCode()).isEqualTo(422);
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx"})
    void otherContentTypesAreRefused(String type) {
        assertThat(post("/api/messages", text("x"), "Content-Type", type).statusCode()).isEqualTo(415);
    }

    @Test
    void aContentTypeMayHaveParameters() {
        assertThat(post("/api/messages", text("x"), "Content-Type", "Application/JSON; charset=utf-8").statusCode()).isEqualTo(202);
    }

    @Test
    void aQueryIsRefusedAndIsNoToken() {
        assertThat(post("/api/messages?to=x", text("x")).statusCode()).isEqualTo(400);
        HttpRequest request = HttpRequest.newBuilder(gateway.url("/api/messages?Authorization=Bearer%20" + TOKEN)).timeout(LIMIT)
                .header("Content-Type", "application/json").POST(BodyPublishers.ofString(text("x"))).build();
        assertThat(send(request).statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource({"GET,/api/messages,POST", "DELETE,/api/templates,'GET, POST'", "PUT,/api/media,POST", "GET,/api/bulk,POST",
        "POST,/api/messages/some-id,GET", "DELETE,/api/bulk/some-id,GET", "POST,/api/openapi.json,GET", "OPTIONS,/api/messages,POST"})
    void anotherMethodIsToldWhichOneWouldDo(String method, String path, String allowed) {
        HttpResponse<String> response = send(request(path).method(method, BodyPublishers.noBody()).build());
        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow")).contains(allowed);
    }

    // --- hand-over

    @Test
    void aPersonTakesAConversationOverAndGivesItBack() {
        String person = "\"to\":\"+1 555 555 0177\"";
        JsonNode begun = json(post("/api/hand-overs", "{" + person + ",\"action\":\"pause\",\"for\":\"2h\",\"reason\":\"Robin takes care of it\"}").body());
        assertThat(begun.path("silent").asBoolean()).isTrue();
        assertThat(begun.path("by").asText()).isEqualTo("api");
        assertThat(java.time.Duration.between(java.time.Instant.parse(begun.path("since").asText()), java.time.Instant.parse(begun.path("until").asText()))).hasHours(2);
        assertThat(json(post("/api/hand-overs", "{\"to\":\"15555550177\",\"action\":\"show\"}").body())).isEqualTo(begun);
        assertThat(json(post("/api/hand-overs", "{" + person + ",\"action\":\"resume\"}").body())).isEqualTo(json("{\"silent\":false}"));
        assertThat(json(post("/api/hand-overs", "{" + person + ",\"action\":\"show\"}").body())).isEqualTo(json("{\"silent\":false}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"[]|400|", "{\"action\":\"pause\"}|422|to", "{\"to\":\"+15555550177\",\"action\":\"stop\"}|422|action",
        "{\"to\":\"+15555550177\",\"action\":\"pause\",\"for\":\"soon\"}|422|for", "{\"to\":\"+15555550177\",\"action\":\"show\",\"silent\":true}|422|"})
    void aHandOverThatIsNotSaidWellIsRefused(String body, int status, String field) {
        HttpResponse<String> response = post("/api/hand-overs", body);
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(json(response.body()).path("field").asText("")).isEqualTo(field == null ? "" : field);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/hand-overs", "/api/opt-outs"})
    void whatIsSaidOfAPersonIsSmallAndJson(String path) {
        assertThat(post(path, "x".repeat(20_001)).statusCode()).isEqualTo(413);
        assertThat(post(path, "{}", "Content-Type", "text/plain").statusCode()).isEqualTo(415);
        assertThat(post(path, "[]").statusCode()).isEqualTo(400);
    }

    // --- opt-out

    @Test
    void aPersonWantsNoMarketingMessagesAndWantsThemAgain() {
        String person = "{\"to\":\"+15555550178\",\"action\":";
        JsonNode begun = json(post("/api/opt-outs", person + "\"stop\"}").body());
        assertThat(begun.path("opted_out").asBoolean()).isTrue();
        assertThat(begun.path("by").asText()).isEqualTo("api");
        assertThat(json(post("/api/opt-outs", person + "\"show\"}").body())).isEqualTo(begun);
        assertThat(json(post("/api/opt-outs", person + "\"start\"}").body())).isEqualTo(json("{\"opted_out\":false}"));
        assertThat(json(post("/api/opt-outs", person + "\"show\"}").body())).isEqualTo(json("{\"opted_out\":false}"));
        assertThat(post("/api/opt-outs", person + "\"pause\"}").statusCode()).isEqualTo(422);
    }

    // --- who is let in

    @ParameterizedTest
    @ValueSource(strings = {"", "Bearer", "Bearer wrong", "Basic first-token", "first-token", "Bearer first-token x",
        "Bearer first-token,second-token", "Bearer first-token , second-token"})
    void withoutTheTokenNobodyIsLetInAnywhere(String authorization) {
        for (String[] address : new String[][] {{"POST", "/api/messages"}, {"POST", "/api/templates"}, {"POST", "/api/media"},
            {"POST", "/api/bulk"}, {"GET", "/api/messages/x"}, {"GET", "/api/bulk/x"}, {"DELETE", "/api/messages"}, {"POST", "/api/hand-overs"}, {"POST", "/api/opt-outs"}}) {
            HttpRequest.Builder request = HttpRequest.newBuilder(gateway.url(address[1])).timeout(LIMIT)
                    .header("Content-Type", "application/json").method(address[0], BodyPublishers.ofString(text("x")));
            if (!authorization.isEmpty()) {
                request.header("Authorization", authorization);
            }
            HttpResponse<String> response = send(request.build());
            assertThat(response.statusCode()).isEqualTo(401);
            assertThat(response.headers().firstValue("WWW-Authenticate")).contains("Bearer");
        }
    }

    @Test
    void eachOfTheTokensIsLetIn() {
        assertThat(post("/api/messages", text("x"), "Authorization", "bearer " + OTHER_TOKEN).statusCode()).isEqualTo(202);
        assertThat(post("/api/messages", text("x"), "Authorization", "Bearer " + TOKEN).statusCode()).isEqualTo(202);
    }

    @Test
    void theBodyOfAStrangerIsNotWaitedFor() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", gateway.port)) {
            socket.setSoTimeout(20_000);
            OutputStream out = socket.getOutputStream();
            out.write(("POST /api/media HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 100000000\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 401 ").containsIgnoringCase("connection: close").contains("problem+json");
        }
    }

    /** All at once, as each takes the time-out, and then some until its connection is closed. */
    @Test
    void aBodyThatStopsComingIsGivenUp() throws Exception {
        upload = exchange -> ((InputStream) exchange.getMessage().getBody()).transferTo(OutputStream.nullOutputStream());
        Map<String, Socket> sockets = new LinkedHashMap<>();
        try {
            for (String[] request : new String[][] {{"/api/messages", "application/json"}, {"/api/templates", "application/json"},
                    {"/api/media", "image/png"}, {"/api/bulk", "application/x-ndjson"}, {"/api/hand-overs", "application/json"},
                    {"/api/opt-outs", "application/json"}}) {
                Socket socket = new Socket("127.0.0.1", gateway.port);
                sockets.put(request[0], socket);
                socket.setSoTimeout(20_000);
                OutputStream out = socket.getOutputStream();
                out.write(("POST " + request[0] + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + TOKEN
                        + "\r\nContent-Type: " + request[1] + "\r\nContent-Length: 1000\r\n\r\n{").getBytes(StandardCharsets.US_ASCII));
                out.flush();
            }
            for (Map.Entry<String, Socket> one : sockets.entrySet()) {
                String answer = new String(one.getValue().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(answer).as(one.getKey()).startsWith("HTTP/1.1 408 ");
                SEEN.add("POST " + one.getKey() + " 408");
            }
        } finally {
            for (Socket socket : sockets.values()) {
                socket.close();
            }
        }
    }

    @Test
    void oneConnectionServesManyRequests() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", gateway.port)) {
            socket.setSoTimeout(20_000);
            byte[] body = text("again").getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < 5; i++) {
                OutputStream out = socket.getOutputStream();
                out.write(("POST /api/messages HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nAuthorization: Bearer " + TOKEN
                        + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
                out.flush();
                assertThat(head(socket.getInputStream())).startsWith("HTTP/1.1 100 ");
                out.write(body);
                out.flush();
                String head = head(socket.getInputStream());
                assertThat(head).startsWith("HTTP/1.1 202 ");
                int length = Integer.parseInt(head.toLowerCase(java.util.Locale.ROOT).replaceAll("(?s).*content-length: (\\d+).*", "$1"));
                assertThat(socket.getInputStream().readNBytes(length)).hasSize(length);
                out.write(("GET /api/messages/none HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + TOKEN + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                head = head(socket.getInputStream());
                assertThat(head).startsWith("HTTP/1.1 404 ");
                length = Integer.parseInt(head.toLowerCase(java.util.Locale.ROOT).replaceAll("(?s).*content-length: (\\d+).*", "$1"));
                assertThat(socket.getInputStream().readNBytes(length)).hasSize(length);
            }
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int one = in.read();
            assertThat(one).as("the connection is open; so far: " + head).isNotNegative();
            head.append((char) one);
        }
        return head.toString();
    }

    // --- idempotency

    @Test
    void theSameKeyAndBodyIsOneMessageAndOneAnswer() {
        String key = key();
        HttpResponse<String> first = post("/api/messages", text("once"), "Idempotency-Key", key);
        HttpResponse<String> second = post("/api/messages", text("once"), "Idempotency-Key", key);
        assertThat(first.statusCode()).isEqualTo(202);
        assertThat(second.statusCode()).isEqualTo(202);
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(second.headers().firstValue("Location")).isEqualTo(first.headers().firstValue("Location"));
        assertThat(queued(json(first.body()).path("id").asText())).hasSize(1);
    }

    @Test
    void theSameKeyAndAnotherBodyIsRefused() {
        String key = key();
        post("/api/messages", text("one"), "Idempotency-Key", key);
        HttpResponse<String> other = post("/api/messages", text("two"), "Idempotency-Key", key);
        assertThat(other.statusCode()).isEqualTo(422);
        assertThat(json(other.body()).path("field").asText()).isEqualTo("Idempotency-Key");
        assertThat(post("/api/messages", text("one"), "Idempotency-Key", key, "X-WhatsApp-Phone-Number-Id", "7").statusCode()).isEqualTo(422);
    }

    @Test
    void aKeyOfARefusedRequestServesTheCorrectedOne() {
        String key = key();
        assertThat(post("/api/messages", "{\"type\":\"text\"}", "Idempotency-Key", key).statusCode()).isEqualTo(422);
        assertThat(post("/api/messages", text("right"), "Idempotency-Key", key).statusCode()).isEqualTo(202);
    }

    @Test
    void keysOfTwoTokensHaveNothingToDoWithEachOther() {
        String key = key();
        HttpResponse<String> one = post("/api/messages", text("a"), "Idempotency-Key", key);
        HttpResponse<String> other = post("/api/messages", text("b"), "Idempotency-Key", key, "Authorization", "Bearer " + OTHER_TOKEN);
        assertThat(other.statusCode()).isEqualTo(202);
        assertThat(other.body()).isNotEqualTo(one.body());
    }

    @Test
    void ofManyAtOnceOneIsQueuedAndAllGetItsAnswer() throws Exception {
        String key = key();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            Callable<HttpResponse<String>> call = () -> post("/api/messages", text("at once"), "Idempotency-Key", key);
            Set<String> answers = new TreeSet<>();
            for (Future<HttpResponse<String>> one : threads.invokeAll(IntStream.range(0, 24).mapToObj(i -> call).toList())) {
                assertThat(one.get().statusCode()).isEqualTo(202);
                answers.add(one.get().body());
            }
            assertThat(answers).hasSize(1);
            assertThat(queued(json(answers.iterator().next()).path("id").asText())).hasSize(1);
        } finally {
            threads.shutdownNow();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "with space"})
    void anIdempotencyKeyIsOneToManyVisibleCharacters(String key) {
        assertThat(post("/api/messages", text("x"), "Idempotency-Key", key).statusCode()).isEqualTo(400);
    }

    @Test
    void anIdempotencyKeyMayHave128CharactersAndNoMore() {
        String key = (key() + "x".repeat(128)).substring(0, 128);
        assertThat(post("/api/messages", text("x"), "Idempotency-Key", key).statusCode()).isEqualTo(202);
        assertThat(post("/api/messages", text("x"), "Idempotency-Key", key + "x").statusCode()).isEqualTo(400);
    }

    // --- templates

    @Test
    void aTemplateWithNamedParametersIsQueuedAsMetaTakesIt() {
        HttpResponse<String> response = post("/api/templates", "{\"to\":\"+15555550102\",\"name\":\"order_ready\",\"language\":\"en\","
                + "\"parameters\":{\"first_name\":\"Kim\",\"number\":7}}");
        assertThat(response.statusCode()).isEqualTo(202);
        JsonNode message = json(body(queued(json(response.body()).path("id").asText()).get(0)));
        assertThat(message.path("to").asText()).isEqualTo("+15555550102");
        assertThat(message.at("/template/name").asText()).isEqualTo("order_ready");
        assertThat(message.at("/template/language/code").asText()).isEqualTo("en");
        assertThat(message.at("/template/components/0/parameters/0/parameter_name").asText()).isEqualTo("first_name");
        assertThat(message.at("/template/components/0/parameters/1/text").asText()).isEqualTo("7");
    }

    @Test
    void aTemplateMayHaveAListOfParametersOrNoneAndARecipient() {
        String id = json(post("/api/templates", "{\"recipient\":\"US.1234567890\",\"name\":\"a\",\"language\":\"pt_BR\",\"parameters\":[\"x\"]}")
                .body()).path("id").asText();
        JsonNode message = json(body(queued(id).get(0)));
        assertThat(message.path("recipient").asText()).isEqualTo("US.1234567890");
        assertThat(message.at("/template/components/0/parameters/0").has("parameter_name")).isFalse();
        id = json(post("/api/templates", "{\"to\":\"+15555550102\",\"name\":\"a\",\"language\":\"en\"}").body()).path("id").asText();
        assertThat(json(body(queued(id).get(0))).at("/template").has("components")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{\"name\":\"a\",\"language\":\"en\"}|to",
        "{\"to\":\"+15555550102\",\"recipient\":\"US.1234567890\",\"name\":\"a\",\"language\":\"en\"}|to",
        "{\"to\":true,\"name\":\"a\",\"language\":\"en\"}|to",
        "{\"to\":\"+15555550102\",\"language\":\"en\"}|name",
        "{\"to\":\"+15555550102\",\"name\":\"A b\",\"language\":\"en\"}|name",
        "{\"to\":\"+15555550102\",\"name\":\"a\"}|language",
        "{\"to\":\"+15555550102\",\"name\":\"a\",\"language\":\"english please\"}|language",
        "{\"to\":\"+15555550102\",\"name\":\"a\",\"language\":\"en\",\"parameters\":\"x\"}|parameters",
        "{\"to\":\"+15555550102\",\"name\":\"a\",\"language\":\"en\",\"parameters\":[{}]}|parameters",
        "{\"to\":\"+15555550102\",\"name\":\"a\",\"language\":\"en\",\"header\":1}|",
        "{\"to\":\"5555\",\"name\":\"a\",\"language\":\"en\",\"parameters\":[null]}|parameters",
    })
    void aBadTemplateRequestIsToldItsField(String body, String field) {
        HttpResponse<String> response = post("/api/templates", body);
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(json(response.body()).path("field").asText("")).isEqualTo(field == null ? "" : field);
    }

    @Test
    void aTemplateIsQueuedOnceForItsKey() {
        String key = key();
        String body = "{\"to\":\"+15555550102\",\"name\":\"a\",\"language\":\"en\"}";
        String id = json(post("/api/templates", body, "Idempotency-Key", key).body()).path("id").asText();
        assertThat(json(post("/api/templates", body, "Idempotency-Key", key).body()).path("id").asText()).isEqualTo(id);
        assertThat(queued(id)).hasSize(1);
        assertThat(post("/api/messages", text("x"), "Idempotency-Key", key).statusCode()).isEqualTo(422);
        assertThat(post("/api/templates", "[]").statusCode()).isEqualTo(400);
        assertThat(post("/api/templates", "{}", "Content-Type", "text/json").statusCode()).isEqualTo(415);
        assertThat(post("/api/templates", "x".repeat(20_001)).statusCode()).isEqualTo(413);
    }

    // --- media

    @Test
    void aFileIsPassedOnAsItComes() {
        AtomicLong count = new AtomicLong();
        List<Object> headers = new ArrayList<>();
        upload = exchange -> {
            Message in = exchange.getMessage();
            headers.addAll(List.of(in.getHeader("WhatsAppMediaType"), in.getHeader("WhatsAppMediaFilename"),
                    in.getHeader("WhatsAppPhoneNumberId")));
            count.set(((InputStream) in.getBody()).transferTo(OutputStream.nullOutputStream()));
            in.setHeader("WhatsAppMediaId", "4711");
        };
        HttpResponse<String> response = post("/api/media", BodyPublishers.ofByteArray(new byte[10_000_000]), "Content-Type",
                "audio/ogg; codecs=opus", "X-Filename", "voice note.ogg", "X-WhatsApp-Phone-Number-Id", "77");
        assertThat(response.statusCode()).isEqualTo(201);
        assertThat(json(response.body())).isEqualTo(json("{\"id\":\"4711\"}"));
        assertThat(headers).containsExactly("audio/ogg; codecs=opus", "voice note.ogg", "77");
        assertThat(count).hasValue(10_000_000);
    }

    @Test
    void aFileOverTheLimitIsRefusedWhileItIsRead() {
        AtomicLong count = new AtomicLong();
        upload = exchange -> {
            InputStream in = (InputStream) exchange.getMessage().getBody();
            try {
                byte[] buffer = new byte[8192];
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    count.addAndGet(read);
                }
            } catch (RuntimeException e) {
                // an HTTP client may make an exception of its own of it
                throw new IOException("made up");
            }
        };
        assertThat(post("/api/media", BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[13_000_000])),
                "Content-Type", "image/png").statusCode()).isEqualTo(413);
        assertThat(count.get()).isBetween(11_000_000L, 12_000_000L);
        count.set(0);
        assertThat(post("/api/media", BodyPublishers.ofByteArray(new byte[13_000_000]), "Content-Type", "image/png").statusCode()).isEqualTo(413);
        assertThat(count).hasValue(0);
    }

    @Test
    void noMoreFilesThanAllowedAreStreamedAtOnce() throws Exception {
        java.util.concurrent.CountDownLatch inside = new java.util.concurrent.CountDownLatch(2);
        java.util.concurrent.CountDownLatch go = new java.util.concurrent.CountDownLatch(1);
        upload = exchange -> {
            inside.countDown();
            go.await();
            exchange.getMessage().setHeader("WhatsAppMediaId", "1");
        };
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Callable<Integer> call = () -> post("/api/media", BodyPublishers.ofByteArray(new byte[10]), "Content-Type", "image/png").statusCode();
            List<Future<Integer>> both = List.of(threads.submit(call), threads.submit(call));
            assertThat(inside.await(20, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
            HttpResponse<String> third = post("/api/media", BodyPublishers.ofByteArray(new byte[10]), "Content-Type", "image/png");
            assertThat(third.statusCode()).isEqualTo(503);
            assertThat(third.headers().firstValue("Retry-After")).contains("5");
            assertThat(post("/api/bulk", text("x"), "Content-Type", "application/x-ndjson").statusCode()).isEqualTo(503);
            go.countDown();
            assertThat(both.get(0).get()).isEqualTo(201);
            assertThat(both.get(1).get()).isEqualTo(201);
        } finally {
            go.countDown();
            threads.shutdownNow();
        }
        // the room is free a moment after the answer
        await().atMost(java.time.Duration.ofSeconds(20)).untilAsserted(() -> assertThat(post("/api/media", BodyPublishers.ofByteArray(new byte[10]),
                "Content-Type", "image/png").statusCode()).isEqualTo(201));
    }

    @Test
    void whatMetaSaysOfAFileBecomesAProblemAndItsTokenTroubleIsNotTheCallers() {
        upload = exchange -> {
            throw new WhatsAppMediaException(ErrorDetails.builder("Meta refused the file").statusCode(400).errorCode(131053).build(), null, false, false);
        };
        HttpResponse<String> refused = post("/api/media", BodyPublishers.ofByteArray(new byte[1]), "Content-Type", "image/png");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(json(refused.body()).path("code").asInt()).isEqualTo(131053);
        assertThat(json(refused.body()).path("error").asText()).isEqualTo("WhatsAppMediaException");

        upload = exchange -> {
            throw new WhatsAppMediaException(ErrorDetails.builder("Not a type that Meta takes").build(), null, false, false);
        };
        assertThat(post("/api/media", BodyPublishers.ofByteArray(new byte[1]), "Content-Type", "image/png").statusCode()).isEqualTo(422);

        upload = exchange -> {
            throw new WhatsAppAuthException(ErrorDetails.builder("Our token is not taken").statusCode(401).errorCode(190).build());
        };
        assertThat(post("/api/media", BodyPublishers.ofByteArray(new byte[1]), "Content-Type", "image/png").statusCode()).isEqualTo(502);

        upload = exchange -> {
            throw new WhatsAppRateLimitException(ErrorDetails.builder("Too many calls").statusCode(429)
                    .minimumWait(java.time.Duration.ofSeconds(17)).build(), java.time.Duration.ofSeconds(17));
        };
        HttpResponse<String> limited = post("/api/media", BodyPublishers.ofByteArray(new byte[1]), "Content-Type", "image/png");
        assertThat(limited.statusCode()).isEqualTo(429);
        assertThat(limited.headers().firstValue("Retry-After")).contains("17");

        upload = exchange -> {
            throw new IllegalStateException("the user +15555550101 said something");
        };
        assertThat(post("/api/media", BodyPublishers.ofByteArray(new byte[1]), "Content-Type", "image/png").statusCode()).isEqualTo(500);
    }

    @ParameterizedTest
    @CsvSource({"Content-Type, png, 415", "Content-Type, '', 415", "X-Filename, a/b.png, 400", "X-Filename, ..\\b.png, 400"})
    void aFileNeedsATypeAndItsNameIsAPlainOne(String header, String value, int status) {
        assertThat(post("/api/media", BodyPublishers.ofByteArray(new byte[1]), header.equals("Content-Type")
                ? new String[] {header, value} : new String[] {"Content-Type", "image/png", header, value}).statusCode()).isEqualTo(status);
    }

    // --- state

    @Test
    void theStateOfAMessageIsToldByItsId() {
        STATES.put("api-known", Map.of("id", "api-known", "state", "delivered"));
        STATES.put("message:wamid.A=:reply:0", Map.of("state", "read"));
        HttpResponse<String> response = get("/api/messages/api-known");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(json(response.body()).path("state").asText()).isEqualTo("delivered");
        assertThat(get("/api/messages/message%3Awamid.A%3D%3Areply%3A0").statusCode()).isEqualTo(200);
        assertThat(get("/api/messages/unknown").statusCode()).isEqualTo(404);
        assertThat(get("/api/messages/%20").statusCode()).isEqualTo(404);
        assertThat(get("/api/messages/api-known?id=unknown").statusCode()).isEqualTo(400);
    }

    // --- bulk

    private static String lines(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(i -> "{\"messaging_product\":\"whatsapp\",\"to\":\"+1555%07d\",\"type\":\"text\",\"text\":{\"body\":\"n %d\"}}\n".formatted(i, i))
                .collect(Collectors.joining());
    }

    private static HttpResponse<String> bulk(String body, String... headers) {
        return post("/api/bulk", BodyPublishers.ofString(body), Stream.concat(Stream.of("Content-Type", "application/x-ndjson"),
                Stream.of(headers)).toArray(String[]::new));
    }

    @Test
    void aBulkIsQueuedLineByLineInOrderAndMarked() {
        HttpResponse<String> response = bulk(lines(1, 420));
        assertThat(response.statusCode()).isEqualTo(202);
        JsonNode answer = json(response.body());
        String id = answer.path("id").asText();
        assertThat(answer).isEqualTo(json("{\"id\":\"" + id + "\",\"status\":\"done\",\"lines\":420,\"accepted\":420,\"refused\":0,\"problems\":[]}"));
        assertThat(response.headers().firstValue("Location")).contains("/api/bulk/" + id);
        List<StoredMessage> queued = queuedOfBulk(id);
        assertThat(queued).hasSize(420).allSatisfy(m -> assertThat(m.queueHeaders()).containsEntry("WhatsAppBulk", "true"));
        assertThat(queued.stream().map(ApiFlowTest::untraced).collect(Collectors.joining("\n", "", "\n"))).isEqualTo(lines(1, 420));
        assertThat(json(get("/api/bulk/" + id).body())).isEqualTo(answer);
    }

    @Test
    void aLineThatCannotBeSentIsToldByItsNumberAndHindersNoOther() {
        HttpResponse<String> response = bulk(lines(1, 2) + "\r\n" + "{\"text\":\"secret words\"}\n" + "secret words\n"
                + "{\"to\":\"+1555\",\"x\":\"" + "y".repeat(2_000) + "\"}\n" + lines(3, 3).trim());
        JsonNode answer = json(response.body());
        assertThat(response.statusCode()).isEqualTo(202);
        assertThat(answer.path("accepted").asInt()).isEqualTo(3);
        assertThat(answer.path("refused").asInt()).isEqualTo(3);
        assertThat(answer.path("lines").asInt()).isEqualTo(7);
        assertThat(answer.path("problems").findValuesAsText("line")).containsExactly("4", "5", "6");
        assertThat(answer.path("problems").findValuesAsText("status")).containsExactly("422", "422", "413");
        assertThat(response.body()).doesNotContain("secret");
    }

    @Test
    void aBulkSentAgainUnderItsKeyIsTheSameBulk() {
        String key = key();
        String body = lines(1, 120) + "wrong\n";
        HttpResponse<String> first = bulk(body, "Idempotency-Key", key);
        long queued = gateway.queued("whatsapp.outbound.bulk");
        HttpResponse<String> second = bulk(body, "Idempotency-Key", key);
        assertThat(second.statusCode()).isEqualTo(202);
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(gateway.queued("whatsapp.outbound.bulk")).isEqualTo(queued);
        assertThat(get("/api/bulk/" + key).body()).isEqualTo(first.body());
        assertThat(bulk(lines(1, 119), "Idempotency-Key", key).statusCode()).isEqualTo(422);
        assertThat(bulk(body + lines(500, 500), "Idempotency-Key", key).statusCode()).isEqualTo(422);
        assertThat(bulk(lines(2, 121) + "wrong\n", "Idempotency-Key", key).statusCode()).isEqualTo(422);
        assertThat(bulk(body, "Idempotency-Key", key, "X-WhatsApp-Phone-Number-Id", "7").statusCode()).isEqualTo(422);
        assertThat(gateway.queued("whatsapp.outbound.bulk")).isEqualTo(queued);
        assertThat(get("/api/bulk/" + key).body()).isEqualTo(first.body());
    }

    @Test
    void aBulkThatBrokeOffGoesOnWhereItStopped() throws Exception {
        String key = key();
        try (Socket socket = new Socket("127.0.0.1", gateway.port)) {
            OutputStream out = socket.getOutputStream();
            out.write(("POST /api/bulk HTTP/1.1\r\nHost: x\r\nIdempotency-Key: " + key + "\r\nAuthorization: Bearer " + TOKEN
                    + "\r\nContent-Type: application/x-ndjson\r\nContent-Length: 1000000\r\n\r\n" + lines(1, 130)).getBytes(StandardCharsets.US_ASCII));
            out.flush();
            // seen while it is read, by its key
            await().atMost(LIMIT).untilAsserted(() -> {
                JsonNode progress = json(get("/api/bulk/" + key).body());
                assertThat(progress.path("status").asText()).isEqualTo("running");
                assertThat(progress.path("accepted").asInt()).isEqualTo(100);
            });
            HttpResponse<String> beside = bulk(lines(1, 130), "Idempotency-Key", key);
            assertThat(beside.statusCode()).isEqualTo(409);
        }
        await().atMost(LIMIT).untilAsserted(() -> assertThat(json(get("/api/bulk/" + key).body()).path("status").asText()).isEqualTo("stopped"));
        JsonNode answer = json(bulk(lines(1, 180), "Idempotency-Key", key).body());
        assertThat(answer.path("accepted").asInt()).isEqualTo(180);
        assertThat(queuedOfBulk(answer.path("id").asText()).stream().map(ApiFlowTest::untraced).collect(Collectors.joining("\n", "", "\n")))
                .isEqualTo(lines(1, 180));
    }

    @Test
    void aBulkHasNoMoreRecipientsThanAllowedAndSaysWhatIsQueued() {
        String key = key();
        HttpResponse<String> response = bulk(lines(1, 1_001), "Idempotency-Key", key);
        assertThat(response.statusCode()).isEqualTo(413);
        JsonNode problem = json(response.body());
        assertThat(problem.path("accepted").asInt()).isEqualTo(1_000);
        assertThat(problem.path("lines").asInt()).isEqualTo(1_000);
        assertThat(queuedOfBulk(problem.path("id").asText())).hasSize(1_000);
        // without the one too many it is the same bulk
        assertThat(json(bulk(lines(1, 1_000) + "\n \n", "Idempotency-Key", key).body()).path("accepted").asInt()).isEqualTo(1_000);
        assertThat(queuedOfBulk(problem.path("id").asText())).hasSize(1_000);
    }

    @Test
    void aBulkIsReadNoFurtherThanItsLimit() {
        assertThat(bulk(" \n".repeat(1_000_001)).statusCode()).isEqualTo(413);
        assertThat(post("/api/bulk", BodyPublishers.ofInputStream(() -> stream("\n".repeat(2_000_001))), "Content-Type", "application/x-ndjson")
                .statusCode()).isEqualTo(413);
    }

    @Test
    void aBulkMustBeLinesOfJsonAndAnUnknownOneIsNotFound() {
        assertThat(bulk(lines(1, 1), "Content-Type", "text/csv").statusCode()).isEqualTo(415);
        assertThat(bulk(lines(1, 1), "Idempotency-Key", "a b").statusCode()).isEqualTo(400);
        assertThat(get("/api/bulk/unknown").statusCode()).isEqualTo(404);
        assertThat(get("/api/bulk/x?y=z").statusCode()).isEqualTo(400);
        assertThat(json(bulk("").body()).path("lines").asInt(-1)).isZero();
    }

    // --- metrics and document

    @Test
    @Order(Integer.MAX_VALUE - 1)
    void everyAnswerIsCountedByEndpointAndStatus() {
        double before = gateway.counter("whatsapp.api.requests", "endpoint", "messages", "status", "202");
        post("/api/messages", text("counted"));
        assertThat(gateway.counter("whatsapp.api.requests", "endpoint", "messages", "status", "202")).isEqualTo(before + 1);
        assertThat(gateway.counter("whatsapp.api.requests", "endpoint", "bulk_progress", "status", "401")).isPositive();
        assertThat(gateway.metrics()).contains("whatsapp_api_requests_total{").doesNotContain("5555550101");
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void theDocumentSaysAllThatTheRoutesHaveAndNothingElse() throws IOException {
        HttpResponse<String> response = send(HttpRequest.newBuilder(gateway.url("/api/openapi.json")).timeout(LIMIT).build());
        assertThat(response.statusCode()).isEqualTo(200);
        JsonNode document = json(response.body());
        assertThat(document.path("openapi").asText()).startsWith("3.1.");
        Set<String> paths = new TreeSet<>();
        // what is managed has a test of its own, NumberManagementFlowTest
        document.path("paths").fields().forEachRemaining(path -> {
            if (operations(path.getValue()).count() > 0) {
                paths.add(path.getKey());
            }
        });
        assertThat(paths).isEqualTo(routed());

        Set<String> documented = new TreeSet<>();
        document.path("paths").fields().forEachRemaining(path -> operations(path.getValue()).forEach(operation ->
                operation.getValue().path("responses").fieldNames().forEachRemaining(status ->
                        documented.add(operation.getKey().toUpperCase(java.util.Locale.ROOT) + ' ' + path.getKey() + ' ' + status))));
        // another method than the documented one has no operation to stand under
        Set<String> seen = SEEN.stream().filter(answer -> !answer.endsWith(" 405") && !answer.startsWith("DELETE")).collect(Collectors.toCollection(TreeSet::new));
        // told in ProblemTest: what a broken store or a bug would be answered with
        Set<String> ours = documented.stream().filter(answer -> answer.endsWith(" 500") || answer.endsWith(" 503"))
                .collect(Collectors.toCollection(TreeSet::new));
        seen.addAll(ours);
        assertThat(documented).isEqualTo(seen);
    }

    private static Stream<Map.Entry<String, JsonNode>> operations(JsonNode path) {
        return path.properties().stream().filter(operation -> !operation.getValue().path("tags").path(0).asText().equals("management"));
    }

    private static Set<String> routed() throws IOException {
        Set<String> paths = new TreeSet<>();
        for (String line : Files.readAllLines(RouteFiles.of("whatsapp").stream().filter(f -> f.endsWith("api.camel.yaml")).findFirst().orElseThrow())) {
            if (line.trim().startsWith("uri: platform-http:")) {
                paths.add(line.trim().substring("uri: platform-http:".length()));
            }
        }
        return paths;
    }

    @Test
    void everyReferenceInTheDocumentLeadsSomewhere() throws IOException {
        JsonNode document;
        try (InputStream in = ApiFlowTest.class.getResourceAsStream("/whatsapp/openapi.json")) {
            document = JSON.readTree(in);
        }
        List<String> references = document.findValuesAsText("$ref");
        assertThat(references).isNotEmpty().allSatisfy(reference -> assertThat(document.at(reference.substring(1)).isMissingNode()).as(reference).isFalse());
    }

    @Test
    void aQueueThatIsAwayIsNoFaultOfTheCaller() {
        upload = exchange -> {
            throw new QueueUnavailableException("made up");
        };
        HttpResponse<String> response = post("/api/media", BodyPublishers.ofByteArray(new byte[1]), "Content-Type", "image/png");
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("Retry-After")).isPresent();
    }
}
