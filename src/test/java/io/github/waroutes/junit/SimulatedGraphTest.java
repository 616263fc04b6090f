package io.github.waroutes.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.simulator.GraphCall;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@WhatsAppSimulator
class SimulatedGraphTest {

    private static Application application;
    private SimulatedWhatsApp whatsapp;
    private SimulatedGraph graph;

    @WhatsAppUser
    private SimulatedUser kim;

    @WhatsAppUser
    private SimulatedUser sam;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) {
        application = new Application(whatsapp);
    }

    @AfterAll
    static void stop() {
        application.close();
    }

    @BeforeEach
    void forget() {
        application.webhooks.clear();
        application.signatures.clear();
    }

    private static int code(HttpResponse<String> answer) throws Exception {
        return Application.JSON.readTree(answer.body()).at("/error/code").asInt();
    }

    @Test
    void aUsersMessagesFailAsOftenAsWasSaidAndNobodyElses() throws Exception {
        GraphFault fault = graph.fails(131056).times(2).forUser(kim);

        assertThat(application.text(sam, "hi").statusCode()).isEqualTo(200);
        assertThat(code(application.text(kim, "hi"))).isEqualTo(131056);
        assertThat(code(application.text(kim, "hi"))).isEqualTo(131056);
        assertThat(application.text(kim, "hi").statusCode()).isEqualTo(200);
        assertThat(fault.hits()).isEqualTo(2);
    }

    @Test
    void aFaultStrikesOnceUnlessToldOtherwise() throws Exception {
        graph.answersHtml502();
        HttpResponse<String> page = application.text(kim, "hi");
        assertThat(page.statusCode()).isEqualTo(502);
        assertThat(page.body()).startsWith("<!DOCTYPE html>");
        assertThat(application.text(kim, "hi").statusCode()).isEqualTo(200);

        GraphFault fault = graph.fails(131000).always();
        assertThat(application.text(kim, "hi").statusCode()).isEqualTo(500);
        assertThat(application.text(sam, "hi").statusCode()).isEqualTo(500);
        fault.isOver();
        assertThat(application.text(kim, "hi").statusCode()).isEqualTo(200);
        assertThat(fault.hits()).isZero();
    }

    @Test
    void aRefusalHasTheStatusAndTheRetryAfterThatWereAskedFor() throws Exception {
        graph.fails(130429).withStatus(429).withRetryAfter(Duration.ofSeconds(7));

        HttpResponse<String> answer = application.text(kim, "hi");
        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.headers().firstValue("Retry-After")).hasValue("7");
    }

    @Test
    void aSlowAnswerIsLateAndALostOneNeverComesThoughTheMessageDoes() throws Exception {
        graph.isSlow(Duration.ofMillis(300));
        long began = System.nanoTime();
        assertThat(application.text(kim, "slow").statusCode()).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofMillis(300));

        graph.losesAnswers();
        assertThatIOException().isThrownBy(() -> application.text(kim, "lost"));
        kim.receives("slow", "lost");
        assertThat(graph.sentTo(kim)).extracting(GraphCall::fault).containsExactly("slow", "answer-lost");
    }

    @Test
    void aCutConnectionAndSilenceTakeNothing() throws Exception {
        graph.cutsConnections();
        assertThatIOException().isThrownBy(() -> application.text(kim, "cut"));
        graph.givesNoAnswer(Duration.ofMillis(200));
        assertThatIOException().isThrownBy(() -> application.text(kim, "silence"));

        kim.receivesNothingFor(Duration.ofMillis(50));
        assertThat(graph.sentTo(kim)).isEmpty();
        assertThat(graph.callsTo(kim)).extracting(GraphCall::fault).containsExactly("cut", "no-answer");
    }

    @Test
    void anAcceptedMessageFailsLater() throws Exception {
        graph.failsLater(131026);
        String wamid = Application.JSON.readTree(application.text(kim, "hi").body()).at("/messages/0/id").asText();

        whatsapp.tellsAllStatuses();
        assertThat(application.statuses(wamid)).containsExactly("failed");
        assertThat(application.webhooks).anySatisfy(value -> assertThat(value.at("/statuses/0/errors/0/code").asInt()).isEqualTo(131026));
    }

    @Test
    void webhooksAreRepeatedForgedAndReordered() throws Exception {
        graph.repeatsWebhooks().forUser(kim);
        kim.sends("twice");
        assertThat(application.messages()).hasSize(2).extracting(message -> message.path("id").asText()).containsOnly(
                application.messages().get(0).path("id").asText());

        graph.forgesWebhooks();
        kim.sends("forged");
        assertThat(application.signatures).containsExactly("right", "right", "wrong");

        graph.reordersWebhooks();
        assertThat(kim.sendsTogether("one", "two")).extracting(UserMessage::id).isNotEqualTo(
                application.webhooks.get(3).path("messages").findValuesAsText("id"));
    }

    @Test
    void mediaIsSpoiltExpiredAndRedirected() throws Exception {
        kim.sendsImage();
        String url = application.messages().get(0).at("/image/url").asText();
        String genuine = application.get(url).body();

        graph.spoilsMedia();
        assertThat(application.get(url).body()).hasSameSizeAs(genuine).isNotEqualTo(genuine);
        graph.expiresMediaUrls();
        assertThat(application.get(url).statusCode()).isEqualTo(404);
        graph.redirectsMedia();
        assertThat(application.get(url).statusCode()).isEqualTo(302);
        assertThat(graph.calls()).extracting(GraphCall::fault).containsExactly(null, "wrong-hash", "expired-url", "redirect");
    }

    @Test
    void aFaultCanStrikeElsewhere() throws Exception {
        graph.fails(131000).at(GraphFault.At.READ_MARK);
        UserMessage message = kim.sends("hello");

        assertThat(application.text(kim, "hi").statusCode()).isEqualTo(200);
        assertThat(application.read(message, false).statusCode()).isEqualTo(500);
    }

    @Test
    void chanceIsDecidedByItsSeed() throws Exception {
        StringBuilder[] runs = {new StringBuilder(), new StringBuilder()};
        for (StringBuilder run : runs) {
            graph.fails(131000).withProbability(0.5, 42);
            for (int message = 0; message < 10; message++) {
                run.append(application.text(kim, "hi").statusCode() == 200 ? '.' : 'x');
            }
            graph.works();
        }
        assertThat(runs[0].toString()).contains(".").contains("x").isEqualTo(runs[1].toString());
    }

    @Test
    void aFaultThatMakesNoSenseIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> graph.fails(-1)).withMessageContaining("code");
        assertThatIllegalArgumentException().isThrownBy(() -> graph.losesAnswers().at(GraphFault.At.MEDIA))
                .withMessageContaining("messages only");
        GraphFault over = graph.fails(131000);
        graph.works();
        assertThatIllegalArgumentException().isThrownBy(() -> over.times(2)).withMessageContaining("no fault");
    }

    @Test
    void aCallAboutTheAccountFails() throws Exception {
        graph.fails(80007).at(GraphFault.At.ACCOUNT);
        String templates = whatsapp.graphUrl() + "/v26.0/" + whatsapp.accountId() + "/message_templates";

        assertThat(code(application.get(templates))).isEqualTo(80007);
        assertThat(application.get(templates).statusCode()).isEqualTo(200);
    }

    @Test
    void statusesAreLeftOut() throws Exception {
        graph.skipsDelivered().forUser(kim);
        graph.staysSent().forUser(sam);
        String toKim = Application.JSON.readTree(application.text(kim, "hi").body()).at("/messages/0/id").asText();
        String toSam = Application.JSON.readTree(application.text(sam, "hi").body()).at("/messages/0/id").asText();

        whatsapp.tellsAllStatuses();
        assertThat(application.statuses(toKim)).containsExactly("sent", "read");
        assertThat(application.statuses(toSam)).containsExactly("sent");
    }

    @Test
    void aNumberUnderAnotherNameIsSomebodyElse() {
        SimulatedUser first = whatsapp.user("Kim", "15555550188");
        SimulatedUser second = whatsapp.user("Sam", "+1 555 555 0188");

        assertThat(second.name()).isEqualTo("Sam");
        assertThat(whatsapp.user("Kim", "15555550188")).isSameAs(first);
        second.sends("hello");
        assertThat(application.webhooks).singleElement()
                .satisfies(value -> assertThat(value.at("/contacts/0/profile/name").asText()).isEqualTo("Sam"));
    }

    @Test
    void everyCallIsKeptInItsOrderWithItsOutcome() throws Exception {
        Instant began = Instant.now();
        UserMessage message = kim.sends("hello");
        application.read(message, true);
        graph.fails(131056);
        application.text(kim, "no");
        application.text(kim, "yes");
        kim.sendsImage();
        String media = application.messages().get(1).at("/image/id").asText();
        JsonNode described = Application.JSON.readTree(application.get(whatsapp.graphUrl() + "/v26.0/" + media).body());
        application.get(described.path("url").asText());

        assertThat(graph.calls()).hasToString("[POST 106540352242922/messages -> 200, "
                + "POST 106540352242922/messages \"no\" -> 400 (131056), by the fault graph-error, "
                + "POST 106540352242922/messages \"yes\" -> 200, GET " + media + " -> 200, GET /simulator/media/" + media + " -> 200]");
        assertThat(graph.calls().get(0).isReadMark()).isTrue();
        assertThat(graph.callsTo(kim)).extracting(GraphCall::text).containsExactly("no", "yes");
        assertThat(graph.sent()).singleElement().satisfies(call -> {
            assertThat(call.messageId()).isEqualTo(kim.receives("yes").id());
            assertThat(call.type()).isEqualTo("text");
            assertThat(call.at()).isBetween(began, Instant.now());
            assertThat(call.body().path("messaging_product").asText()).isEqualTo("whatsapp");
        });

        graph.reset();
        assertThat(graph.calls()).isEmpty();
    }
}
