package io.github.waroutes.queue;

import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.Map;

import org.apache.activemq.artemis.api.core.ActiveMQBuffer;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientSession;

/** Between {@link QueueMessage} and what Artemis stores: a bytes message that a JMS client can read too. */
final class QueueCodec {

    /** Only headers of this prefix travel: whoever writes to the broker sets no Camel header. */
    static final String HEADER_PREFIX = "WhatsApp";

    private QueueCodec() {
    }

    static ClientMessage encode(ClientSession session, QueueMessage message) {
        ClientMessage encoded = session.createMessage(Message.BYTES_TYPE, true);
        if (message.queueId() != null) {
            encoded.putStringProperty(Message.HDR_DUPLICATE_DETECTION_ID, SimpleString.of(message.queueId()));
        }
        if (message.queueGroup() != null) {
            encoded.setGroupID(message.queueGroup());
        }
        message.queueHeaders().forEach((name, value) -> {
            if (isHeader(name, value)) {
                encoded.putObjectProperty(name, value);
            }
        });
        if (message.queueDeliverAt() != null) {
            encoded.putLongProperty(Message.HDR_SCHEDULED_DELIVERY_TIME, message.queueDeliverAt());
        }
        encoded.getBodyBuffer().writeBytes(message.queueBody());
        return encoded;
    }

    static StoredMessage decode(ClientMessage message) {
        Map<String, Object> headers = new LinkedHashMap<>();
        for (SimpleString property : message.getPropertyNames()) {
            String name = property.toString();
            Object value = message.getObjectProperty(property);
            if (value instanceof SimpleString text) {
                value = text.toString();
            }
            if (isHeader(name, value)) {
                headers.put(name, value);
            }
        }
        byte[] body = body(message);
        SimpleString group = message.getGroupID();
        Object id = message.getObjectProperty(Message.HDR_DUPLICATE_DETECTION_ID);
        return new StoredMessage(id == null ? null : id.toString(), group == null ? null : group.toString(), headers, body);
    }

    private static byte[] body(ClientMessage message) {
        if (message.isLargeMessage()) {
            // as a buffer it would be read in a way that logs a warning with a stack trace each time
            ByteArrayOutputStream body = new ByteArrayOutputStream((int) message.getBodySize());
            try {
                message.saveToOutputStream(body);
            } catch (ActiveMQException e) {
                throw new QueueUnavailableException("A large message cannot be read from its queue", e);
            }
            return body.toByteArray();
        }
        ActiveMQBuffer buffer = message.getDataBuffer();
        byte[] body = new byte[buffer.readableBytes()];
        buffer.readBytes(body);
        return body;
    }

    static boolean isHeader(String name, Object value) {
        return name.startsWith(HEADER_PREFIX)
                && (value instanceof String || value instanceof Boolean || value instanceof Integer || value instanceof Long);
    }
}
