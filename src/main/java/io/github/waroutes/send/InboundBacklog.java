package io.github.waroutes.send;

import java.time.Instant;
import java.util.function.Predicate;

import io.github.waroutes.queue.QueueComponent;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;

/**
 * Whether the inbound queue holds updates from before a moment: among them may be a status, so that a missing one proves nothing yet, or a
 * newer message of the user, which opens a window. All partitions are checked, as a user addressed by phone number may write under another id.
 */
public class InboundBacklog implements Predicate<Instant>, CamelContextAware {

    private CamelContext context;
    private String queue = "whatsapp.inbound";

    /** @param queue the name of the queue that updates wait in */
    public void setQueue(String queue) {
        this.queue = queue;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        context = camelContext;
    }

    @Override
    public CamelContext getCamelContext() {
        return context;
    }

    @Override
    public boolean test(Instant moment) {
        try {
            // an embedding application may bring updates in another way
            return context.hasComponent("whatsapp-queue") instanceof QueueComponent queues && queues.isBehind(queue, moment);
        } catch (ActiveMQException e) {
            // updates may be waiting at the broker, which does not answer
            return true;
        }
    }
}
