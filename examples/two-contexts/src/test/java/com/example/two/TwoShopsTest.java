package com.example.two;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;

import io.github.waroutes.junit.SimulatedWhatsApp;
import org.apache.camel.health.HealthCheckHelper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TwoShopsTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int NORTH_BROKER = 3400;
    private static final int SOUTH_BROKER = 3401;

    @TempDir
    static Path directory;

    private static final SimulatedWhatsApp NORTH_META = SimulatedWhatsApp.start();
    private static final SimulatedWhatsApp SOUTH_META = SimulatedWhatsApp.start();
    private static Shop north;
    private static Shop south;

    @BeforeAll
    static void open() throws Exception {
        south = new Shop("south", properties("south", SOUTH_META, SOUTH_BROKER));
        north = new Shop("north", properties("north", NORTH_META, NORTH_BROKER));
        north.open();
        south.open();
        NORTH_META.webhookPort(north.port());
        SOUTH_META.webhookPort(south.port());
    }

    @AfterAll
    static void close() {
        south.close();
        north.close();
        SOUTH_META.close();
        NORTH_META.close();
    }

    @Test
    void eachHasItsUsersAndItsAnswers() {
        var kim = NORTH_META.newUser("Kim");
        var sam = SOUTH_META.newUser("Sam");
        kim.sends("When are you open?");
        sam.sends("When are you open?");

        kim.receives("In the north we open at nine.");
        sam.receives("In the south we open at eleven.");
        assertThat(NORTH_META.graph().sentTo(kim)).hasSize(1);
        assertThat(SOUTH_META.graph().sentTo(sam)).hasSize(1);
    }

    @Test
    void whatMetaRefusesTheOneIsNoMatterOfTheOther() {
        var sam = SOUTH_META.newUser("Sam");
        SOUTH_META.graph().fails(131031).always().forUser(sam);
        sam.sends("When are you open?");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(stoppedNumbers(south)).isEqualTo(1L));

        var kim = NORTH_META.newUser("Kim");
        kim.sends("When are you open?");
        kim.receives("In the north we open at nine.");
        assertThat(stoppedNumbers(north)).isEqualTo(0L);

        SOUTH_META.graph().works();
        sam.receives("In the south we open at eleven.");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(stoppedNumbers(south)).isEqualTo(0L));
    }

    @Test
    void twoOnOneBrokerIdAreRefused() throws Exception {
        try (Shop third = new Shop("third", properties("third", NORTH_META, NORTH_BROKER))) {
            assertThatThrownBy(third::open).hasStackTraceContaining("vm://" + NORTH_BROKER + " is in use by another CamelContext in this JVM.");
        }
    }

    private static Object stoppedNumbers(Shop shop) {
        return HealthCheckHelper.invoke(shop.context(), "whatsapp-numbers", Map.of()).orElseThrow().getDetails().get("stopped");
    }

    private static Properties properties(String name, SimulatedWhatsApp meta, int broker) throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        Properties properties = TwoShops.properties(meta == SOUTH_META ? "south" : "north");
        properties.putAll(meta.settings());
        properties.setProperty("shop.port", Integer.toString(port));
        properties.setProperty("whatsapp.broker.url", "vm://" + broker);
        properties.setProperty("whatsapp.alarm.try-again-after", "500");
        Path own = directory.resolve(name + '-' + broker);
        properties.setProperty("whatsapp.broker.directory", own.resolve("broker").toString());
        properties.setProperty("whatsapp.outcome.directory", own.resolve("outcomes").toString());
        properties.setProperty("whatsapp.media.directory", own.resolve("media").toString());
        return properties;
    }
}
