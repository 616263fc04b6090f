package io.github.waroutes.simulator.media;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * Voice notes that the simulator can both create and transcribe: valid Ogg/Opus files that play as silence, with the words in
 * the {@code DESCRIPTION} comment. Ogg pages follow RFC 3533, the Opus mapping RFC 7845, the packets RFC 6716.
 */
public final class OggOpusVoice {

    /** What Meta's webhooks name the type of a voice note. */
    public static final String MIME_TYPE = "audio/ogg; codecs=opus";
    public static final int MAX_WORDS = 4096;
    public static final Duration MAX_LENGTH = Duration.ofMinutes(10);

    private static final String COMMENT = "DESCRIPTION=";
    private static final String VENDOR = "whatsapp-cloud-routes simulator";
    /** TOC of a mono full-band CELT frame of 20 ms, and a CELT frame whose first bit says silence (RFC 6716 §3.1, §4.3). */
    private static final byte[] SILENCE = {(byte) 0xF8, (byte) 0xFF, (byte) 0xFE};
    private static final int SAMPLES_PER_PACKET = 960;
    private static final int SAMPLES_PER_MILLISECOND = 48;
    /** 80 ms, as RFC 7845 §5.1 recommends. */
    private static final int PRE_SKIP = 3840;
    private static final int PACKETS_PER_PAGE = 50;
    private static final int CONTINUED = 1;
    static final int FIRST = 2;
    static final int LAST = 4;
    private static final int PAGE_HEADER = 27;
    private static final int MAX_TAGS = 256 * 1024;
    private static final int MAX_COMMENTS = 1024;
    private static final int[] CRC_TABLE = crcTable();

    private OggOpusVoice() {
    }

    /**
     * A voice note that lasts {@code length}, to the millisecond.
     *
     * @param words  1 to {@value #MAX_WORDS} characters
     * @param length 1 ms to 10 minutes
     * @throws IllegalArgumentException when one of them is out of bounds
     */
    public static byte[] write(String words, Duration length) {
        if (words.isBlank() || words.length() > MAX_WORDS) {
            throw new IllegalArgumentException("A voice note needs 1 to " + MAX_WORDS + " characters of words");
        }
        if (length.toMillis() < 1 || length.compareTo(MAX_LENGTH) > 0) {
            throw new IllegalArgumentException("A voice note lasts 1 ms to " + MAX_LENGTH.toMinutes() + " minutes");
        }
        int serial = words.hashCode();
        int sequence = 0;
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(page(FIRST, 0, serial, sequence++, head()));
        file.writeBytes(page(0, 0, serial, sequence++, tags(words)));

        long end = PRE_SKIP + length.toMillis() * SAMPLES_PER_MILLISECOND;
        long packets = (end + SAMPLES_PER_PACKET - 1) / SAMPLES_PER_PACKET;
        for (long done = 0; done < packets;) {
            int count = (int) Math.min(PACKETS_PER_PAGE, packets - done);
            done += count;
            boolean last = done == packets;
            byte[][] silence = new byte[count][];
            Arrays.fill(silence, SILENCE);
            // the granule of the last page trims what the last packet holds too much (RFC 7845 §4.4)
            file.writeBytes(page(last ? LAST : 0, last ? end : done * SAMPLES_PER_PACKET, serial, sequence++, silence));
        }
        return file.toByteArray();
    }

    /**
     * The words of a voice note: the first {@code DESCRIPTION} comment of its first logical stream, or empty when it
     * has none. Reads no further than the comments, and takes what it finds there even if checksums are wrong.
     *
     * @throws IOException when these bytes are not an Ogg/Opus file, or its comments are cut short or larger than 256 KiB
     */
    public static Optional<String> readWords(byte[] file) throws IOException {
        Packets packets = new Packets(file);
        byte[] head = packets.next();
        if (!startsWith(head, "OpusHead")) {
            throw new IOException("This is an Ogg file, but not an Opus one: its first packet is no OpusHead");
        }
        byte[] tags = packets.next();
        if (!startsWith(tags, "OpusTags")) {
            throw new IOException("This Ogg/Opus file has no OpusTags packet");
        }
        ByteBuffer in = ByteBuffer.wrap(tags, 8, tags.length - 8).order(ByteOrder.LITTLE_ENDIAN);
        text(in);
        int count = length(in, MAX_COMMENTS);
        for (int i = 0; i < count; i++) {
            String comment = text(in);
            if (comment.regionMatches(true, 0, COMMENT, 0, COMMENT.length())) {
                return Optional.of(comment.substring(COMMENT.length()));
            }
        }
        return Optional.empty();
    }

    /** How long a voice note of these words would last at an easy pace: 400 ms a word, 1 to 60 s. */
    public static Duration lengthOf(String words) {
        int count = words.strip().split("\\s+").length;
        return Duration.ofMillis(Math.max(1_000, Math.min(60_000, count * 400L)));
    }

    private static byte[] head() {
        return ByteBuffer.allocate(19).order(ByteOrder.LITTLE_ENDIAN)
                .put(ascii("OpusHead")).put((byte) 1).put((byte) 1).putShort((short) PRE_SKIP)
                .putInt(48_000).putShort((short) 0).put((byte) 0).array();
    }

