package io.github.waroutes.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every code of Meta's page support/error-codes, written down a second time: the catalogue must say the same. */
class GraphErrorCodesTest {

    /** One line a group: HTTP status (0: not known), exception, retry class, scope, codes. */
    private static final String TABLE = """
            401 Auth       ALARM      TOKEN    0 190
            400 Auth       ALARM      TOKEN    104
            500 Auth       ALARM      APP      3
            403 Auth       ALARM      TOKEN    10 200 201 250 299 131005
            400 Service    TRANSIENT  MESSAGE  1
            503 Service    TRANSIENT  SERVICE  2 133004
            500 Service    TRANSIENT  SERVICE  131000 131016
            500 Service    TRANSIENT  NUMBER   131057
            400 RateLimit  THROTTLE   APP      4 613
            400 RateLimit  THROTTLE   ACCOUNT  80007
            400 RateLimit  THROTTLE   NUMBER   130429 131208
            400 RateLimit  THROTTLE   PAIR     131056
            400 RateLimit  WAIT_LONG  NUMBER   131048 133016
            400 RateLimit  WAIT_LONG  PAIR     131049
            400 RateLimit  WAIT_LONG  ACCOUNT  131064
            400 RateLimit  WAIT_LONG  TEMPLATE 132069
            400 Account    ALARM      NUMBER   33
            403 Account    ALARM      ACCOUNT  368 131031
            403 Account    NEVER      PAIR     130497
            400 Account    ALARM      NUMBER   131037
            400 Account    ALARM      ACCOUNT  131042 131044 134011
            500 Account    ALARM      NUMBER   131045 133000
            400 Account    ALARM      NUMBER   133005 133006 133008 133010
            400 Account    WAIT_LONG  NUMBER   133009 133015
            400 Account    NEVER      ACCOUNT  139200
            400 Account    NEVER      NUMBER   147001 147002 147003 147004 147005 2593107 2593108
            400 Message    NEVER      MESSAGE  100 131008 131009 131051 131055 131059 131060 131062 135000
            400 Message    NEVER      ACCOUNT  131063
            400 Message    NEVER      PAIR     130403 130472 131020 131021 131026 131030 131041 131047 131050
            400 Message    ALARM      PAIR     137000
            400 Message    NEVER      MESSAGE  131201 131202 131203 131204 131205 131206 131207
            400 Message    NEVER      MESSAGE  138000 138001 138002 138003 138004 138005 138006 138007 138008 138009
            400 Message    NEVER      MESSAGE  138010 138011 138012 138013 138014 138015 138016 138017 138018
            400 Message    NEVER      MESSAGE  139000 139001 139002 139003 139004 139100 139101 139102 139103
            400 Media      NEVER      MESSAGE  131052
            400 Media      TRANSIENT  MESSAGE  131053
            400 Template   NEVER      MESSAGE  132000 132005 132008 132012 132018
            404 Template   NEVER      TEMPLATE 132001
            400 Template   NEVER      TEMPLATE 132007 132068 134100
            400 Template   ALARM      TEMPLATE 132015 132016
            400 Template   WAIT_LONG  TEMPLATE 134101
            500 Template   ALARM      TEMPLATE 134102
            400 Template   NEVER      TEMPLATE 2388019 2388040 2388047 2388072 2388073 2388293 2388299
            503 Service    TRANSIENT  NUMBER   2494100
            """;

    private final GraphErrorCatalogue catalogue = GraphErrorCatalogue.load();
    private final GraphErrorTranslator translator = new GraphErrorTranslator(catalogue);

    record Expected(int code, int status, String type, RetryClass retryClass, ErrorScope scope) {
    }

    static Stream<Expected> codes() {
        return TABLE.lines().map(line -> line.trim().split("\\s+")).flatMap(cells -> Arrays.stream(cells).skip(4)
                .map(code -> new Expected(Integer.parseInt(code), Integer.parseInt(cells[0]),
                        "WhatsApp" + cells[1] + "Exception", RetryClass.valueOf(cells[2]), ErrorScope.valueOf(cells[3]))));
    }

    @ParameterizedTest
    @MethodSource("codes")
    void anAnswerWithThisCodeBecomes(Expected expected) {
        String body = "{\"error\":{\"message\":\"(#%1$d) Refused\",\"type\":\"OAuthException\",\"code\":%1$d,\"fbtrace_id\":\"AbC\"}}"
                .formatted(expected.code);

        WhatsAppException e = translator.fromResponse(
                expected.status, Map.of(), body.getBytes(StandardCharsets.UTF_8), Map.of());

        assertMatches(e, expected);
        assertThat(e.getStatusCode()).isEqualTo(expected.status);
        assertThat(e.isOutcomeUnknown()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("codes")
    void aFailedStatusWithThisCodeBecomesTheSame(Expected expected) {
        WhatsAppException e = translator.fromGraphError(Map.of("code", expected.code, "title", "Refused", "message", "Refused"), Map.of());

        assertMatches(e, expected);
        assertThat(e.getStatusCode()).isZero();
    }

    @ParameterizedTest
    @MethodSource("codes")
    void withHttp429ItIsARateLimitWhateverTheCode(Expected expected) {
        byte[] body = "{\"error\":{\"code\":%d}}".formatted(expected.code).getBytes(StandardCharsets.UTF_8);

        WhatsAppException e = translator.fromResponse(429, Map.of(), body, Map.of("media_id", "media-1"));

        boolean limit = expected.type.equals("WhatsAppRateLimitException");
        assertThat(e).isInstanceOf(WhatsAppRateLimitException.class);
        assertThat(e.getRetryClass()).isEqualTo(limit ? expected.retryClass : RetryClass.THROTTLE);
        assertThat(e.getScope()).isEqualTo(limit ? expected.scope : ErrorScope.NUMBER);
        assertThat(e.getErrorCode()).isEqualTo(expected.code);
    }

    @Test
    void noRowOfTheCatalogueIsMissingInThisTable() {
        Set<Integer> codes = codes().map(Expected::code).collect(Collectors.toSet());

        assertThat(catalogue.kinds()).allSatisfy(kind ->
                assertThat(codes).anyMatch(code -> code >= kind.from() && code <= kind.to()));
    }

    private static void assertMatches(WhatsAppException e, Expected expected) {
        assertThat(e.getClass().getSimpleName()).isEqualTo(expected.type);
        assertThat(e.getErrorCode()).isEqualTo(expected.code);
        assertThat(e.getRetryClass()).isEqualTo(expected.retryClass);
        assertThat(e.getScope()).isEqualTo(expected.scope);
        assertThat(e.isRetryable())
                .isEqualTo(expected.retryClass == RetryClass.THROTTLE || expected.retryClass == RetryClass.TRANSIENT);
        assertThat(e.getMessage()).contains("(code " + expected.code + ")").endsWith(": Refused");
    }
}
