package io.github.waroutes.operate;

import java.util.List;

import io.github.waroutes.queue.QueueComponent;
import io.github.waroutes.queue.QueueDepth;
import io.github.waroutes.setting.CommaSeparated;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;

/** What the queues hold at this moment; for the management API and for the metrics. */
public class QueueDepths implements CamelContextAware {

    private CamelContext camelContext;
    private List<String> queues = List.of();
    private List<String> outbound = List.of();
    private List<String> shelves = List.of();

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
    }

    /** @param queues the names of all queues, with commas between */
    public void setQueues(String queues) {
        this.queues = CommaSeparated.values(queues);
    }

    /** @param outbound those that have a queue for each number, with commas between */
    public void setOutbound(String outbound) {
        this.outbound = CommaSeparated.values(outbound);
    }

    /** @param shelves those that nobody consumes, with commas between */
    public void setShelves(String shelves) {
        this.shelves = CommaSeparated.values(shelves);
    }

    List<String> queues() {
        return queues;
    }

    List<String> outbound() {
        return outbound;
    }

    List<String> shelves() {
        return shelves;
    }

    QueueComponent component() {
        return camelContext.getComponent("whatsapp-queue", QueueComponent.class);
    }

    /** One entry for each number that has a queue of its own ({@link QueueDepth#value}); one for all if the queue is not split by number. */
    List<QueueDepth> of(String queue) throws ActiveMQException {
        List<QueueDepth> parts = component().look(queue);
        if (outbound.contains(queue)) {
            return parts;
        }
        QueueDepth all = parts.stream().reduce(new QueueDepth(null, 0, null), QueueDepth::plus);
        return List.of(shelves.contains(queue) ? new QueueDepth(null, component().shelf().count(queue), all.oldest()) : all);
    }
}
