package io.github.waroutes.queue;

import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultEndpoint;

/** One durable queue; see {@link QueueComponent}. */
public class QueueEndpoint extends DefaultEndpoint {

    private final String queue;
    private int workers = 32;
    private long bytesInHand = Math.min(32L << 20, Runtime.getRuntime().maxMemory() / 32);
    private long failureDelay = 5_000;
    private boolean goesFirst;
    private String idHeader = "WhatsAppUpdateId";
    private String groupHeader = "WhatsAppConversation";

    QueueEndpoint(String uri, QueueComponent component, String queue) {
        super(uri, component);
        this.queue = queue;
    }

    @Override
    public Producer createProducer() {
        return new QueueProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        QueueConsumer consumer = new QueueConsumer(this, processor);
        configureConsumer(consumer);
        return consumer;
    }

    @Override
    public QueueComponent getComponent() {
        return (QueueComponent) super.getComponent();
    }

    public String getQueue() {
        return queue;
    }

    public int getWorkers() {
        return workers;
    }

    /** @param workers how many conversations are handled concurrently */
    public void setWorkers(int workers) {
        this.workers = requirePositive("workers", workers);
    }

    public long getBytesInHand() {
        return bytesInHand;
    }

    /**
     * @param bytesInHand how many bytes of messages may be in flight, those waiting for a retry included; shared evenly by the physical
     *                    queues that the queue is split into. By default 1/32 of the heap, at most 32 MiB
     */
    public void setBytesInHand(long bytesInHand) {
        if (bytesInHand < 1) {
            throw new IllegalArgumentException("bytesInHand must be at least 1, and is " + bytesInHand);
        }
        this.bytesInHand = bytesInHand;
    }

    public long getFailureDelay() {
        return failureDelay;
    }

    /** @param failureDelay milliseconds until a message whose exchange failed, unhandled, is tried again */
    public void setFailureDelay(long failureDelay) {
        this.failureDelay = failureDelay;
    }

    public boolean isGoesFirst() {
        return goesFirst;
    }

    /** @param goesFirst whether handling is throttled while many of this producer's stores are in progress */
    public void setGoesFirst(boolean goesFirst) {
        this.goesFirst = goesFirst;
    }

    public String getIdHeader() {
        return idHeader;
    }

    /** @param idHeader the header that carries the id for duplicate detection, when the body is a single message */
    public void setIdHeader(String idHeader) {
        this.idHeader = idHeader;
    }

    public String getGroupHeader() {
        return groupHeader;
    }

    /** @param groupHeader the header that carries the message group, when the body is a single message */
    public void setGroupHeader(String groupHeader) {
        this.groupHeader = groupHeader;
    }

    private static int requirePositive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be at least 1, and is " + value);
        }
        return value;
    }
}
