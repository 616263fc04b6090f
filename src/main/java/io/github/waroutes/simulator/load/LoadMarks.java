package io.github.waroutes.simulator.load;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Recognises the messages of one load: by their id, which contains their number, and by the mark {@code #17.k3f9q2} at the start of
 * their text, in which the second part is the load's. So no lookup is needed, however many there are.
 */
public final class LoadMarks {

    private static final String PREFIX = "wamid.";
    private static final int ID_BYTES = 31;
    private static final int NONCE_BYTES = ID_BYTES - Integer.BYTES;
    private static final int TAG_LENGTH = 6;
    private static final Pattern MARK = Pattern.compile("#([0-9]{1,9})(?:\\.([0-9a-z]{" + TAG_LENGTH + "}))?");

    private final byte[] nonce;
    private final String tag;

    /** @param random makes this load's ids distinct from any other load's */
    public LoadMarks(SplittableRandom random) {
        nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < TAG_LENGTH; i++) {
            letters.append(Character.forDigit(random.nextInt(36), 36));
        }
        tag = letters.toString();
    }

    /** The load's part of a mark. */
    public String tag() {
        return tag;
    }

    /** The prefix of a message's text. */
    public String mark(int number) {
        return "#" + number + '.' + tag;
    }

    /** A message's id, in Meta's form. */
    public String id(int number) {
        return PREFIX + Base64.getEncoder().encodeToString(ByteBuffer.allocate(ID_BYTES).put(nonce).putInt(number).array());
    }

    /** Which messages an answer refers to. */
    public sealed interface Reference {
    }

    /** It quotes or repeats the marks of these; regardless of its recipient. */
    public record Marked(int[] numbers) implements Reference {
    }

    /** It has numbers as a business may repeat them, but not this load's mark. */
    public record Numbered(int[] numbers) implements Reference {
    }

    /** It belongs to another load. */
    public record Foreign() implements Reference {
    }

    /** @param answer the body of {@code POST /{number}/messages} */
    public Reference read(JsonNode answer) {
        IntStream.Builder marked = IntStream.builder();
        IntStream.Builder numbered = IntStream.builder();
        boolean foreign = false;
        String quoted = answer.at("/context/message_id").textValue();
        int ofQuote = quoted == null ? 0 : number(quoted);
        if (ofQuote > 0) {
            marked.add(ofQuote);
        }
        String words = answer.at("/text/body").isTextual() ? answer.at("/text/body").textValue() : answer.toString();
        for (Matcher matcher = MARK.matcher(words); matcher.find();) {
            int number = Integer.parseInt(matcher.group(1));
            if (matcher.group(2) == null) {
                numbered.add(number);
            } else if (matcher.group(2).equals(tag)) {
                marked.add(number);
            } else {
                foreign = true;
            }
        }
        int[] certain = marked.build().distinct().toArray();
        if (certain.length > 0) {
            return new Marked(certain);
        }
        return foreign ? new Foreign() : new Numbered(numbered.build().distinct().toArray());
    }

    private int number(String id) {
        if (!id.startsWith(PREFIX)) {
            return 0;
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(id.substring(PREFIX.length()));
            return bytes.length == ID_BYTES && Arrays.equals(bytes, 0, NONCE_BYTES, nonce, 0, NONCE_BYTES)
                    ? ByteBuffer.wrap(bytes).getInt(NONCE_BYTES) : 0;
        } catch (IllegalArgumentException e) {
            return 0;
        }
    }
}
