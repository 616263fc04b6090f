package com.example.plain;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Properties;

import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.junit.WhatsAppUser;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@WhatsAppSimulator
class PlainApplicationTest {

    private static final CamelContext CONTEXT = new DefaultCamelContext();

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp, @TempDir Path directory) throws Exception {
        Properties properties = PlainApplication.properties();
        properties.putAll(whatsapp.settings());
        properties.setProperty("shop.port", Integer.toString(freePort()));
        properties.setProperty("whatsapp.broker.url", "vm://3200");
        properties.setProperty("whatsapp.broker.directory", directory.resolve("broker").toString());
        properties.setProperty("whatsapp.outcome.directory", directory.resolve("outcomes").toString());
        PlainApplication.start(CONTEXT, properties);
        whatsapp.webhookPort(Integer.parseInt(properties.getProperty("shop.port")));
    }

    @AfterAll
    static void stop() {
        CONTEXT.stop();
    }

    @Test
    void aRouteOfTheProgramAnswers(@WhatsAppUser(name = "Kim") SimulatedUser kim) {
        var question = kim.sends("When are you open?");

        kim.receives("We are open from nine to six.");
        kim.seesRead(question);
    }

    @Test
    void aMissingSecretStopsTheStartBeforeAnythingIsDone() throws Exception {
        Properties properties = PlainApplication.properties();
        properties.remove("whatsapp.app-secret");
        try (CamelContext context = new DefaultCamelContext()) {
            assertThatThrownBy(() -> PlainApplication.start(context, properties)).hasMessageStartingWith("whatsapp.app-secret is not set");
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
