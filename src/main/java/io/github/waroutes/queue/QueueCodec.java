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

/** Converts between {@link QueueMessage} and what Artemis stores: a bytes message that a JMS client can read too. */
final class QueueCodec {

    /** Only headers with this prefix, and {@link QueueConstants#TRACEPARENT}, are stored and read, so that nobody who can write to the broker can set a Camel header. */
    static final String HEADER_PREFIX = "WhatsApp";
    // not the broker's own message group, which would pin the conversation to a consumer
    private static final SimpleString GROUP = SimpleString.of("wa_group");
    private static final SimpleString ID = SimpleString.of("wa_id");
    private static final SimpleString SEQUENCE = SimpleString.of("wa_sequence");

    private QueueCodec() {
    }

    static ClientMessage encode(ClientSession session, QueueMessage message) {
        ClientMessage encoded = session.createMessage(Message.BYTES_TYPE, true);
        if (message.queueId() != null) {
            encoded.putStringProperty(Message.HDR_DUPLICATE_DETECTION_ID, SimpleString.of(message.queueId()));
        }
        return write(encoded, message);
    }

    /**
     * The same message for another queue: it keeps its timestamp, and is exempt from duplicate detection.
     *
     * @param sequence the broker's id of the message where it came from
     */
    static ClientMessage moved(ClientSession session, StoredMessage message, long timestamp, long sequence) {
        ClientMessage encoded = again(session, message);
        encoded.setTimestamp(timestamp);
        encoded.putLongProperty(SEQUENCE, sequence);
        return encoded;
    }

    /** For a queue that it was in before: it keeps its id, and the broker does not take it for a repeat. */
    static ClientMessage again(ClientSession session, QueueMessage message) {
        ClientMessage encoded = session.createMessage(Message.BYTES_TYPE, true);
        if (message.queueId() != null) {
            encoded.putStringProperty(ID, SimpleString.of(message.queueId()));
        }
        return write(encoded, message);
    }

    private static ClientMessage write(ClientMessage encoded, QueueMessage message) {
        if (message.queueGroup() != null) {
            encoded.putStringProperty(GROUP, SimpleString.of(message.queueGroup()));
        }
        message.queueHeaders().forEach((name, value) -> {
            if (isHeader(name, value)) {
                encoded.putObjectProperty(name, value);
            }
        });
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
        Object id = message.getObjectProperty(Message.HDR_DUPLICATE_DETECTION_ID);
        id = id != null ? id : message.getObjectProperty(ID);
        return new StoredMessage(id == null ? null : id.toString(), group(message), headers, body);
    }

    /** The conversation, or {@code null}. */
    static String group(ClientMessage message) {
        SimpleString group = message.getSimpleStringProperty(GROUP);
        // as earlier versions wrote it
        group = group != null ? group : message.getGroupID();
        return group == null ? null : group.toString();
    }

    /** The broker's id of the message in the queue that it was moved from; its own if it was not moved. */
    static long sequence(ClientMessage message) {
        return message.containsProperty(SEQUENCE) ? message.getLongProperty(SEQUENCE) : message.getMessageID();
    }

    private static byte[] body(ClientMessage message) {
        if (message.isLargeMessage()) {
            // read as a buffer, it would log a warning with a stack trace each time
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
        return (name.startsWith(HEADER_PREFIX) || name.equals(QueueConstants.TRACEPARENT))
                && (value instanceof String || value instanceof Boolean || value instanceof Integer || value instanceof Long);
    }
}
