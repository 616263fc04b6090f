package io.github.waroutes.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppAccountException;
import io.github.waroutes.error.WhatsAppAuthException;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.error.WhatsAppMediaException;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.error.WhatsAppServiceException;
import io.github.waroutes.error.WhatsAppTemplateException;
import io.github.waroutes.queue.QueueOutcomeUnknownException;
import io.github.waroutes.queue.QueueUnavailableException;
import io.github.waroutes.state.StateUnavailableException;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ProblemTest {

    private static ErrorDetails details(int status) {
        return ErrorDetails.builder("What is wrong").statusCode(status).build();
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new ApiException(409, "in-progress", "x"), 409, "in-progress"),
                Arguments.of(new WhatsAppMessageException(details(0)), 422, "message"),
                Arguments.of(new WhatsAppTemplateException(details(0), "order_ready"), 422, "message"),
                Arguments.of(new WhatsAppMediaException(details(400), null, false, false), 400, "message"),
                Arguments.of(new WhatsAppMediaException(details(413), null, false, false), 413, "message"),
                Arguments.of(new WhatsAppMediaException(details(404), null, true, false), 422, "message"),
                Arguments.of(new WhatsAppMessageException(details(401)), 422, "message"),
                Arguments.of(new WhatsAppMediaException(details(503), null, false, false), 502, "upstream"),
                // the caller's token is another one than ours
                Arguments.of(new WhatsAppAuthException(details(401)), 502, "upstream"),
                Arguments.of(new WhatsAppAccountException(details(403)), 502, "upstream"),
                Arguments.of(new WhatsAppServiceException(details(500)), 502, "upstream"),
                Arguments.of(new QueueUnavailableException("+15555550101"), 503, "unavailable"),
                Arguments.of(new IllegalStateException("x", new StateUnavailableException("+15555550101")), 503, "unavailable"),
                Arguments.of(new IllegalStateException("+15555550101"), 500, "internal"),
                Arguments.of(null, 500, "internal"));
    }

    @Test
    void aStoreThatWasNotConfirmedSaysThatItMayHaveBeenTaken() {
        Problem problem = Problem.of(new CamelExecutionException("x", new DefaultExchange(new DefaultCamelContext()),
                new QueueOutcomeUnknownException("late", null)));
        assertThat(problem.status()).isEqualTo(503);
        assertThat(problem.members().get("detail").toString()).contains("may have been taken").contains("same Idempotency-Key")
                .doesNotContain("Nothing was taken");
        assertThat(Problem.of(new QueueUnavailableException("full")).members().get("detail").toString()).contains("Nothing was taken");
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aFailureHasItsStatusAndKind(Exception failure, int status, String kind) {
        Problem problem = Problem.of(failure);
        assertThat(problem.status()).isEqualTo(status);
        assertThat(problem.members()).containsEntry("status", status).containsEntry("type", "tag:waroutes.github.io,2026:" + kind)
                .containsKeys("title", "detail").doesNotContainValue(null);
        assertThat(problem.members().toString()).doesNotContain("5555550101");
    }

    @Test
    void aTypedExceptionIsFoundInsideAnother() {
        Exception outside = new CamelExecutionException("x", new DefaultExchange(new DefaultCamelContext()),
                new WhatsAppMessageException(details(0)));
        assertThat(Problem.of(outside).status()).isEqualTo(422);
    }

    @Test
    void theMembersAreThoseOfTheExceptionAndNoMore() {
        WhatsAppException failure = new WhatsAppMessageException(ErrorDetails.builder("text.body is too long").errorCode(131009).errorSubcode(7)
                .traceId("AbC").context("fields", List.of("text.body", "type")).context("answer", "+15555550101").retryClass(RetryClass.NEVER).build());
        assertThat(Problem.of(failure).members()).containsExactlyInAnyOrderEntriesOf(java.util.Map.of(
                "type", "tag:waroutes.github.io,2026:message", "title", "The message is refused", "status", 422,
                "detail", "text.body is too long", "error", "WhatsAppMessageException", "code", 131009, "subcode", 7, "trace_id", "AbC",
                "field", "text.body", "fields", List.of("text.body", "type")));
    }

    @Test
    void whatPassesHasATimeToTryAgain() {
        assertThat(Problem.of(new QueueUnavailableException("x")).retryAfter()).isPositive();
        assertThat(Problem.of(new ApiException(503, "too-busy", "x")).retryAfter()).isPositive();
        assertThat(Problem.of(new WhatsAppServiceException(ErrorDetails.builder("x").minimumWait(Duration.ofSeconds(9)).build())).retryAfter())
                .isEqualTo(Duration.ofSeconds(9));
        assertThat(Problem.of(new WhatsAppMessageException(details(0))).retryAfter()).isNull();
    }

    @Test
    void everyKindHasATitle() {
        for (String kind : List.of("unauthorized", "method", "media-type", "bad-request", "too-large", "too-slow", "other-body", "in-progress",
                "not-found", "too-busy", "unavailable", "message")) {
            assertThat(Problem.of(new ApiException(400, kind, "x")).members().get("title")).as(kind).isNotNull();
        }
    }
}
