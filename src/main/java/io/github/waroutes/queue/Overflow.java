package io.github.waroutes.queue;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

import org.apache.activemq.artemis.api.core.client.ClientConsumer;

/**
 * The messages of one conversation that do not fit in its lane: they wait in a queue of their own at the broker, and use up no credits
 * that other conversations need. All fields are guarded by the {@link QueueReader}.
 */
final class Overflow {

    static final String INFIX = ".lane.";
    private static final int HASH_BYTES = 10;

    final String queue;
    /** The id of the first message that was moved here; older ones of the conversation belong before it, in the lane. */
    final long first;
    /** {@code null} while only its hash is known. */
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

    /** The overflow queue of a conversation; hashed, as queue names must not reveal users. */
    static String name(String physical, String conversation) {
        return physical + INFIX + hash(conversation);
    }

    /** The physical queue that a declared one is, or overflows. */
    static String physical(String declared) {
        int infix = declared.indexOf(INFIX);
        return infix < 0 ? declared : declared.substring(0, infix);
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
