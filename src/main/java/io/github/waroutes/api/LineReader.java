package io.github.waroutes.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/** Lines of bytes, one at a time. Of a line that is too long nothing is kept. */
final class LineReader {

    /**
     * One line.
     *
     * @param number the first is 1
     * @param bytes  without the line's end; null if it is too long
     */
    record Line(int number, byte[] bytes) {

        boolean isBlank() {
            if (bytes == null) {
                return false;
            }
            for (byte one : bytes) {
                if (one != ' ' && one != '\t') {
                    return false;
                }
            }
            return true;
        }
    }

    private final InputStream in;
    private final int maxLine;
    private final MessageDigest digest;
    private final byte[] buffer = new byte[16_384];
    private int position;
    private int end;
    private int lines;

    /** @param context what the digest of the lines begins with */
    LineReader(InputStream in, int maxLine, String context) {
        this.in = in;
        this.maxLine = maxLine;
        this.digest = ApiCall.sha256();
        digest.update(ApiCall.digest(context).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    /** The next line, null at the end. */
    Line next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(512);
        boolean any = false;
        boolean tooLong = false;
        while (fill()) {
            any = true;
            int stop = position;
            while (stop < end && buffer[stop] != '\n') {
                stop++;
            }
            digest.update(buffer, position, stop - position);
            tooLong |= line.size() + stop - position > maxLine;
            if (!tooLong) {
                line.write(buffer, position, stop - position);
            }
            boolean complete = stop < end;
            position = complete ? stop + 1 : stop;
            if (complete) {
                break;
            }
        }
        if (!any) {
            return null;
        }
        digest.update((byte) '\n');
        lines++;
        return new Line(lines, tooLong ? null : withoutReturn(line.toByteArray()));
    }

    /** Of all lines so far. */
    String digest() {
        try {
            return HexFormat.of().formatHex(((MessageDigest) digest.clone()).digest());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(e);
        }
    }

    int lines() {
        return lines;
    }

    private boolean fill() throws IOException {
        if (position == end) {
            position = 0;
            end = Math.max(0, in.read(buffer, 0, buffer.length));
        }
        return position < end;
    }

    private static byte[] withoutReturn(byte[] line) {
        return line.length > 0 && line[line.length - 1] == '\r' ? java.util.Arrays.copyOf(line, line.length - 1) : line;
    }
}
