package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.flow.Flows.awaitTexts;
import static io.github.waroutes.flow.Flows.exception;
import static io.github.waroutes.flow.Flows.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.simulator.GraphCall;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who wants no marketing messages gets none, and everything else. */
@WhatsAppSimulator(statusDelay = 600_000, reset = false)
class OptOutFlowTest {

    private static final String OUT = "You will get no more offers from us. Write START to get them again.";
    private static final String IN = "You will get our offers again. Write STOP to end them.";

    @TempDir
    static Path directory;

    private static TestGateway gateway;
    private SimulatedUser kim;
    private SimulatedGraph graph;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) {
        whatsapp.numbers().get(0).hasTemplate("summer_sale", "en", "APPROVED", "Everything must go");
        whatsapp.numbers().get(0).hasTemplate("winter_sale", "en", "APPROVED", "Everything must go again");
        whatsapp.numbers().get(0).hasTemplate("order_ready", "en", "APPROVED", "Your order is ready");
        gateway = Flows.gateway(directory).with(whatsapp).with("whatsapp.api.token", "shop").with("whatsapp.management.token", "operator")
                .with("whatsapp.account-id", TestGateway.ACCOUNT)
                .with("whatsapp.numbers.two.phone-number-id", "2000000002").with("whatsapp.numbers.two.account-id", TestGateway.ACCOUNT)
                .with("whatsapp.numbers.three.phone-number-id", "3000000003").with("whatsapp.numbers.three.account-id", "3000000000")
                .with("whatsapp.opt-out.stop-words", "STOP, no more").with("whatsapp.templates.marketing", "summer_sale")
                .with("whatsapp.on.text", "direct:my-text").with("whatsapp.on.button", "direct:my-text")
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:my-text").setBody(simple("heard ${body[text][body]}")).to("direct:whatsapp-reply");
                    }
                }).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @BeforeEach
    void begin(SimulatedUser user, SimulatedGraph graph) {
        Flows.awaitQuiet(gateway);
        kim = user;
        this.graph = graph;
    }

    private static HttpResponse<String> api(String path, String body) {
        return TestGateway.send(HttpRequest.newBuilder(gateway.url(path)).timeout(LIMIT).header("Authorization", "Bearer shop")
                .header("Content-Type", path.equals("/api/bulk") ? "application/x-ndjson" : "application/json").POST(HttpRequest.BodyPublishers.ofString(body)).build());
    }

    private static HttpResponse<String> template(String user, String name) {
        return api("/api/templates", "{\"to\":\"+" + user + "\",\"name\":\"" + name + "\",\"language\":\"en\"}");
    }

    private static JsonNode optedOut(String user) {
        HttpResponse<String> response = api("/api/opt-outs", "{\"to\":\"+" + user + "\",\"action\":\"show\"}");
        assertThat(response.statusCode()).isEqualTo(200);
        return json(response.body());
    }

    private static void awaitOptedOut(String user, boolean out) {
        await().atMost(LIMIT).until(() -> optedOut(user).path("opted_out").asBoolean() == out);
    }

    private void isRefused(String name) {
        HttpResponse<String> response = template(kim.id(), name);
        assertThat(response.statusCode()).isEqualTo(422);
        JsonNode problem = json(response.body());
        assertThat(problem.path("code").asInt()).isEqualTo(131050);
        assertThat(problem.path("error").asText()).isEqualTo("WhatsAppMessageException");
        assertThat(problem.path("detail").asText()).contains("no marketing messages").contains("Meta was not asked");
    }

    private void goesOut(String name) {
        int before = templates(name);
        assertThat(template(kim.id(), name).statusCode()).isEqualTo(202);
        await().atMost(LIMIT).until(() -> templates(name) == before + 1);
    }

    private int templates(String name) {
        return (int) graph.callsTo(kim).stream().map(GraphCall::body).filter(call -> name.equals(call.at("/template/name").asText())).count();
    }

    private static void change(String field, String value) {
        assertThat(gateway.webhook(Payloads.change(field, value)).statusCode()).isEqualTo(200);
    }

    private static void preference(String user, String value, Instant at) {
        change("user_preferences", ("{\"messaging_product\":\"whatsapp\",\"metadata\":{\"phone_number_id\":\"%s\"},\"contacts\":[{\"wa_id\":\"%s\",\"user_id\":\"US.1234%s\"}],"
                + "\"user_preferences\":[{\"wa_id\":\"%s\",\"detail\":\"made up\",\"category\":\"marketing_messages\",\"value\":\"%s\",\"timestamp\":%d}]}")
                .formatted(TestGateway.NUMBER, user, user, user, value, at.getEpochSecond()));
    }

    @Test
    void aStopWordOptsOutOfMarketingOnlyAndAStartWordLiftsIt() {
        kim.sends("start");
        awaitTexts(graph, kim.id(), "heard start");
        kim.sends(" No more! ");
        awaitTexts(graph, kim.id(), "heard start", OUT);
        assertThat(optedOut(kim.id()).path("by").asText()).isEqualTo("word");
        isRefused("summer_sale");
        goesOut("order_ready");
        kim.sends("stop the machine");
        kim.sends("Start");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(Flows.textsTo(graph, kim.id())).endsWith("heard stop the machine", IN));
        goesOut("summer_sale");
    }

    @Test
    void ofABulkOnlyTheirLinesAreRefusedAndTheListNamesThem(SimulatedWhatsApp whatsapp) {
        SimulatedUser sam = whatsapp.newUser("Sam Example");
        kim.sends("STOP");
        awaitTexts(graph, kim.id(), OUT);
        String line = "{\"messaging_product\":\"whatsapp\",\"to\":\"+%s\",\"type\":\"template\",\"template\":{\"name\":\"%s\",\"language\":{\"code\":\"en\"}}}\n";
        JsonNode bulk = json(api("/api/bulk", line.formatted(kim.id(), "summer_sale") + line.formatted(sam.id(), "summer_sale")
                + line.formatted(kim.id(), "order_ready")).body());
        assertThat(bulk.path("accepted").asInt()).isEqualTo(2);
        assertThat(bulk.at("/problems/0/line").asInt()).isEqualTo(1);
        assertThat(bulk.at("/problems/0/code").asInt()).isEqualTo(131050);
        await().atMost(LIMIT).until(() -> templates("order_ready") == 1 && graph.callsTo(sam).size() == 1);
        assertThat(templates("summer_sale")).isZero();

        String management = "http://127.0.0.1:" + gateway.managementPort + "/manage/opt-outs";
        assertThat(TestGateway.send(HttpRequest.newBuilder(URI.create(management)).timeout(LIMIT).build()).body()).contains("\"by\":\"word\"").doesNotContain(kim.id());
        assertThat(TestGateway.send(HttpRequest.newBuilder(URI.create(management + "?unmask=true")).timeout(LIMIT).header("Authorization", "Bearer operator").build()).body())
                .contains(kim.id());
    }

    @Test
    void whatTheUserSetsInWhatsAppCountsInTheOrderOfItsTime() {
        Instant now = Instant.now();
        preference(kim.id(), "stop", now);
        awaitOptedOut(kim.id(), true);
        assertThat(optedOut(kim.id()).path("by").asText()).isEqualTo("user_preferences");
        isRefused("summer_sale");
        assertThat(api("/api/messages", "{\"messaging_product\":\"whatsapp\",\"recipient\":\"US.1234" + kim.id() + "\",\"type\":\"template\",\"template\":{\"name\":\"summer_sale\","
                + "\"language\":{\"code\":\"en\"}}}").statusCode()).as("by the other id too").isEqualTo(422);
        preference(kim.id(), "resume", now.minusSeconds(600));
        Flows.awaitQuiet(gateway);
        assertThat(optedOut(kim.id()).path("opted_out").asBoolean()).isTrue();
        preference(kim.id(), "resume", now.plusSeconds(1));
        awaitOptedOut(kim.id(), false);
        goesOut("summer_sale");
    }

    @Test
    void metasRefusalIsKeptAndTellsThatTheTemplateIsMarketing() {
        graph.fails(131050).forUser(kim);
        HttpResponse<String> accepted = template(kim.id(), "winter_sale");
        assertThat(accepted.statusCode()).isEqualTo(202);
        Flows.awaitUnsent(gateway, json(accepted.body()).path("id").asText());
        awaitOptedOut(kim.id(), true);
        assertThat(optedOut(kim.id()).path("by").asText()).isEqualTo("refusal");
        isRefused("winter_sale");
        goesOut("order_ready");

        change("template_category_update", "{\"message_template_name\":\"winter_sale\",\"previous_category\":\"MARKETING\",\"new_category\":\"UTILITY\"}");
        Flows.awaitQuiet(gateway);
        goesOut("winter_sale");
        change("message_template_status_update", "{\"event\":\"APPROVED\",\"message_template_name\":\"winter_sale\",\"message_template_category\":\"MARKETING\"}");
        Flows.awaitQuiet(gateway);
        isRefused("winter_sale");
    }

    @Test
    void anOptOutHoldsForTheNumbersOfTheAccountAndNoOther() {
        assertThat(api("/api/opt-outs", "{\"to\":\"+" + kim.id() + "\",\"action\":\"stop\"}").statusCode()).isEqualTo(200);
        for (Map.Entry<String, Boolean> number : Map.of("two", true, "three", false).entrySet()) {
            HttpResponse<String> response = TestGateway.send(HttpRequest.newBuilder(gateway.url("/api/opt-outs")).timeout(LIMIT).header("Authorization", "Bearer shop")
                    .header("Content-Type", "application/json").header("X-WhatsApp-Number", number.getKey())
                    .POST(HttpRequest.BodyPublishers.ofString("{\"to\":\"+" + kim.id() + "\",\"action\":\"show\"}")).build());
            assertThat(json(response.body()).path("opted_out").asBoolean()).as(number.getKey()).isEqualTo(number.getValue());
        }
    }

    @Test
    void aFailedStatusTellsItToo() {
        ObjectNode status = Payloads.status("wamid.MADEUP" + kim.id(), kim.id(), "failed");
        status.putArray("errors").addObject().put("code", 131050).put("title", "made up");
        assertThat(gateway.webhook(Payloads.statuses(status)).statusCode()).isEqualTo(200);
        awaitOptedOut(kim.id(), true);
    }

    @Test
    void whatWaitsWhenTheUserOptsOutIsNotSent() throws Exception {
        gateway.camel().getRouteController().stopRoute("send-message");
        String id = json(template(kim.id(), "summer_sale").body()).path("id").asText();
        kim.sends("STOP");
        awaitOptedOut(kim.id(), true);
        gateway.camel().getRouteController().startRoute("send-message");
        assertThat(exception(Flows.awaitUnsent(gateway, id)).path("error_code").asInt()).isEqualTo(131050);
        awaitTexts(graph, kim.id(), OUT);
        assertThat(templates("summer_sale")).isZero();
        assertThat(Flows.state(gateway, id)).isEqualTo("failed");
    }

    @Test
    void whileAPersonHasTheConversationAStopWordCountsAndThePersonAnswers() {
        assertThat(api("/api/hand-overs", "{\"to\":\"+" + kim.id() + "\",\"action\":\"pause\"}").statusCode()).isEqualTo(200);
        kim.sends("STOP");
        awaitOptedOut(kim.id(), true);
        Flows.awaitQuiet(gateway);
        assertThat(Flows.textsTo(graph, kim.id())).isEmpty();
    }

    @Test
    void aRouteOptsAUserOutAndInAgain() {
        var template = gateway.camel().createProducerTemplate();
        Map<?, ?> out = template.requestBodyAndHeader("direct:whatsapp-opt-out", null, "WhatsAppUser", "+" + kim.id(), Map.class);
        assertThat(out.get("by")).isEqualTo("route");
        isRefused("summer_sale");
        template.requestBodyAndHeader("direct:whatsapp-opt-in", null, "WhatsAppUser", kim.id());
        goesOut("summer_sale");
    }
}
