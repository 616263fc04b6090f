package io.github.waroutes.send;

import java.time.Instant;
import java.util.function.Predicate;

import io.github.waroutes.queue.QueueComponent;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;

/**
 * Whether the inbound queue holds updates from before a moment: a status may be among them, so that nobody can speak of silence, and a user's
 * newer message, which opens a window. The whole queue is asked: who is written to by number may write under another id, in another partition.
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
            // a host may have its updates come in another way
            return context.hasComponent("whatsapp-queue") instanceof QueueComponent queues && queues.isBehind(queue, moment);
        } catch (ActiveMQException e) {
            // the broker is away: so are the updates
            return true;
        }
    }
}
