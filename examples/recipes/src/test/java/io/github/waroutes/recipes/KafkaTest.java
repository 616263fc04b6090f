package io.github.waroutes.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;

import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.utils.Time;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a real broker, in this JVM. */
@WhatsAppSimulator
class KafkaTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Properties SETTINGS = new Properties();
    private static KafkaRaftServer kafka;
    private static Recipe recipe;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp, @TempDir Path directory) throws Exception {
        int port = Recipe.freePort();
        int controller = Recipe.freePort();
        SETTINGS.put("process.roles", "broker,controller");
        SETTINGS.put("node.id", "1");
        SETTINGS.put("controller.quorum.voters", "1@127.0.0.1:" + controller);
        SETTINGS.put("listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controller);
        SETTINGS.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
        SETTINGS.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        SETTINGS.put("controller.listener.names", "CONTROLLER");
        SETTINGS.put("log.dirs", directory.resolve("kafka").toString());
        SETTINGS.put("num.partitions", "3");
        SETTINGS.put("offsets.topic.replication.factor", "1");
        SETTINGS.put("offsets.topic.num.partitions", "1");
        SETTINGS.put("transaction.state.log.replication.factor", "1");
        SETTINGS.put("transaction.state.log.min.isr", "1");
        SETTINGS.put("group.initial.rebalance.delay.ms", "0");
        Path file = directory.resolve("server.properties");
        try (var out = Files.newOutputStream(file)) {
            SETTINGS.store(out, null);
        }
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        assertThat(StorageTool.execute(new String[] {"format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", file.toString()}, new PrintStream(said)))
                .as(said.toString()).isZero();
        kafka = started();
        recipe = new Recipe("kafka", whatsapp, directory).with("kafka.brokers", "127.0.0.1:" + port).start();
    }

    private static KafkaRaftServer started() {
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(SETTINGS), Time.SYSTEM);
        server.startup();
        return server;
    }

    private static void stopKafka() {
        kafka.shutdown();
        kafka.awaitShutdown();
    }

    @AfterAll
    static void stop() {
        if (recipe != null) {
            recipe.close();
        }
        if (kafka != null) {
            stopKafka();
        }
    }

    @Test
    void aTextGoesThroughTheTopicAndIsAnsweredOnceAndInOrder(SimulatedUser kim, SimulatedGraph graph) {
        graph.repeatsWebhooks().always();
        for (int i = 1; i <= 5; i++) {
            kim.sends("number " + i);
        }

        await().atMost(LIMIT).untilAsserted(() -> assertThat(graph.sentTo(kim)).hasSize(5));
        assertThat(graph.sentTo(kim)).extracting(call -> call.body().at("/text/body").asText())
                .containsExactly("You said: number 1", "You said: number 2", "You said: number 3", "You said: number 4", "You said: number 5");
    }

    @Test
    void aTextWaitsOnDiskWhileKafkaIsDown(SimulatedUser kim, SimulatedGraph graph) {
        stopKafka();
        try {
            kim.sends("hello");
        } finally {
            kafka = started();
        }

        await().atMost(LIMIT).untilAsserted(() -> assertThat(graph.sentTo(kim)).extracting(call -> call.body().at("/text/body").asText())
                .containsExactly("You said: hello"));
    }
}
