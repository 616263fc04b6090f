package io.github.waroutes.queue;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

import org.apache.activemq.artemis.api.core.client.ClientConsumer;

/**
 * The part of one conversation's messages that is too long for its lane: it waits in a queue of its own at the broker, so that it holds
 * nothing of what others need. All fields are guarded by the {@link QueueReader}.
 */
final class Overflow {

    static final String NAME = ".lane.";
    private static final int HASH_BYTES = 10;

    final String queue;
    /** The first message that was moved here: an older one of the conversation comes before all that is here. */
    final long first;
    /** The conversation; {@code null} while only its hash is known. */
    final String conversation;
    /** Messages on their way here. */
    int moving;
    /** Messages from here that are in the lane. */
    int inLane;
    boolean opening;
    boolean closing;
    ClientConsumer consumer;

    Overflow(String queue, String conversation, long first) {
        this.queue = queue;
        this.conversation = conversation;
        this.first = first;
    }

    /** The broker's queue for what overflows of a conversation. The name tells nobody who it is. */
    static String name(String physical, String conversation) {
        return physical + NAME + hash(conversation);
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
