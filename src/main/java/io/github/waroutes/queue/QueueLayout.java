package io.github.waroutes.queue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Maps queues to the broker's physical queues. A queue is either one physical queue; or several partitions, a conversation always in the
 * same one; or one physical queue for each value of a header, created when it is first needed.
 */
final class QueueLayout {

    private static final String PARTITION = ".part.";
    private static final String VALUE = ".for.";
    private static final int MAX_VALUE_LENGTH = 64;

    private final Map<String, Integer> partitions = new LinkedHashMap<>();
    private final Map<String, String> headers = new LinkedHashMap<>();

    /**
     * @param split {@code queue=8,other=WhatsAppPhoneNumberId}: a queue in 8 partitions, and one split by a header; queues that are not
     *              named are one queue each
     * @param auto  the number of partitions that {@code queue=auto} means
     */
    QueueLayout(String split, int auto) {
        for (String entry : split == null || split.isBlank() ? new String[0] : split.split(",")) {
            String[] parts = entry.trim().split("=", 2);
            if (parts.length != 2 || parts[0].isBlank() || parts[1].isBlank()) {
                throw new IllegalArgumentException("A queue is split by a number of partitions or by a header, as in whatsapp.inbound=16, and not by "
                        + entry.trim());
            }
            if (parts[1].trim().matches("-?[0-9]+|auto")) {
                int number = parts[1].trim().equals("auto") ? auto : Integer.parseInt(parts[1].trim());
                if (number < 1 || number > 256) {
                    throw new IllegalArgumentException("whatsapp.inbound.partitions must be auto or 1 to 256, and is " + number);
                }
                partitions.put(parts[0].trim(), number);
            } else {
                headers.put(parts[0].trim(), parts[1].trim());
            }
        }
    }

    /** The physical queue for a message. */
    String physical(String queue, QueueMessage message) {
        Integer number = partitions.get(queue);
        if (number != null) {
            String key = message.queueGroup() != null ? message.queueGroup() : message.queueId();
            return partition(queue, key, number);
        }
        String header = headers.get(queue);
        if (header != null) {
            return queue + VALUE + value(message.queueHeaders().get(header));
        }
        return queue;
    }

    private static String partition(String queue, String key, int number) {
        int hash = key == null ? 0 : key.hashCode();
        // the last digits of an id alone would not spread well
        return partition(queue, Math.floorMod(hash * 0x9E3779B9 >>> 7, number), number);
    }

    // the name includes the number of partitions, so that those of another number are other queues
    private static String partition(String queue, int index, int number) {
        return queue + PARTITION + index + "-of-" + number;
    }

    private static String value(Object value) {
        String text = value == null || value.toString().isBlank() ? "none" : value.toString();
        return text.length() <= MAX_VALUE_LENGTH && text.matches("[A-Za-z0-9_-]+") ? text : "hash-" + Long.toHexString(fnv1a(text));
    }

    private static long fnv1a(String text) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }

    /** The physical queues that are known in advance: none of a queue that is split by a header. */
    List<String> fixed(String queue) {
        List<String> all = new ArrayList<>();
        Integer number = partitions.get(queue);
        if (number != null) {
            for (int i = 0; i < number; i++) {
                all.add(partition(queue, i, number));
            }
        } else if (!headers.containsKey(queue)) {
            all.add(queue);
        }
        return all;
    }

    /** Whether the physical queue belongs to the queue as it is split now. */
    boolean isPartOf(String queue, String physical) {
        return headers.containsKey(queue) ? physical.startsWith(queue + VALUE) && !physical.contains(Overflow.INFIX)
                : fixed(queue).contains(physical);
    }

    /** Whether the physical queue belonged to the queue when it was split otherwise, or not at all. */
    boolean wasPartOf(String queue, String physical) {
        boolean named = physical.equals(queue) || physical.startsWith(queue + PARTITION) || physical.startsWith(queue + VALUE);
        return named && !physical.contains(Overflow.INFIX) && !isPartOf(queue, physical);
    }

    /** The names of the queues that are split. */
    List<String> split() {
        List<String> all = new ArrayList<>(partitions.keySet());
        all.addAll(headers.keySet());
        return all;
    }

    /** The number of partitions, or 0. */
    int partitions(String queue) {
        return partitions.getOrDefault(queue, 0);
    }

    /** The header value that a physical queue stands for, or {@code null}. */
    String value(String queue, String physical) {
        return headers.containsKey(queue) && isPartOf(queue, physical) ? physical.substring(queue.length() + VALUE.length()) : null;
    }
}
