package io.github.waroutes.update;

import java.util.Map;

import io.github.waroutes.queue.QueueMessage;

/**
 * One thing Meta tells us.
 *
 * @param headers the {@link UpdateHeaders} that apply
 * @param body    a webhook payload in Meta's shape that holds this update and no other, UTF-8 JSON
 */
public record Update(Map<String, Object> headers, byte[] body) implements QueueMessage {

    public String kind() {
        return (String) headers.get(UpdateHeaders.KIND);
    }

    public String id() {
        return (String) headers.get(UpdateHeaders.ID);
    }

    public String type() {
        return (String) headers.get(UpdateHeaders.TYPE);
    }

    @Override
    public String queueId() {
        return id();
    }

    @Override
    public String queueGroup() {
        return (String) headers.get(UpdateHeaders.CONVERSATION);
    }

    @Override
    public Map<String, Object> queueHeaders() {
        return headers;
    }

    @Override
    public byte[] queueBody() {
        return body;
    }
}