    /** The comments of a file that has none. */
    static byte[] noTags() {
        byte[] vendor = ascii(VENDOR);
        return ByteBuffer.allocate(8 + 4 + vendor.length + 4).order(ByteOrder.LITTLE_ENDIAN)
                .put(ascii("OpusTags")).putInt(vendor.length).put(vendor).putInt(0).array();
    }

    private static byte[] tags(String words) {
        byte[] vendor = ascii(VENDOR);
        byte[] comment = (COMMENT + words).getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + 4 + vendor.length + 4 + 4 + comment.length).order(ByteOrder.LITTLE_ENDIAN)
                .put(ascii("OpusTags")).putInt(vendor.length).put(vendor).putInt(1).putInt(comment.length).put(comment)
                .array();
    }

    /** One page of whole packets, which must fit into it: it has 255 lacing values. */
    static byte[] page(int flags, long granule, int serial, int sequence, byte[]... packets) {
        ByteArrayOutputStream lacing = new ByteArrayOutputStream();
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] packet : packets) {
            for (int left = packet.length; ; left -= 255) {
                lacing.write(Math.min(left, 255));
                if (left < 255) {
                    break;
                }
            }
            content.writeBytes(packet);
        }
        byte[] page = ByteBuffer.allocate(PAGE_HEADER + lacing.size() + content.size()).order(ByteOrder.LITTLE_ENDIAN)
                .put(ascii("OggS")).put((byte) 0).put((byte) flags).putLong(granule).putInt(serial).putInt(sequence)
                .putInt(0).put((byte) lacing.size()).put(lacing.toByteArray()).put(content.toByteArray()).array();
        ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN).putInt(22, crc(page));
        return page;
    }

    private static int crc(byte[] page) {
        int crc = 0;
        for (byte b : page) {
            crc = (crc << 8) ^ CRC_TABLE[((crc >>> 24) ^ b) & 0xFF];
        }
        return crc;
    }

    /** Polynomial 0x04c11db7, most significant bit first, no reflection (RFC 3533 §6). */
    private static int[] crcTable() {
        int[] table = new int[256];
        for (int i = 0; i < 256; i++) {
            int value = i << 24;
            for (int bit = 0; bit < 8; bit++) {
                value = (value << 1) ^ (value < 0 ? 0x04c11db7 : 0);
            }
            table[i] = value;
        }
        return table;
    }

    private static String text(ByteBuffer in) throws IOException {
        byte[] text = new byte[length(in, in.remaining())];
        in.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    private static int length(ByteBuffer in, int most) throws IOException {
        int length = in.remaining() < 4 ? -1 : in.getInt();
        if (length < 0 || length > most || length > in.remaining()) {
            throw new IOException("The comments of this Ogg/Opus file are damaged");
        }
        return length;
    }

    private static boolean startsWith(byte[] packet, String magic) {
        return packet.length >= magic.length()
                && Arrays.equals(packet, 0, magic.length(), ascii(magic), 0, magic.length());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** The packets of the first logical stream of an Ogg file, put together again over page borders. */
    private static final class Packets {
        private final byte[] file;
        private int position;
        private int segment;
        private int segments;
        private int table;
        private Integer serial;

        Packets(byte[] file) throws IOException {
            this.file = file;
            if (!isPage(0)) {
                throw new IOException("This is not an Ogg file");
            }
        }

        byte[] next() throws IOException {
            ByteArrayOutputStream packet = new ByteArrayOutputStream();
            while (true) {
                while (segment == segments) {
                    nextPage(packet.size() > 0);
                }
                int size = file[table + segment++] & 0xFF;
                if (position + size > file.length) {
                    throw new IOException("This Ogg file is cut short");
                }
                packet.write(file, position, size);
                position += size;
                if (packet.size() > MAX_TAGS) {
                    throw new IOException("A header of this Ogg file is larger than 256 KiB");
                }
                if (size < 255) {
                    return packet.toByteArray();
                }
            }
        }

        private void nextPage(boolean inPacket) throws IOException {
            while (true) {
                if (!isPage(position)) {
                    throw new IOException("This Ogg file is cut short");
                }
                int flags = file[position + 5];
                int pageSerial = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(position + 14);
                int count = file[position + 26] & 0xFF;
                int start = position + PAGE_HEADER + count;
                if (start > file.length) {
                    throw new IOException("This Ogg file is cut short");
                }
                int lacing = position + PAGE_HEADER;
                position = start;
                if (serial == null || serial == pageSerial) {
                    if (inPacket && (flags & CONTINUED) == 0) {
                        throw new IOException("A page of this Ogg file is missing");
                    }
                    serial = pageSerial;
                    segment = 0;
                    segments = count;
                    table = lacing;
                    return;
                }
                for (int i = 0; i < count; i++) {
                    position += file[lacing + i] & 0xFF;
                }
            }
        }

        private boolean isPage(int at) {
            return at + PAGE_HEADER <= file.length && file[at] == 'O' && file[at + 1] == 'g' && file[at + 2] == 'g'
                    && file[at + 3] == 'S' && file[at + 4] == 0;
        }
    }
}
