package com.example.own;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.junit.WhatsAppUser;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.security.CheckType;
import org.apache.activemq.artemis.core.security.Role;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.ActiveMQServers;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.spi.core.security.ActiveMQSecurityManager;
import org.apache.camel.main.Main;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@WhatsAppSimulator(webhookPath = "/shop/hooks/whatsapp")
class OwnPartsTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Main MAIN = OwnPartsApplication.newMain();
    private static ActiveMQServer broker;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp, @TempDir Path directory) throws Exception {
        int port = freePort();
        int brokerPort = freePort();
        broker = broker(directory.resolve("broker"), brokerPort);
        broker.start();
        whatsapp.settings().forEach(MAIN::addOverrideProperty);
        MAIN.addOverrideProperty("camel.server.port", Integer.toString(port));
        MAIN.addOverrideProperty("whatsapp.broker.url", "tcp://127.0.0.1:" + brokerPort);
        MAIN.addOverrideProperty("whatsapp.outcome.directory", directory.resolve("outcomes").toString());
        MAIN.start();
        whatsapp.webhookPort(port);
    }

    @AfterAll
    static void stop() throws Exception {
        MAIN.stop();
        broker.stop();
    }

    @Test
    void theOwnUnderstandingAnswersByWayOfTheOwnBroker(@WhatsAppUser(name = "Kim") SimulatedUser kim) throws Exception {
        kim.sends("When are you open?");

        kim.receives("We are open from nine to six.");
        assertThat(broker.getPostOffice().getAllBindings().map(binding -> binding.getUniqueName().toString()))
                .anyMatch(queue -> queue.startsWith("whatsapp.inbound"));
    }

    @Test
    void whatFailsForAUserIsOursAlsoInARouteWithTheOwnErrorHandler(@WhatsAppUser(name = "Kim") SimulatedUser kim) {
        kim.sends("What is in stock?");

        // the words are the number's own, from the own registry
        kim.receives("The harbour branch is sorry.");
    }

    @Test
    void whatFailsInTheApplicationIsItsOwn() throws Exception {
        MAIN.getCamelTemplate().sendBody("direct:shop-stock", "a query");

        assertThat(failures().routes()).contains("shop-stock");
    }

    @Test
    void whatMetaRefusesIsTriedAgainAndNoMatterOfTheOwnErrorHandler(SimulatedWhatsApp whatsapp, @WhatsAppUser(name = "Sam") SimulatedUser sam) {
        whatsapp.graph().fails(131056).times(1).forUser(sam);
        int before = failures().routes().size();

        sam.sends("When are you open?");

        sam.receives("We are open from nine to six.");
        assertThat(failures().routes()).hasSize(before);
    }

    @Test
    void theMetersAreInTheOwnRegistry(@WhatsAppUser(name = "Kim") SimulatedUser kim) {
        kim.sends("Hello");
        kim.receives();

        MeterRegistry meters = MAIN.getCamelContext().getRegistry().lookupByNameAndType("shopMeters", MeterRegistry.class);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(meters.find("whatsapp.messages.sent").counters()).isNotEmpty()
                .extracting(Counter::count).allMatch(count -> count > 0));
    }

    private static Failures failures() {
        return MAIN.getCamelContext().getRegistry().lookupByNameAndType("shopFailures", Failures.class);
    }

    /** A broker as somebody else runs it, in this process so that the test needs nothing. */
    private static ActiveMQServer broker(Path directory, int port) throws Exception {
        ConfigurationImpl configuration = new ConfigurationImpl();
        configuration.setJMXManagementEnabled(false);
        configuration.setJournalDirectory(directory.resolve("journal").toString());
        configuration.setBindingsDirectory(directory.resolve("bindings").toString());
        configuration.setPagingDirectory(directory.resolve("paging").toString());
        configuration.setLargeMessagesDirectory(directory.resolve("large-messages").toString());
        configuration.addAcceptorConfiguration("tcp", "tcp://127.0.0.1:" + port);
        configuration.addAddressSetting("whatsapp.#", new AddressSettings().setMaxDeliveryAttempts(-1).setAutoDeleteQueues(false));
        return ActiveMQServers.newActiveMQServer(configuration, null, new ActiveMQSecurityManager() {
            @Override
            public boolean validateUser(String user, String password) {
                return "shop".equals(user) && "shop-password".equals(password);
            }

            @Override
            public boolean validateUserAndRole(String user, String password, Set<Role> roles, CheckType check) {
                return validateUser(user, password);
            }
        });
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
