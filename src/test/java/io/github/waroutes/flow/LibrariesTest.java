package io.github.waroutes.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;

import io.github.waroutes.TestPorts;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.ActiveMQServers;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What only some settings need is not missed by the others, and told by its coordinates where it is. */
class LibrariesTest {

    private static final String BROKER = "artemis-server|artemis-jdbc|artemis-lockmanager|artemis-selector";
    private static final String REDIS = "camel-redis|redisson|bucket4j_jdk17-red";
    private static final String INTENTS = "opennlp";
    private static final String TRACES = "camel-opentelemetry2|camel-telemetry|opentelemetry|jul-to-slf4j";
    private static final int LIMIT_SECONDS = 60;

    @TempDir
    Path directory;

    @ParameterizedTest(name = "without {0}")
    @CsvSource(delimiter = ';', value = {
        BROKER + "; ; ; org.apache.artemis:artemis-server",
        "camel-redis; WHATSAPP_REDIS_URL; redis://127.0.0.1:1; org.apache.camel:camel-redis",
        "bucket4j_jdk17-red; WHATSAPP_REDIS_URL; redis://127.0.0.1:1; com.bucket4j:bucket4j_jdk17-redisson",
        TRACES + "; CAMEL_OPENTELEMETRY2_ENABLED; true; io.opentelemetry:opentelemetry-sdk-extension-autoconfigure",
        INTENTS + "; ; ; org.apache.opennlp:opennlp-tools"})
    void whatASettingNeedsAndIsNotThereStopsTheStartWithOneLine(String jars, String variable, String value, String coordinates) {
        try (ChildGateway gateway = new ChildGateway(directory).withoutJars(jars)) {
            if (variable != null) {
                gateway.with(variable, value);
            }
            assertThat(gateway.start().exitCode(LIMIT_SECONDS)).isEqualTo(1);
            assertThat(gateway.err().lines().filter(line -> !line.isBlank())).as(gateway.err()).singleElement().asString()
                    .startsWith("whatsapp-cloud-routes cannot start: ").contains("Add the dependency " + coordinates + ',');
        }
    }

    @Test
    void whatNoSettingNeedsIsNotMissed() throws Exception {
        int port = TestPorts.free();
        ConfigurationImpl configuration = new ConfigurationImpl();
        configuration.setSecurityEnabled(false).setPersistenceEnabled(false).setJMXManagementEnabled(false)
                .setJournalDirectory(directory.resolve("elsewhere").toString())
                .addAcceptorConfiguration("tcp", "tcp://127.0.0.1:" + port)
                .addAddressSetting("#", new AddressSettings().setMaxDeliveryAttempts(-1));
        ActiveMQServer broker = ActiveMQServers.newActiveMQServer(configuration);
        broker.start();
        try (ChildGateway gateway = new ChildGateway(directory).withoutJars(String.join("|", BROKER, REDIS, INTENTS, TRACES))
                .with("WHATSAPP_BROKER_URL", "tcp://127.0.0.1:" + port).with("WHATSAPP_UNDERSTANDING", "rasa")) {
            gateway.start().awaitReady();
            assertThat(gateway.err()).isBlank();
        } finally {
            broker.stop();
        }
    }
}
