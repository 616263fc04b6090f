package io.github.waroutes.error;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GraphErrorTranslatorResponseTest {

    private static final Instant NOW = Instant.parse("2026-11-06T08:49:07Z");
    private static final String PAGE = "<html><body>Sorry, user 16505550137</body></html>";

    private final GraphErrorTranslator translator =
            new GraphErrorTranslator(GraphErrorCatalogue.load(), Clock.fixed(NOW, ZoneOffset.UTC));

    @ParameterizedTest
    @CsvSource({
        "400, WhatsAppMessageException, NEVER, MESSAGE",
        "401, WhatsAppAuthException, ALARM, TOKEN",
        "403, WhatsAppAuthException, ALARM, ACCOUNT",
        "404, WhatsAppMessageException, NEVER, MESSAGE",
        "408, WhatsAppServiceException, TRANSIENT, SERVICE",
        "413, WhatsAppMessageException, NEVER, MESSAGE",
        "429, WhatsAppRateLimitException, THROTTLE, NUMBER",
        "500, WhatsAppServiceException, TRANSIENT, SERVICE",
        "502, WhatsAppServiceException, TRANSIENT, SERVICE",
        "599, WhatsAppServiceException, TRANSIENT, SERVICE"})
    void anUnknownCodeOrNoneIsDecidedByTheStatus(int status, String type, RetryClass retryClass, ErrorScope scope) {
        for (String body : List.of("{\"error\":{\"code\":999999}}", "{\"error\":{}}", "{\"error\":\"no\"}", "{}", "[]", "17", PAGE, "")) {
            WhatsAppException e = respond(status, body);

            assertThat(e.getClass().getSimpleName()).as(body).isEqualTo(type);
            assertThat(e.getRetryClass()).as(body).isEqualTo(retryClass);
            assertThat(e.getScope()).as(body).isEqualTo(scope);
            assertThat(e.getStatusCode()).as(body).isEqualTo(status);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Invalid appsecret_proof provided in the API argument", "API calls from the server require an appsecret_proof argument"})
    void anAppSecretProofThatIsMissingOrWrongIsTheAppsAndNoMessagesFault(String message) {
        WhatsAppException e = respond(400, "{\"error\":{\"message\":\"" + message + "\",\"type\":\"GraphMethodException\",\"code\":100}}");

        assertThat(e).isInstanceOf(WhatsAppAuthException.class).hasMessageContaining("whatsapp.app-secret");
        assertThat(e.getRetryClass()).isEqualTo(RetryClass.ALARM);
        assertThat(e.getScope()).isEqualTo(ErrorScope.APP);
        assertThat(translator.isOutage(e)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 204, 302, 304})
    void anAnswerThatIsNoErrorAndNoSuccessIsNotRetried(int status) {
        WhatsAppException e = respond(status, PAGE);

        assertThat(e).isInstanceOf(WhatsAppServiceException.class);
        assertThat(e.getRetryClass()).isEqualTo(RetryClass.NEVER);
        assertThat(e.isOutcomeUnknown()).isEqualTo(status < 300);
    }

    @Test
    void aPageInsteadOfJsonLeavesOnlyItsTypeAndLength() {
        WhatsAppException e = translator.fromResponse(502, Map.of("content-TYPE", "text/html; charset=utf-8"), bytes(PAGE), null);

        assertThat(e).hasMessage("Service unavailable (HTTP 502)");
        assertThat(e.getContext()).isEqualTo(Map.of("content_type", "text/html", "body_length", PAGE.length()));
        assertThat(e.getErrorCode()).isNull();
    }

    @ParameterizedTest
    @CsvSource({"500, false", "502, true", "503, false", "504, true"})
    void aGatewayThatLostTheAnswerLeavesTheOutcomeUnknown(int status, boolean unknown) {
        assertThat(respond(status, PAGE).isOutcomeUnknown()).isEqualTo(unknown);
        assertThat(respond(status, "{\"error\":{\"code\":131016}}").isOutcomeUnknown()).isFalse();
    }

    @Test
    void noBodyAndNoHeadersAtAllStillGiveATypedException() {
        WhatsAppException e = translator.fromResponse(503, null, null, null);

        assertThat(e).isInstanceOf(WhatsAppServiceException.class).hasMessage("Service unavailable (HTTP 503)");
        assertThat(e.getContext()).isEqualTo(Map.of("body_length", 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{\"error\":{\"message\":\"cut", "{\"error\":{\"code\":", "\u0000\u0001", "{\"error\":{\"code\":1e999999999}}", "\"error\"", "nul"})
    void aBodyThatIsCutOrBrokenNeverBecomesAParseException(String body) {
        assertThat(respond(400, body)).isInstanceOf(WhatsAppMessageException.class);
    }

    @Test
    void bodiesNestedWithoutEndNeverBecomeAnError() {
        assertThat(respond(500, "[".repeat(1_000_000))).isInstanceOf(WhatsAppServiceException.class);
        assertThat(respond(500, "{\"error\":" + "{\"a\":".repeat(100_000))).isInstanceOf(WhatsAppServiceException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"131047", "\"131047\"", "131047.0", "\" 131047 \""})
    void aCodeMayComeAsTextOrAsAFraction(String code) {
        WhatsAppException e = respond(400, "{\"error\":{\"code\":" + code + ",\"error_subcode\":\"2494055\"}}");

        assertThat(e.getErrorCode()).isEqualTo(131047);
        assertThat(e.getErrorSubcode()).isEqualTo(2494055);
    }

    @ParameterizedTest
    @ValueSource(strings = {"99999999999", "123456789012345678901234567890", "\"1e30\"", "1.5", "true", "null", "{}", "[131047]", "\"\"", "\"x\""})
    void aCodeThatIsNoIntegerIsNoCode(String code) {
        WhatsAppException e = respond(400, "{\"error\":{\"code\":" + code + "}}");

        assertThat(e.getErrorCode()).isNull();
        assertThat(e).isInstanceOf(WhatsAppMessageException.class).hasMessage("Request refused (HTTP 400)");
    }

    @Test
    @Timeout(10)
    void aCodeOfMillionsOfDigitsIsNotCalculated() {
        assertThat(respond(400, "{\"error\":{\"code\":\"" + "9".repeat(4_000_000) + "\"}}").getErrorCode()).isNull();
    }

    @Test
    void http429SaysSoUnlessTheCodeIsALimitItself() {
        assertThat(respond(429, "{\"error\":{\"code\":100}}")).hasMessage("Too many requests (code 100)");
        assertThat(respond(429, "{\"error\":{\"code\":131049}}").getMessage()).startsWith("Not delivered to this user");
        assertThat(respond(429, "{\"error\":{\"code\":131049}}").getMinimumWait()).isEqualTo(Duration.ofDays(1));
    }

    @Test
    void wrongTypesInTheErrorAreOverlooked() {
        WhatsAppException e = respond(400, """
                {"error":{"code":131009,"message":{"a":1},"error_data":"text","error_subcode":[],"fbtrace_id":12,"is_transient":"x"}}""");

        assertThat(e).hasMessage("Parameter value not valid (code 131009)");
        assertThat(e.getTraceId()).isNull();
        assertThat(e.getErrorSubcode()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "999999, 400, true, TRANSIENT", "999999, 403, '\"true\"', TRANSIENT", "999999, 400, false, NEVER", "999999, 429, true, THROTTLE",
        "131047, 400, true, NEVER", "190, 401, true, ALARM"})
    void anUnknownCodeIsRetriedIfMetaCallsItTransient(int code, int status, String isTransient, RetryClass retryClass) {
        WhatsAppException e = respond(status, "{\"error\":{\"code\":%d,\"is_transient\":%s}}".formatted(code, isTransient));

        assertThat(e.getRetryClass()).isEqualTo(retryClass);
    }

    @Test
    void theDetailsOfMetaFollowOurTitle() {
        WhatsAppException e = respond(400, """
                {"error":{"message":"(#131047) Re-engagement message","code":131047,
                 "error_data":{"messaging_product":"whatsapp","details":"The last message is\\n too old"},"fbtrace_id":"A-b_C1"}}""");

        assertThat(e).hasMessage("More than 24 hours since the user wrote: only a template may be sent (code 131047): "
                + "The last message is too old");
        assertThat(e.getTraceId()).isEqualTo("A-b_C1");
    }

    @Test
    void withoutDetailsTheMessageServesWithoutItsCode() {
        assertThat(respond(400, "{\"error\":{\"message\":\"(#100) Param text too long\",\"code\":100}}"))
                .hasMessage("Invalid parameter (code 100): Param text too long");
    }

    @Test
    void theTitleIsNotSaidTwice() {
        assertThat(respond(400, "{\"error\":{\"message\":\"(#100) invalid parameter\",\"code\":100}}"))
                .hasMessage("Invalid parameter (code 100)");
    }

    @Test
    void longDetailsAreCut() {
        assertThat(respond(400, "{\"error\":{\"code\":100,\"message\":\"" + "x ".repeat(5_000) + "\"}}").getMessage())
                .hasSizeLessThan(400);
    }

    @Test
    void nothingPersonalReachesTheMessage() {
        WhatsAppException e = respond(400, """
                {"error":{"code":131026,"error_user_title":"For 16505550137","message":"to 16505550137",
                 "error_data":{"details":"+1 (650) 555-0137 or US.13491208655302741918 at https://example.com/?t=secret"}}}""");

        assertThat(e.toString()).endsWith("Message undeliverable (code 131026): ***37 or ***18 at ***");
        assertThat(e.toJson()).doesNotContain("555", "1349", "secret");
    }

    @Test
    void theTraceIdMayComeAsAHeader() {
        assertThat(translator.fromResponse(500, Map.of("X-FB-Trace-ID", List.of("Trace1")), bytes(PAGE), Map.of()).getTraceId())
                .isEqualTo("Trace1");
        assertThat(translator.fromResponse(500, Map.of("x-fb-trace-id", "not one\nline"), bytes(PAGE), Map.of()).getTraceId())
                .isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "30                              | 30",
        "0                               | 0",
        "Fri, 06 Nov 2026 08:49:37 GMT   | 30",
        "Friday, 06-Nov-26 08:49:37 GMT  | 30",
        "Fri Nov  6 08:49:37 2026        | 30",
        "Fri, 06 Nov 2026 08:00:00 GMT   | 0",
        "999999999999999999              | 86400",
        "Fri, 06 Nov 2099 08:49:37 GMT   | 86400"})
    void retryAfterIsHonouredInEveryFormHttpHas(String value, long seconds) {
        for (Object header : List.of(value, List.of(value))) {
            WhatsAppException e = translator.fromResponse(429, Map.of("rETRY-aFTER", header), bytes("{}"), Map.of());

            assertThat(e).isInstanceOfSatisfying(WhatsAppRateLimitException.class, limit ->
                    assertThat(limit.getRetryAfter()).isEqualTo(Duration.ofSeconds(seconds)));
            assertThat(e.getMinimumWait()).isEqualTo(Duration.ofSeconds(seconds));
            assertThat(e.toMap()).containsEntry("retry_after_seconds", seconds);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "-5", "1.5", "9999999999999999999999"})
    void aRetryAfterThatIsNoneIsLeftOut(String value) {
        WhatsAppRateLimitException e = (WhatsAppRateLimitException) translator.fromResponse(
                429, Map.of("Retry-After", value), bytes("{}"), Map.of());

        assertThat(e.getRetryAfter()).isNull();
        assertThat(e.toMap()).doesNotContainKeys("retry_after_seconds", "minimum_wait_seconds");
    }

    @Test
    void aServiceCanAskForAWaitToo() {
        assertThat(translator.fromResponse(503, Map.of("Retry-After", "7"), bytes(PAGE), Map.of()).getMinimumWait())
                .isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void ofTwoWaitsTheLongerCounts() {
        byte[] body = bytes("{\"error\":{\"code\":131057}}");

        assertThat(translator.fromResponse(500, Map.of("Retry-After", "7"), body, Map.of()).getMinimumWait())
                .isEqualTo(Duration.ofSeconds(60));
        assertThat(translator.fromResponse(500, Map.of("Retry-After", "70"), body, Map.of()).getMinimumWait())
                .isEqualTo(Duration.ofSeconds(70));
    }

    @ParameterizedTest
    @CsvSource({"4, 720", "80007, 720", "130429, ", "131056, ", "368, "})
    void theUsageHeaderTellsWhenCallLimitsEnd(int code, Long seconds) {
        String usage = """
                {"1":[{"type":"whatsapp","call_count":100,"estimated_time_to_regain_access":3}],
                 "2":[{"type":"whatsapp_business_management","estimated_time_to_regain_access":12}]}""";

        WhatsAppException e = translator.fromResponse(400, Map.of("x-business-use-case-usage", usage),
                bytes("{\"error\":{\"code\":" + code + "}}"), Map.of());

        assertThat(e.getMinimumWait()).isEqualTo(seconds == null ? null : Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{\"1\":[{\"estimated_time_to_regain_access\":0}]}", "{\"1\":[{\"estimated_time_to_regain_access\":\"x\"}]}"})
    void aUsageHeaderThatSaysNothingIsOverlooked(String usage) {
        assertThat(translator.fromResponse(400, Map.of("X-Business-Use-Case-Usage", usage), bytes("{\"error\":{\"code\":4}}"), Map.of())
                .getMinimumWait()).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "404 | <html>",
        "404 | {\"error\":{\"code\":100}}",
        "404 | {\"error\":{\"code\":999999}}",
        "404 | {\"error\":{\"code\":33}}",
        "400 | {\"error\":{\"code\":100,\"error_subcode\":33}}",
        "400 | {\"error\":{\"code\":\"100\",\"error_subcode\":\"33\"}}"})
    void aMediaFileThatIsNotThereIsNotFound(int status, String body) {
        WhatsAppException e = translator.fromResponse(status, Map.of(), bytes(body), Map.of("media_id", 1234567890L));

        assertThat(e).isInstanceOfSatisfying(WhatsAppMediaException.class, media -> {
            assertThat(media.getMediaId()).isEqualTo("1234567890");
            assertThat(media.isNotFound()).isTrue();
            assertThat(media.isExpired()).isFalse();
            assertThat(media.getRetryClass()).isEqualTo(RetryClass.NEVER);
        });
        assertThat(e.toMap()).containsEntry("media_id", "1234567890").containsEntry("not_found", true);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "404 | {\"error\":{\"code\":132001}} | WhatsAppTemplateException",
        "404 | {\"error\":{\"code\":190}}    | WhatsAppAuthException",
        "400 | {\"error\":{\"code\":100}}    | WhatsAppMessageException",
        "401 | <html>                        | WhatsAppAuthException",
        "502 | <html>                        | WhatsAppServiceException"})
    void withAMediaIdOtherErrorsStayWhatTheyAre(int status, String body, String type) {
        assertThat(translator.fromResponse(status, Map.of(), bytes(body), Map.of("media_id", "m1")).getClass().getSimpleName())
                .isEqualTo(type);
    }

    @Test
    void aRefusedMediaRequestThatIsThereIsNotNotFound() {
        assertThat(translator.fromResponse(416, Map.of(), bytes(PAGE), Map.of("media_id", "m1")))
                .isInstanceOfSatisfying(WhatsAppMediaException.class, media -> assertThat(media.isNotFound()).isFalse());
    }

    @ParameterizedTest
    @CsvSource({"404, true", "403, false", "410, false"})
    void aDownloadUrlThatFailsIsExpired(int status, boolean notFound) {
        WhatsAppException e = translator.fromResponse(status, Map.of(), bytes(PAGE),
                Map.of("media_id", "m1", "endpoint", GraphErrorTranslator.MEDIA_DOWNLOAD));

        assertThat(e).isInstanceOfSatisfying(WhatsAppMediaException.class, media -> {
            assertThat(media.isExpired()).isTrue();
            assertThat(media.isNotFound()).isEqualTo(notFound);
        });
    }

    @Test
    void aTemplateErrorNamesTheTemplateOfTheCall() {
        WhatsAppException e = translator.fromResponse(404, Map.of(), bytes("{\"error\":{\"code\":132001}}"), Map.of("template", "order_ready"));

        assertThat(e).isInstanceOfSatisfying(WhatsAppTemplateException.class,
                template -> assertThat(template.getTemplateName()).isEqualTo("order_ready"));
        assertThat(e.toMap()).containsEntry("template_name", "order_ready");
    }

    @Test
    void theContextComesBackInOrderWithoutNullsAndCannotBeChanged() {
        Map<String, Object> context = new LinkedHashMap<>();
        context.put("zone", "z");
        context.put("endpoint", "messages");
        context.put("nothing", null);
        context.put("attempt", 3);
        context.put("tags", new ArrayList<>(Arrays.asList("a", null, Instant.EPOCH)));
        WhatsAppException e = translator.fromResponse(400, Map.of(), bytes("{\"error\":{\"code\":100}}"), context);
        context.put("later", true);

        assertThat(e.getContext().toString())
                .isEqualTo("{zone=z, endpoint=messages, attempt=3, tags=[a, 1970-01-01T00:00:00Z]}");
        assertThat(e.getContext()).isUnmodifiable();
    }

    @Test
    void aContextThatHoldsItselfDoesNotHang() {
        Map<String, Object> context = new LinkedHashMap<>();
        context.put("self", context);

        assertThat(translator.fromResponse(500, Map.of(), null, context).toJson()).contains("\"self\"");
    }

    @Test
    void aFailedStatusUsesMetasTitleForAnUnknownCode() {
        WhatsAppException e = translator.fromGraphError(
                Map.of("code", 999999, "title", "New trouble of +1 650 555 0142", "message", "New trouble",
                        "error_data", Map.of("details", "ask 16505550137"), "href", "https://example.com"),
                Map.of("message_id", "wamid.X"));

        assertThat(e).isInstanceOf(WhatsAppMessageException.class)
                .hasMessage("New trouble of ***42 (code 999999): ask ***37");
        assertThat(e.getRetryClass()).isEqualTo(RetryClass.NEVER);
        assertThat(e.getContext()).containsOnlyKeys("message_id");
    }

    @Test
    void aFailedStatusWithoutAnythingIsStillTyped() {
        assertThat(translator.fromGraphError(null, null)).isInstanceOf(WhatsAppMessageException.class).hasMessage("Unknown error");
        assertThat(translator.fromGraphError(Map.of(), null).getRetryClass()).isEqualTo(RetryClass.NEVER);
    }

    @Test
    void theMapHoldsEverythingWithoutNullsAndIsJson() throws Exception {
        WhatsAppException e = translator.fromResponse(429, Map.of("Retry-After", "12"), bytes("""
                {"error":{"code":131056,"error_subcode":5,"fbtrace_id":"T1","message":"(#131056) Slow down"}}"""), Map.of("endpoint", "messages"));

        assertThat(e.toMap()).containsExactly(
                Map.entry("type", "WhatsAppRateLimitException"),
                Map.entry("message", "Too many messages to the same user (code 131056): Slow down"),
                Map.entry("status_code", 429),
                Map.entry("error_code", 131056),
                Map.entry("error_subcode", 5),
                Map.entry("trace_id", "T1"),
                Map.entry("retry_class", "THROTTLE"),
                Map.entry("scope", "PAIR"),
                Map.entry("minimum_wait_seconds", 12L),
                Map.entry("retry_after_seconds", 12L),
                Map.entry("context", Map.of("endpoint", "messages")));
        assertThat(new ObjectMapper().readValue(e.toJson(), Map.class).keySet()).isEqualTo(e.toMap().keySet());
    }

    @Test
    void theMapOfAPoorErrorHasNoNullAnywhere() {
        WhatsAppException e = translator.fromResponse(404, Map.of(), bytes("{\"error\":{\"code\":132001}}"), null);

        assertThat(e.toMap()).doesNotContainValue(null)
                .doesNotContainKeys("trace_id", "error_subcode", "template_name", "minimum_wait_seconds", "maximum_retries", "outcome_unknown");
        assertThat(e.toJson()).doesNotContain("null");
    }

    private WhatsAppException respond(int status, String body) {
        return translator.fromResponse(status, Map.of(), bytes(body), Map.of());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aNumberThatIsGoneIsTheNumbersAndNotTheMessages() {
        byte[] body = bytes("{\"error\":{\"message\":\"Unsupported post request. Object with ID '777' does not exist\",\"type\":"
                + "\"GraphMethodException\",\"code\":100,\"error_subcode\":33,\"fbtrace_id\":\"A1\"}}");
        WhatsAppException gone = translator.fromResponse(400, Map.of(), body, Map.of("endpoint", "messages"));
        assertThat(gone.getRetryClass()).isEqualTo(RetryClass.ALARM);
        assertThat(gone.getScope()).isEqualTo(ErrorScope.NUMBER);
        WhatsAppException file = translator.fromResponse(400, Map.of(), body, Map.of("endpoint", "media", "media_id", "777"));
        assertThat(file).isInstanceOf(WhatsAppMediaException.class);
        assertThat(file.getRetryClass()).isEqualTo(RetryClass.NEVER);
    }
}
