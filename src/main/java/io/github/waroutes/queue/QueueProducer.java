package io.github.waroutes.queue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.support.DefaultAsyncProducer;

/**
 * Stores the message, or each element of a collection of {@link QueueMessage}s in one transaction, and goes on when it is
 * on disk. The message on the exchange is left as it is.
 */
class QueueProducer extends DefaultAsyncProducer {

    private final QueueEndpoint endpoint;

    QueueProducer(QueueEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        List<QueueMessage> messages;
        try {
            messages = messages(exchange.getMessage());
        } catch (Exception e) {
            exchange.setException(e);
            callback.done(true);
            return true;
        }
        endpoint.getComponent().store(endpoint.getQueue(), messages)
                .orTimeout(endpoint.getComponent().timeout(), TimeUnit.MILLISECONDS)
                .whenComplete((nothing, failure) -> {
                    if (failure != null) {
                        exchange.setException(unwrap(failure));
                    }
                    callback.done(false);
                });
        return false;
    }

    private static Throwable unwrap(Throwable failure) {
        Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof TimeoutException
                ? new QueueUnavailableException("The broker did not store the message in time", cause)
                : cause;
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
        return List.of(new StoredMessage(message.getHeader(endpoint.getIdHeader(), String.class),
                message.getHeader(endpoint.getGroupHeader(), String.class), headers,
                message.getMandatoryBody(byte[].class)));
    }
}
