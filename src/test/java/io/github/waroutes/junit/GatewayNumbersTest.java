package io.github.waroutes.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.waroutes.TestPorts;
import io.github.waroutes.WhatsAppApplication;
import java.nio.file.Path;
import org.apache.camel.main.Main;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gateway with two numbers of two apps, whose settings the simulator gives. */
@WhatsAppSimulator(numbers = "es=5001:34600000001:7001:shops:token-es:secret-es")
class GatewayNumbersTest {

    private static Main main;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp, @TempDir Path directory) {
        int port = TestPorts.free();
        main = WhatsAppApplication.newMain("false");
        whatsapp.settings().forEach(main::addOverrideProperty);
        main.addOverrideProperty("camel.server.port", Integer.toString(port));
        main.addOverrideProperty("camel.management.port", Integer.toString(TestPorts.free()));
        main.addOverrideProperty("camel.main.shutdownTimeout", "10");
        main.addOverrideProperty("whatsapp.broker.url", "vm://" + port);
        main.addOverrideProperty("whatsapp.broker.directory", directory.resolve("broker").toString());
        main.addOverrideProperty("whatsapp.outcome.directory", directory.resolve("outcomes").toString());
        main.addOverrideProperty("whatsapp.media.directory", directory.resolve("media").toString());
        main.start();
        whatsapp.webhookPort(port);
    }

    @AfterAll
    static void stop() {
        main.stop();
    }

    @Test
    void whoWritesToANumberIsAnsweredByIt(@WhatsAppNumber("es") SimulatedBusinessNumber spain, SimulatedUser kim, SimulatedGraph graph) {
        SimulatedUser there = spain.user("Kim", kim.id());

        there.sends("hello");
        there.receives();
        assertThat(kim.inbox()).isEmpty();
        assertThat(graph.sentTo(there)).hasSize(1).allMatch(call -> call.path().contains("/5001/"));
        assertThat(graph.sentTo(kim)).isEmpty();

        kim.sends("hello");
        kim.receives();
        assertThat(there.inbox()).hasSize(1);
        assertThat(graph.sentTo(kim)).hasSize(1);
    }
}
