package io.github.waroutes.simulator.media;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Converts a browser's recording, Opus in WebM, to Ogg/Opus, the format of WhatsApp's voice messages: the same packets, not re-encoded.
 * Source: RFC 8794 (EBML), the WebM container guidelines, RFC 7845 (Ogg/Opus), RFC 6716 §3.1 (how long a packet lasts).
 */
public final class WebmOpus {

    private static final int MAGIC = 0x1A45DFA3;
    /** Segment, Cluster, Tracks, TrackEntry, BlockGroup: what is looked into. Browsers do not know the size of the first two. */
    private static final Set<Integer> MASTERS = Set.of(0x18538067, 0x1F43B675, 0x1654AE6B, 0xAE, 0xA0);
    private static final int CODEC = 0x86;
    private static final int CODEC_PRIVATE = 0x63A2;
    private static final Set<Integer> BLOCKS = Set.of(0xA3, 0xA1);
    private static final int LACING = 0x06;
    private static final int MAX_LACED = 255;
    private static final int SAMPLES_PER_MILLISECOND = 48;

    private final ByteBuffer in;
    private final List<byte[]> packets = new ArrayList<>();
    private byte[] head;
    private boolean opus;

    private WebmOpus(byte[] file) {
        in = ByteBuffer.wrap(file);
    }

    /** Empty unless these bytes are one track of Opus in WebM. */
    public static Optional<byte[]> toOgg(byte[] file) {
        WebmOpus webm = new WebmOpus(file);
        try {
            webm.read();
        } catch (IllegalArgumentException | java.nio.BufferUnderflowException e) {
            return Optional.empty();
        }
        return webm.opus && webm.head != null && !webm.packets.isEmpty() ? Optional.of(webm.write()) : Optional.empty();
    }

    private void read() {
        if (in.remaining() < 4 || in.getInt(0) != MAGIC) {
            throw new IllegalArgumentException("no WebM");
        }
        while (in.hasRemaining()) {
            int id = (int) number(true);
            long size = number(false);
            if (MASTERS.contains(id)) {
                continue;
            }
            if (size < 0 || size > in.remaining()) {
                // the last one of an interrupted recording
                return;
            }
            byte[] content = new byte[(int) size];
            in.get(content);
            if (id == CODEC) {
                opus = new String(content, StandardCharsets.US_ASCII).equals("A_OPUS");
            } else if (id == CODEC_PRIVATE) {
                head = content;
            } else if (BLOCKS.contains(id)) {
                packet(content);
            }
        }
    }

    /** A block: the track's number, two bytes of time, flags, and one packet. */
    private void packet(byte[] block) {
        ByteBuffer bytes = ByteBuffer.wrap(block);
        int start = Integer.numberOfLeadingZeros(bytes.get(0) & 0xFF) - 24 + 1 + 3;
        if (start >= block.length || (block[start - 1] & LACING) != 0) {
            throw new IllegalArgumentException("an empty or a laced block");
        }
        packets.add(Arrays.copyOfRange(block, start, block.length));
    }

    /** An EBML number of variable length, with or without its marker; -1 for a size that is not known. */
    private long number(boolean marked) {
        int first = in.get() & 0xFF;
        int length = Integer.numberOfLeadingZeros(first) - 24 + 1;
        if (length > 8) {
            throw new IllegalArgumentException("no EBML number");
        }
        long value = marked ? first : first & (0xFF >> length);
        boolean unknown = (first & (0xFF >> length)) == 0xFF >> length;
        for (int i = 1; i < length; i++) {
            int next = in.get() & 0xFF;
            unknown &= next == 0xFF;
            value = value << 8 | next;
        }
        return unknown && !marked ? -1 : value;
    }

    private byte[] write() {
        int serial = Arrays.hashCode(packets.get(0));
        int sequence = 0;
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(OggOpusVoice.page(OggOpusVoice.FIRST, 0, serial, sequence++, head));
        file.writeBytes(OggOpusVoice.page(0, 0, serial, sequence++, OggOpusVoice.noTags()));
        long samples = 0;
        int laced = 0;
        List<byte[]> page = new ArrayList<>();
        for (byte[] packet : packets) {
            int needed = packet.length / 255 + 1;
            if (laced + needed > MAX_LACED) {
                file.writeBytes(OggOpusVoice.page(0, samples, serial, sequence++, page.toArray(new byte[0][])));
                page.clear();
                laced = 0;
            }
            page.add(packet);
            laced += needed;
            samples += samples(packet);
        }
        file.writeBytes(OggOpusVoice.page(OggOpusVoice.LAST, samples, serial, sequence, page.toArray(new byte[0][])));
        return file.toByteArray();
    }

    /** How long a packet plays, in samples of 48 kHz. */
    private static long samples(byte[] packet) {
        int configuration = (packet[0] & 0xFF) >> 3;
        double[] millis = configuration < 12 ? new double[] {10, 20, 40, 60} : configuration < 16 ? new double[] {10, 20, 10, 20}
                : new double[] {2.5, 5, 10, 20};
        int frames = switch (packet[0] & 3) {
            case 0 -> 1;
            case 3 -> packet.length > 1 ? packet[1] & 0x3F : 0;
            default -> 2;
        };
        return Math.round(millis[configuration & 3] * SAMPLES_PER_MILLISECOND * frames);
    }
}
