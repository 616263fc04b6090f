package io.github.waroutes.state;

import java.nio.file.Path;
import java.util.List;

/**
 * Texts under keys that stay until they are removed, over restarts too: in a file of this process, or in Redis for all nodes. All are kept,
 * however many. Safe for concurrent use.
 */
public interface KeptValues {

    /** The value, or null. */
    String get(String key);

    /** Kept when this returns. */
    void put(String key, String value);

    /** Removes and returns the value, or null. */
    String remove(String key);

    /** Whether there is none at all, which costs next to nothing to ask. What another node has written may show a second later. */
    boolean isEmpty();

    int size();

    /** All values, in the order of their keys. */
    List<String> values();

    /**
     * @param redis the connection; not configured: in a file
     * @param name  of what is kept, as in {@code hand-overs}: Redis has it in the hash {@code whatsapp:NAME}, the directory in {@code NAME.log}
     */
    static KeptValues create(RedisConnection redis, String name, String directory) {
        return redis.isConfigured() ? new RedisKeptValues(redis, "whatsapp:" + name) : new FileKeptValues(Path.of(directory, name + ".log"));
    }
}
