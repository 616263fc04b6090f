package io.github.waroutes.queue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.support.DefaultProducer;

/**
 * Stores the message, or each element of a collection of {@link QueueMessage}s in one transaction, and continues when it is
 * on disk. The message on the exchange is not changed.
 */
class QueueProducer extends DefaultProducer {

    private final QueueEndpoint endpoint;

    QueueProducer(QueueEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        List<QueueMessage> messages = messages(exchange.getMessage());
        String traceparent = exchange.getProperty(QueueConstants.TRACEPARENT, String.class);
        if (traceparent != null) {
            messages = messages.stream().map(message -> traced(message, traceparent)).toList();
        }
        if (endpoint.isGoesFirst()) {
            HandlingLimit limit = endpoint.getComponent().handlingLimit();
            limit.storeBegins(System.nanoTime());
            try {
                store(messages);
            } finally {
                limit.storeEnds();
            }
        } else {
            store(messages);
        }
    }

    private void store(List<QueueMessage> messages) throws Exception {
        try {
            // blocks here: a route that continued on the writer's thread would keep all others from storing
            endpoint.getComponent().store(endpoint.getQueue(), messages)
                    .get(endpoint.getComponent().timeout(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } catch (TimeoutException e) {
            // the writer still has it, and may store it later
            throw new QueueOutcomeUnknownException("The broker did not store the message in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QueueOutcomeUnknownException("Interrupted before the message was stored", e);
        }
    }

    private static QueueMessage traced(QueueMessage message, String traceparent) {
        Map<String, Object> headers = new LinkedHashMap<>(message.queueHeaders());
        headers.put(QueueConstants.TRACEPARENT, traceparent);
        return new StoredMessage(message.queueId(), message.queueGroup(), headers, message.queueBody());
    }

    private List<QueueMessage> messages(Message message) throws Exception {
        Object body = message.getBody();
        if (body instanceof QueueMessage one) {
            return List.of(one);
        }
        if (body instanceof Collection<?> several && several.stream().allMatch(QueueMessage.class::isInstance)) {
            List<QueueMessage> list = new ArrayList<>(several.size());
            several.forEach(m -> list.add((QueueMessage) m));
            return list;
        }
        Map<String, Object> headers = new LinkedHashMap<>();
        message.getHeaders().forEach((name, value) -> {
            if (QueueCodec.isHeader(name, value)) {
                headers.put(name, value);
            }
        });
        String id = message.getHeader(endpoint.getIdHeader(), String.class);
        Object replay = headers.get(QueueConstants.REPLAY);
        return List.of(new StoredMessage(id == null || replay == null ? id : id + ' ' + replay,
                message.getHeader(endpoint.getGroupHeader(), String.class), headers,
                message.getMandatoryBody(byte[].class)));
    }
}
