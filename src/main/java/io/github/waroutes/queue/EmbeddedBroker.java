package io.github.waroutes.queue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.CoreAddressConfiguration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.impl.ActiveMQServerImpl;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.core.settings.impl.PageFullMessagePolicy;

/**
 * An ActiveMQ Artemis broker inside this process. It opens no port: its one acceptor is in-VM. Every message is on disk,
 * synced, before its sender hears that it was taken.
 * <p>
 * Sources: Artemis user manual, chapters "Persistence", "Paging", "Duplicate Message Detection", "Message Grouping",
 * "Undelivered Messages".
 */
final class EmbeddedBroker {

    /** In memory up to this size a queue; the rest of a backlog waits in page files. */
    private static final long IN_MEMORY_BYTES = 64L << 20;
    private static final long MIN_PAGE_BYTES = 128 << 10;
    private static final long MAX_PAGE_BYTES = 10 << 20;
    /** Groups are hashed into this many buckets, which bounds what the broker remembers of conversations. */
    private static final int GROUP_BUCKETS = 1024;
    /** How many ids of each queue are remembered for duplicate detection. */
    private static final int DUPLICATE_IDS = 100_000;
    /** How long a sync to disk may wait for others to join it, in nanoseconds; Artemis' own 3.3 ms is for slow disks. */
    private static final int JOURNAL_BUFFER_NANOS = 200_000;
    private static final long LOCK_WAIT_MILLIS = 2_000;
    private static final int MAX_DELIVERY_ATTEMPTS = 10;

    private final ActiveMQServer server;
    private final Path directory;

    /**
     * @param serverId       the in-VM id, as in {@code vm://0}
     * @param directory      where journal, page and large-message files live; made if it is missing
     * @param maxBytes       how much one queue may hold on disk before it refuses
     * @param deadLetter     the queue that takes what cannot be delivered
     */
    EmbeddedBroker(int serverId, Path directory, long maxBytes, String deadLetter) throws Exception {
        this.directory = directory;
        Configuration configuration = new ConfigurationImpl()
                .setName("whatsapp")
                .setPersistenceEnabled(true)
                .setSecurityEnabled(false)
                .setJMXManagementEnabled(false)
                .setJournalType(JournalType.NIO)
                .setJournalBufferTimeout_NIO(JOURNAL_BUFFER_NANOS)
                .setJournalSyncTransactional(true)
                .setJournalSyncNonTransactional(true)
                .setLargeMessageSync(true)
                .setJournalDirectory(file("journal"))
                .setBindingsDirectory(file("bindings"))
                .setPagingDirectory(file("paging"))
                .setLargeMessagesDirectory(file("large-messages"))
                .setJournalLockAcquisitionTimeout(LOCK_WAIT_MILLIS)
                .setIDCacheSize(DUPLICATE_IDS)
                .setPersistIDCache(true)
                // a fixed floor: a share of a large disk would stop the queue with gigabytes free
                .setMaxDiskUsage(-1)
                .setMessageExpiryScanPeriod(60_000)
                .addAcceptorConfiguration("in-vm", "vm://" + serverId);
        AddressSettings settings = new AddressSettings()
                .setAutoCreateQueues(false)
                .setAutoCreateAddresses(false)
                .setDefaultGroupBuckets(GROUP_BUCKETS)
                .setDefaultGroupRebalance(true)
                .setDefaultGroupRebalancePauseDispatch(true)
                .setMaxSizeBytes(Math.min(IN_MEMORY_BYTES, maxBytes / 2))
                // the limit is counted in whole pages, so a small limit needs small pages
                .setPageSizeBytes((int) Math.max(MIN_PAGE_BYTES, Math.min(MAX_PAGE_BYTES, maxBytes / 64)))
                .setAddressFullMessagePolicy(AddressFullMessagePolicy.PAGE)
                .setPageLimitBytes(maxBytes)
                .setPageFullMessagePolicy(PageFullMessagePolicy.FAIL)
                .setDeadLetterAddress(SimpleString.of(deadLetter))
                .setMaxDeliveryAttempts(MAX_DELIVERY_ATTEMPTS)
                .setRedeliveryDelay(0);
        configuration.addAddressSetting("#", settings);
        configuration.addAddressSetting(deadLetter, new AddressSettings(settings)
                .setDeadLetterAddress(null)
                .setMaxDeliveryAttempts(-1));
        configuration.addAddressConfiguration(address(deadLetter));
        this.server = new ActiveMQServerImpl(configuration);
    }

    private static CoreAddressConfiguration address(String name) {
        return new CoreAddressConfiguration()
                .setName(name)
                .addRoutingType(RoutingType.ANYCAST)
                .setQueueConfigs(List.of(QueueConfiguration.of(name)
                        .setAddress(name)
                        .setRoutingType(RoutingType.ANYCAST)
                        .setDurable(true)));
    }

    private String file(String name) {
        return directory.resolve(name).toAbsolutePath().toString();
    }

    /**
     * @throws IllegalStateException if the directory cannot be used, or another process uses it
     */
    void start() throws Exception {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new IllegalStateException("whatsapp.broker.directory " + directory
                    + " cannot be made. Give a directory that this process may write to.", e);
        }
        File probe = directory.toFile();
        if (!probe.isDirectory() || !probe.canWrite()) {
            throw new IllegalStateException("whatsapp.broker.directory " + directory
                    + " cannot be written to. Give a directory that this process may write to.");
        }
        server.start();
        if (!server.waitForActivation(1, TimeUnit.SECONDS)) {
            server.stop();
            throw new IllegalStateException("whatsapp.broker.directory " + directory
                    + " is in use by another process. Stop that one, or give this one a directory of its own.");
        }
    }

    boolean isActive() {
        return server.isActive();
    }

    void stop() throws Exception {
        server.stop();
    }
}
