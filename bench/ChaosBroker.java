import java.nio.file.Path;
import java.util.List;

import org.apache.activemq.artemis.core.config.ClusterConnectionConfiguration;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.ha.SharedStoreBackupPolicyConfiguration;
import org.apache.activemq.artemis.core.config.ha.SharedStorePrimaryPolicyConfiguration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.impl.ActiveMQServerImpl;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;

/**
 * An external Artemis broker for {@code Chaos.java}, from the gateway's own libraries, on loopback:
 * {@code java -cp 'target/app/lib/*' bench/ChaosBroker.java PORT DIRECTORY [primary|backup OTHER_PORT]}.
 * Its settings are a broker's defaults but for synced writes and a small memory: what the gateway needs beyond them it has to make itself,
 * or to ask for at its start. A primary and a backup share the directory.
 */
public final class ChaosBroker {

    private ChaosBroker() {
    }

    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[0]);
        Path directory = Path.of(args[1]).toAbsolutePath();
        Configuration configuration = new ConfigurationImpl()
                .setName("chaos-" + port)
                .setPersistenceEnabled(true)
                .setSecurityEnabled(false)
                .setJMXManagementEnabled(false)
                .setJournalType(JournalType.NIO)
                .setJournalBufferTimeout_NIO(200_000)
                .setJournalDirectory(directory.resolve("journal").toString())
                .setBindingsDirectory(directory.resolve("bindings").toString())
                .setPagingDirectory(directory.resolve("paging").toString())
                .setLargeMessagesDirectory(directory.resolve("large-messages").toString())
                .setMaxDiskUsage(-1)
                .addAcceptorConfiguration("tcp", "tcp://127.0.0.1:" + port);
        configuration.addAddressSetting("#", new AddressSettings()
                .setMaxSizeBytes(32L << 20)
                .setPageSizeBytes(1 << 20)
                .setAddressFullMessagePolicy(AddressFullMessagePolicy.PAGE)
                .setMaxDeliveryAttempts(-1));
        if (args.length > 3) {
            pair(configuration, port, args[2], Integer.parseInt(args[3]));
        }
        ActiveMQServerImpl server = new ActiveMQServerImpl(configuration);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                server.stop();
            } catch (Exception e) {
                System.err.println("The broker could not be stopped: " + e);
            }
        }));
        server.start();
        System.out.println("started");
    }

    private static void pair(Configuration configuration, int port, String role, int other) throws Exception {
        configuration.addConnectorConfiguration("self", "tcp://127.0.0.1:" + port);
        configuration.addConnectorConfiguration("other", "tcp://127.0.0.1:" + other);
        configuration.addClusterConfiguration(new ClusterConnectionConfiguration()
                .setName("pair")
                .setConnectorName("self")
                .setStaticConnectors(List.of("other")));
        configuration.setHAPolicyConfiguration("primary".equals(role)
                ? new SharedStorePrimaryPolicyConfiguration().setFailoverOnServerShutdown(true)
                : new SharedStoreBackupPolicyConfiguration().setFailoverOnServerShutdown(true).setAllowFailBack(false));
    }
}
