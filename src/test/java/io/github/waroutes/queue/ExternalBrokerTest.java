package io.github.waroutes.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.waroutes.LogCapture;
import io.github.waroutes.TestPorts;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.ActiveMQServers;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The queue component as a client of an Artemis broker that is somewhere else: over TCP, shared by two nodes, restarted. */
class ExternalBrokerTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private int port;
    private ActiveMQServer broker;
    private final List<CamelContext> nodes = new ArrayList<>();
    private final Map<String, List<String>> handled = new ConcurrentHashMap<>();
    private final Map<String, String> handledBy = new ConcurrentHashMap<>();

    @BeforeEach
    void startBroker() throws Exception {
        port = TestPorts.free();
        broker = newBroker();
        broker.start();
    }

    @AfterEach
    void stopAll() throws Exception {
        nodes.forEach(CamelContext::stop);
        broker.stop();
    }

    private ActiveMQServer newBroker() throws Exception {
        ConfigurationImpl configuration = new ConfigurationImpl();
        configuration.setSecurityEnabled(true);
        configuration.setJMXManagementEnabled(false);
        configuration.setJournalDirectory(directory.resolve("journal").toString());
        configuration.setBindingsDirectory(directory.resolve("bindings").toString());
        configuration.setPagingDirectory(directory.resolve("paging").toString());
        configuration.setLargeMessagesDirectory(directory.resolve("large").toString());
        configuration.setMaxDiskUsage(-1);
        configuration.addAcceptorConfiguration("tcp", "tcp://127.0.0.1:" + port);
        configuration.addAddressSetting("#", new AddressSettings().setMaxDeliveryAttempts(-1));
        ActiveMQServer server = ActiveMQServers.newActiveMQServer(configuration, null,
                new org.apache.activemq.artemis.spi.core.security.ActiveMQSecurityManager() {
                    @Override
                    public boolean validateUser(String user, String password) {
                        return "gateway".equals(user) && "broker-password".equals(password);
                    }

                    @Override
                    public boolean validateUserAndRole(String user, String password,
                            java.util.Set<org.apache.activemq.artemis.core.security.Role> roles,
                            org.apache.activemq.artemis.core.security.CheckType checkType) {
                        return validateUser(user, password);
                    }
                });
        return server;
    }

    private QueueComponent node(String name, boolean consumes) throws Exception {
        DefaultCamelContext node = new DefaultCamelContext();
        QueueComponent component = new QueueComponent();
        component.setUrl("tcp://127.0.0.1:" + port);
        component.setUsername("gateway");
        component.setPassword("broker-password");
        component.setSplit("test=8");
        node.addComponent("whatsapp-queue", component);
        node.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in").to("whatsapp-queue:test");
                if (consumes) {
                    from("whatsapp-queue:test?failureDelay=50").process(exchange -> {
                        String conversation = exchange.getIn().getHeader("WhatsAppConversation", String.class);
                        handled.computeIfAbsent(conversation, c -> Collections.synchronizedList(new ArrayList<>()))
                                .add(exchange.getIn().getBody(String.class));
                        handledBy.put(exchange.getIn().getBody(String.class), name);
                    });
                }
            }
        });
        node.start();
        nodes.add(node);
        return component;
    }

    private static StoredMessage message(String conversation, int number) {
        String body = conversation + ' ' + number;
        return new StoredMessage(body, conversation, Map.of("WhatsAppConversation", conversation),
                body.getBytes(StandardCharsets.UTF_8));
    }

    private int count() {
        return handled.values().stream().mapToInt(List::size).sum();
    }

    private void store(QueueComponent component, int conversations, int from, int to) throws Exception {
        for (int number = from; number < to; number++) {
            List<StoredMessage> messages = new ArrayList<>();
            for (int conversation = 0; conversation < conversations; conversation++) {
                messages.add(message("c" + conversation, number));
            }
            component.store("test", messages).get(30, TimeUnit.SECONDS);
        }
    }

    private void assertEachOnceInOrder(int conversations, int messages) {
        for (int conversation = 0; conversation < conversations; conversation++) {
            List<String> expected = new ArrayList<>();
            for (int number = 0; number < messages; number++) {
                expected.add("c" + conversation + ' ' + number);
            }
            assertThat(handled.get("c" + conversation)).isEqualTo(expected);
        }
    }

    @Test
    void twoNodesShareTheConversationsAndEachStaysInOrder() throws Exception {
        QueueComponent first = node("first", true);
        node("second", true);
        store(first, 40, 0, 25);
        AtomicInteger rounds = new AtomicInteger(25);
        // until the first has heard of the second, all is its own
        await().atMost(LIMIT).until(() -> {
            store(first, 40, rounds.get(), rounds.incrementAndGet());
            return handledBy.containsValue("first") && handledBy.containsValue("second");
        });
        await().atMost(LIMIT).until(() -> count() == 40 * rounds.get());
        assertEachOnceInOrder(40, rounds.get());
    }

    @Test
    void aBrokerThatRestartsIsFoundAgainAndNothingIsLostOrHandledTwice() throws Exception {
        QueueComponent component = node("first", true);
        store(component, 10, 0, 20);
        broker.stop();
        broker = newBroker();
        broker.start();
        store(component, 10, 20, 40);
        await().atMost(LIMIT).until(() -> count() == 400);
        await().during(Duration.ofSeconds(1)).atMost(LIMIT).until(() -> count() == 400);
        assertEachOnceInOrder(10, 40);
        await().atMost(LIMIT).until(() -> component.messageCount("test") == 0);
    }

    @Test
    void nodesThatJoinAndLeaveHandOverInOrder() throws Exception {
        QueueComponent first = node("first", true);
        AtomicBoolean going = new AtomicBoolean(true);
        AtomicInteger rounds = new AtomicInteger();
        Thread load = new Thread(() -> {
            try {
                while (going.get()) {
                    int number = rounds.getAndIncrement();
                    store(first, 30, number, number + 1);
                    Thread.yield();
                }
            } catch (Exception e) {
                going.set(false);
            }
        });
        load.start();
        await().atMost(LIMIT).until(() -> count() > 300);
        node("second", true);
        await().atMost(LIMIT).until(() -> handledBy.containsValue("second"));
        node("third", true);
        await().atMost(LIMIT).until(() -> handledBy.containsValue("third"));
        nodes.get(1).stop();
        int at = count();
        await().atMost(LIMIT).until(() -> count() > at + 600);
        going.set(false);
        load.join(10_000);
        assertThat(rounds.get()).isGreaterThan(20);
        await().atMost(LIMIT).until(() -> count() >= 30 * rounds.get());
        assertEachOnceInOrder(30, rounds.get());
    }

    @Test
    void connectionsThatBreakAgainAndAgainLoseNothingAndNothingIsHandledTwiceByOneNode() throws Exception {
        QueueComponent component = node("first", true);
        for (int number = 0; number < 60; number++) {
            storeUntilTaken(component, 20, number);
            if (number % 12 == 5) {
                // the sockets, as a network does: a connection that the broker is told to give up, from any thread, can leave its queue's count wrong
                broker.getRemotingService().getConnections().forEach(connection -> connection.getTransportConnection().forceClose());
            }
        }
        await().atMost(LIMIT).until(() -> count() >= 1_200);
        await().during(Duration.ofSeconds(1)).atMost(LIMIT).until(() -> count() == 1_200);
        assertEachOnceInOrder(20, 60);
        await().atMost(LIMIT).until(() -> component.messageCount("test") == 0);
    }

    /** As a caller does who hears that a message may have been taken: the same again, which the broker knows. */
    private void storeUntilTaken(QueueComponent component, int conversations, int number) {
        await().atMost(LIMIT).ignoreExceptions().until(() -> {
            store(component, conversations, number, number + 1);
            return true;
        });
    }

    @Test
    void aStartWarnsOfSettingsThatHarm() throws Exception {
        broker.getAddressSettingsRepository().addMatch("test.#", new AddressSettings().setMaxDeliveryAttempts(10).setRedeliveryDelay(500)
                .setAddressFullMessagePolicy(AddressFullMessagePolicy.BLOCK));
        try (LogCapture log = new LogCapture(BrokerSettings.class.getName())) {
            node("first", false);
            assertThat(log.names()).hasSize(3).anySatisfy(line -> assertThat(line).contains("max-delivery-attempts is 10"))
                    .anySatisfy(line -> assertThat(line).contains("redelivery-delay is 500"))
                    .anySatisfy(line -> assertThat(line).contains("address-full-policy is BLOCK"));
        }
    }

    @Test
    void whileTheBrokerIsAwayAStoreFailsAndPromisesNothing() throws Exception {
        DefaultCamelContext node = new DefaultCamelContext();
        QueueComponent component = new QueueComponent();
        component.setUrl("tcp://127.0.0.1:" + port);
        component.setUsername("gateway");
        component.setPassword("broker-password");
        component.setSplit("test=8");
        component.setTimeout(1_000);
        node.addComponent("whatsapp-queue", component);
        node.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in").to("whatsapp-queue:test");
            }
        });
        node.start();
        nodes.add(node);
        broker.stop();
        Throwable failure = node.createProducerTemplate().send("direct:in", e -> e.getIn().setBody("x")).getException();
        assertThat(failure).isInstanceOf(QueueUnavailableException.class);
        broker = newBroker();
        broker.start();
        await().atMost(LIMIT).until(() -> node.createProducerTemplate()
                .send("direct:in", e -> e.getIn().setBody("y")).getException() == null);
    }
}
