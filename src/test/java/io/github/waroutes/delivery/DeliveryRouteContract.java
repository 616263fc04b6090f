package io.github.waroutes.delivery;

import io.github.waroutes.send.Outcomes;
import io.github.waroutes.send.ServiceWindow;
import io.github.waroutes.send.Verdict;
import io.github.waroutes.send.WindowState;

import static io.github.waroutes.TestClock.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.LogCapture;
import io.github.waroutes.RouteFiles;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.operate.Events;
import io.github.waroutes.state.Keys;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The route file in a Camel context without the rest of the gateway, wherever the reports are collected. */
@Timeout(120)
abstract class DeliveryRouteContract {

    static final Duration LIMIT = Duration.ofSeconds(20);
    static final String FILE = "src/main/resources/routes/whatsapp/delivery.camel.yaml";
    private static final String WAMID = "wamid.HBgLMTY1MDU1NTAxMjMVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA";

    @TempDir
    Path directory;

    final List<String> reports = new CopyOnWriteArrayList<>();
    final AtomicInteger failures = new AtomicInteger();
    private final MeterRegistry meters = new SimpleMeterRegistry();
    DefaultCamelContext context;

    /** Sets what tells where reports are collected. */
    abstract void configure(DefaultCamelContext context, Properties properties);

    @BeforeEach
    void startFirst() throws Exception {
        start(Map.of());
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    final void start(Map<String, String> more) throws Exception {
        context = newContext(more);
        context.start();
    }

    final DefaultCamelContext newContext(Map<String, String> more) throws Exception {
        DefaultCamelContext made = new DefaultCamelContext();
        made.getShutdownStrategy().setTimeout(5);
        Properties properties = new Properties();
        properties.setProperty("whatsapp.outcome.directory", directory.resolve("outcomes").toString());
        properties.setProperty("whatsapp.delivery-report.check-interval", "50");
        properties.setProperty("whatsapp.on.delivery-report", "direct:mine");
        configure(made, properties);
        properties.putAll(more);
        made.getPropertiesComponent().setOverrideProperties(properties);
        made.getRegistry().bind("whatsappEvents", new Events());
        NumberSettings numbers = new NumberSettings();
        numbers.setCamelContext(made);
        numbers.read();
        made.getRegistry().bind(NumberSettings.BEAN, numbers);
        made.getRegistry().bind("metricsRegistry", meters);
        made.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:mine").errorHandler(noErrorHandler()).routeId("mine")
                        .process(exchange -> {
                            if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                                throw new IllegalStateException("not now");
                            }
                            reports.add(exchange.getMessage().getBody(String.class));
                        })
                        .to("direct:whatsapp-delivery-report");
                from("direct:sent").routeId("sent").bean("whatsappDeliveries", "acceptedNow")
                        .setBody(simple("${body.event}")).to("direct:whatsapp-delivery-collect");
                from("direct:status").routeId("status").bean("whatsappDeliveries", "status")
                        .setBody(simple("${body?.event}")).to("direct:whatsapp-delivery-collect");
                from("direct:wrote").routeId("wrote").bean("whatsappWindow", "userWroteMessage");
                from("direct:check").routeId("check").errorHandler(noErrorHandler()).bean("whatsappWindow", "requireOpenNow");
            }
        });
        PluginHelper.getRoutesLoader(made).loadRoutes(PluginHelper.getResourceLoader(made).resolveResource("file:" + FILE));
        return made;
    }

    final DeliveryTracker tracker() {
        return context.getRegistry().lookupByNameAndType("whatsappDeliveries", DeliveryTracker.class);
    }

    final void send(DeliveryChange change) {
        // as in the gateway, the exchange knows who is meant
        context.createFluentProducerTemplate().to("direct:whatsapp-delivery-collect").withBody(change.event())
                .withHeader("WhatsAppUser", Statuses.PHONE).withExchangeProperty("user", Statuses.PHONE)
                .withVariable("user", Statuses.PHONE).send();
    }

    final void accepted(String id) {
        send(tracker().accepted(id, Statuses.NUMBER, WAMID + id, START));
    }

    final void status(String id, String state, int seconds) {
        send(tracker().status(Statuses.status(WAMID + id, state, START.plusSeconds(seconds)), Statuses.NUMBER, null));
    }

    final Map<?, ?> report(int index) throws Exception {
        await().atMost(LIMIT).until(() -> reports.size() > index);
        return new ObjectMapper().readValue(reports.get(index), Map.class);
    }

    private double counted(String state) {
        return meters.find("whatsapp.delivery.reports").tag("state", state).counters().stream().mapToDouble(c -> c.count()).sum();
    }

    @Test
    void theFileKeepsToCamelsSchema() {
        assertThat(RouteFiles.problems(Path.of(FILE))).isEmpty();
    }

    @Test
    void aMessageThatIsReadHasOneReportWithAllItsTimes() throws Exception {
        try (LogCapture log = new LogCapture("whatsapp")) {
            accepted("one");
            accepted("other");
            status("one", "sent", 1);
            status("one", "delivered", 2);
            assertThat(reports).isEmpty();
            status("one", "read", 3);
            assertThat(report(0)).isEqualTo(Map.of("outbound_id", "one", "wamid", WAMID + "one", "phone_number_id", Statuses.NUMBER,
                    "state", "read", "complete", true,
                    "times", Map.of("accepted", START.toString(), "sent", START.plusSeconds(1).toString(),
                            "delivered", START.plusSeconds(2).toString(), "read", START.plusSeconds(3).toString())));
            await().atMost(LIMIT).untilAsserted(() -> assertThat(counted("read")).isEqualTo(1));
            // what comes after the end makes no second report
            status("one", "played", 4);
            status("one", "sent", 1);
            status("other", "read", 5);
            assertThat(report(1)).extracting("outbound_id").isEqualTo("other");
            assertThat(reports).hasSize(2);
            await().atMost(LIMIT).untilAsserted(() -> assertThat(String.join("\n", log.lines())).contains("whatsapp.delivery.report"));
            assertThat(String.join("\n", log.lines())).doesNotContain(Statuses.PHONE).doesNotContain(Statuses.USER).doesNotContain(WAMID);
        }
        assertThat(String.join("", reports)).doesNotContain(Statuses.PHONE).doesNotContain(Statuses.USER);
    }

    @Test
    void aReportSaysWhoByWhichNumberInWhichConversationAndTheCallersReference() throws Exception {
        context.stop();
        start(Map.of("whatsapp.phone-number-id", Statuses.NUMBER));
        context.createFluentProducerTemplate().to("direct:sent").withHeader("WhatsAppOutboundId", "one").withHeader("WhatsAppPhoneNumberId", Statuses.NUMBER)
                .withHeader("WhatsAppUser", Statuses.PHONE).withHeader("WhatsAppTo", "+" + Statuses.PHONE).withHeader("WhatsAppReference", "order-4711")
                .withHeader("WhatsAppConversation", Statuses.NUMBER + ':' + Statuses.PHONE)
                .withVariable("whatsappSentId", WAMID + "one").withBody("{}").request();
        try (LogCapture log = new LogCapture("whatsapp")) {
            status("one", "read", 3);
            assertThat(report(0)).asInstanceOf(InstanceOfAssertFactories.MAP).containsEntry("user", "+" + Statuses.PHONE)
                    .containsEntry("number", "default").containsEntry("reference", "order-4711").containsEntry("trace_id", Keys.hash("one"))
                    .containsEntry("conversation", Keys.hash(Statuses.NUMBER + ':' + Statuses.PHONE));
            await().atMost(LIMIT).untilAsserted(() -> assertThat(log.named("whatsapp.delivery.report")).hasSize(1));
            assertThat(LogCapture.fields(log.named("whatsapp.delivery.report").get(0))).containsEntry("trace_id", Keys.hash("one"));
            assertThat(log.lines()).allSatisfy(line -> assertThat(line).doesNotContain(Statuses.PHONE, "order-4711"));
        }
    }

    @Test
    void aFailedMessageIsReportedAtOnceWithTheTypedError() throws Exception {
        accepted("one");
        send(tracker().status(Statuses.failed(WAMID + "one", 131026, START.plusSeconds(1)), Statuses.NUMBER, null));
        Map<?, ?> report = report(0);
        assertThat(report).extracting("state").isEqualTo("failed");
        assertThat(report.get("error")).asInstanceOf(InstanceOfAssertFactories.MAP)
                .containsEntry("error_code", 131026).containsEntry("type", "WhatsAppMessageException");
        assertThat(reports.get(0)).doesNotContain(Statuses.PHONE).doesNotContain(Statuses.USER);
    }

    @Test
    void aMessageReadBeforeItsAnswerIsReportedWhenTheAnswerComes() throws Exception {
        status("one", "read", 3);
        assertThat(reports).isEmpty();
        accepted("one");
        assertThat(report(0)).extracting("state").isEqualTo("read");
    }

    @Test
    void afterTheTimeWithoutNewsWhatIsKnownIsReported() throws Exception {
        context.stop();
        start(Map.of("whatsapp.delivery-report.timeout", "300"));
        accepted("one");
        status("one", "sent", 1);
        assertThat(report(0)).extracting("state", "complete").containsExactly("sent", false);
        status("one", "read", 90_000);
        assertThat(report(1)).extracting("state", "complete").containsExactly("read", true);
    }

    @Test
    void routesCallTheBeansByNameAlone() throws Exception {
        context.createFluentProducerTemplate().to("direct:sent").withHeader("WhatsAppOutboundId", "one")
                .withVariable("whatsappSentId", WAMID).withBody("{}").request();
        assertThat(tracker().find("one", Statuses.NUMBER).orElseThrow().state()).isEqualTo(DeliveryState.ACCEPTED);
        context.createProducerTemplate().requestBody("direct:status", Statuses.status(WAMID, "deleted", START));
        context.createFluentProducerTemplate().to("direct:status").withBody(Statuses.failed(WAMID, 131026, START))
                .withVariable("whatsappFailure", new WhatsAppMessageException(ErrorDetails.builder("Not wanted").build())).request();
        assertThat(report(0).get("error")).asInstanceOf(InstanceOfAssertFactories.MAP).containsEntry("message", "Not wanted");
    }

    @Test
    void routesAskForTheWindowByNameAlone() {
        long twoDaysAgo = Instant.now().minus(Duration.ofDays(2)).getEpochSecond();
        Map<String, Object> headers = Map.of("WhatsAppPhoneNumberId", "106540352242922", "WhatsAppUser", Statuses.USER,
                "WhatsAppOutboundType", "text", "WhatsAppTimestamp", twoDaysAgo);
        context.createProducerTemplate().requestBodyAndHeaders("direct:check", "{}", headers);
        context.createProducerTemplate().requestBodyAndHeaders("direct:wrote", Map.of("type", "text", "from_user_id", Statuses.USER), headers);
        assertThatThrownBy(() -> context.createProducerTemplate().requestBodyAndHeaders("direct:check", "{}", headers))
                .hasCauseInstanceOf(WhatsAppMessageException.class).rootCause().hasMessageContaining("131047");
    }

    @Test
    void whatIsNoEventIsRefused() {
        assertThatThrownBy(() -> context.createProducerTemplate().sendBody("direct:whatsapp-delivery-collect", "not JSON"))
                .isInstanceOf(CamelExecutionException.class).rootCause().hasMessageContaining("not a JSON object");
    }

    @Test
    void theOtherBeansOfTheFileAreMade() {
        Outcomes outcomes = context.getRegistry().lookupByNameAndType("whatsappOutcomes", Outcomes.class);
        outcomes.unknown("one", Statuses.NUMBER, null);
        assertThat(outcomes.ask("one", Statuses.NUMBER).verdict()).isEqualTo(Verdict.WAITING);
        ServiceWindow window = context.getRegistry().lookupByNameAndType("whatsappWindow", ServiceWindow.class);
        window.userWrote("1", Statuses.USER, START);
        assertThat(window.isOpen("1", Statuses.USER, START)).isEqualTo(WindowState.OPEN);
    }
}
