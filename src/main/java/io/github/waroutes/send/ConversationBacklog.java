package io.github.waroutes.send;

import java.time.Instant;
import java.util.function.BiPredicate;

import io.github.waroutes.queue.QueueComponent;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;

/** Whether the inbound queue may hold an update of a conversation from before a moment. */
public class ConversationBacklog implements BiPredicate<String, Instant>, CamelContextAware {

    private CamelContext context;
    private String queue = "whatsapp.inbound";

    /** @param queue the name of the queue that users' messages wait in */
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
    public boolean test(String conversation, Instant moment) {
        try {
            // a host may have its updates come in another way
            return context.hasComponent("whatsapp-queue") instanceof QueueComponent queues && queues.isBehind(queue, moment);
        } catch (ActiveMQException e) {
            // the broker is away: so are the updates
            return true;
        }
    }
}
