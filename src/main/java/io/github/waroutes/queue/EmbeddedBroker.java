package io.github.waroutes.queue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.CoreAddressConfiguration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.remoting.impl.invm.InVMRegistry;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.impl.ActiveMQServerImpl;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.core.settings.impl.PageFullMessagePolicy;

/**
 * An ActiveMQ Artemis broker inside this process. It opens no port: its one acceptor is in-VM. Every message is synced to disk before its
 * send is confirmed.
 * <p>
 * Sources: Artemis user manual, chapters "Persistence", "Paging", "Duplicate Message Detection", "Message Grouping",
 * "Undelivered Messages".
 */
final class EmbeddedBroker {

    /** Up to this size a queue, and all queues together, are kept in memory; the rest of a backlog waits in page files. */
    private static final long IN_MEMORY_BYTES = 4L << 20;
    private static final long ALL_IN_MEMORY_BYTES = Math.min(64L << 20, Runtime.getRuntime().maxMemory() / 8);
    private static final long MIN_PAGE_BYTES = 64 << 10;
    private static final long MAX_PAGE_BYTES = 1 << 20;
    /** How many ids of a queue are remembered for duplicate detection; partitions share them. */
    private static final int DUPLICATE_IDS = 100_000;
    private static final int DUPLICATE_IDS_PER_PARTITION = 20_000;
    /** For a number's queue: the broker allocates them up front, and a crash can repeat no more than a commit or two. */
    private static final int DUPLICATE_IDS_PER_NUMBER = 5_000;
    private static final int COMPACT_MIN_FILES = 30;
    /** How long a sync to disk may wait for others to join it, in nanoseconds; Artemis' own 3.3 ms is for slow disks. */
    private static final int JOURNAL_BUFFER_NANOS = 200_000;
    private static final long LOCK_WAIT_MILLIS = 2_000;

    private final ActiveMQServer server;
    private final Path directory;
    private final int serverId;

    /**
     * @param serverId       the in-VM id, as in {@code vm://0}
     * @param directory      where journal, page and large-message files are kept; created if it is missing
     * @param maxBytes       how many bytes one queue may hold on disk before it refuses more
     * @param deadLetter     the queue that takes what cannot be delivered
     * @param layout         how queues are split
     * @param repeated       a queue split by number to which a whole batch may be sent again: bulk after a restart
     * @param failed         called with the reason if the broker has to stop for good
     */
    EmbeddedBroker(int serverId, Path directory, long maxBytes, String deadLetter, QueueLayout layout, String repeated, Consumer<String> failed) throws Exception {
        this.directory = directory;
        this.serverId = serverId;
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
                .setJournalCompactMinFiles(COMPACT_MIN_FILES)
                .setGlobalMaxSize(ALL_IN_MEMORY_BYTES)
                .setIDCacheSize(DUPLICATE_IDS)
                .setPersistIDCache(true)
                // DiskFloor is a fixed number of bytes: a percentage of a large disk would stop the queue with gigabytes free
                .setMaxDiskUsage(-1)
                .setMessageExpiryScanPeriod(60_000)
                .addAcceptorConfiguration("in-vm", "vm://" + serverId);
        AddressSettings settings = new AddressSettings()
                .setAutoCreateQueues(false)
                .setAutoCreateAddresses(false)
                .setAddressFullMessagePolicy(AddressFullMessagePolicy.PAGE)
                .setPageFullMessagePolicy(PageFullMessagePolicy.FAIL)
                // an unacknowledged message is redelivered, however often a consumer was lost
                .setMaxDeliveryAttempts(-1)
                .setRedeliveryDelay(0);
        configuration.addAddressSetting("#", size(settings, maxBytes, DUPLICATE_IDS_PER_PARTITION));
        for (String queue : layout.split()) {
            int parts = Math.max(1, layout.partitions(queue));
            int ids = parts > 1 ? DUPLICATE_IDS / parts
                    : layout.partitions(queue) == 1 || queue.equals(repeated) ? DUPLICATE_IDS_PER_PARTITION : DUPLICATE_IDS_PER_NUMBER;
            configuration.addAddressSetting(queue + ".#", size(new AddressSettings(settings), maxBytes / parts, ids));
        }
        configuration.addAddressConfiguration(address(deadLetter));
        this.server = new ActiveMQServerImpl(configuration);
        this.server.registerIOCriticalErrorListener((failure, message, file) -> failed.accept("The embedded broker cannot write or read its files: "
                + failure.getClass().getSimpleName() + ". See that the disk of whatsapp.broker.directory works and has room"));
    }

    private static AddressSettings size(AddressSettings settings, long maxBytes, int ids) {
        // the limit is counted in whole pages, so a small limit needs small pages
        int page = (int) Math.max(MIN_PAGE_BYTES, Math.min(MAX_PAGE_BYTES, maxBytes / 64));
        return settings.setIDCacheSize(ids)
                .setMaxSizeBytes(Math.min(IN_MEMORY_BYTES, maxBytes / 2))
                .setPageSizeBytes(page)
                .setMaxReadPageBytes(2 * page)
                .setPrefetchPageBytes(page)
                .setPageLimitBytes(maxBytes);
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
        if (InVMRegistry.instance.getAcceptor(serverId) != null) {
            throw new IllegalStateException("whatsapp.broker.url vm://" + serverId + " is in use by another CamelContext in this JVM."
                    + " Give this one another number, as in vm://" + (serverId + 1) + ", and a whatsapp.broker.directory of its own.");
        }
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
