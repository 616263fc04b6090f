package io.github.waroutes.simulator.media;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Tiny valid files of the kinds people send, generated and so free of rights. */
public final class SampleFiles {

    private static final int STICKER_EDGE = 512;

    private SampleFiles() {
    }

    /** One grey pixel, as PNG (W3C recommendation "PNG Specification"). */
    public static byte[] png() {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
        // width, height, 8 bits, greyscale, and the only methods there are
        pngChunk(file, "IHDR", new byte[] {0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0});
        Deflater deflater = new Deflater();
        byte[] data = new byte[64];
        int length;
        try {
            deflater.setInput(new byte[] {0, (byte) 0x80});
            deflater.finish();
            length = deflater.deflate(data);
        } finally {
            deflater.end();
        }
        pngChunk(file, "IDAT", java.util.Arrays.copyOf(data, length));
        pngChunk(file, "IEND", new byte[0]);
        return file.toByteArray();
    }

    private static void pngChunk(ByteArrayOutputStream file, String type, byte[] data) {
        byte[] name = ascii(type);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data);
        file.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
        file.writeBytes(name);
        file.writeBytes(data);
        file.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }

    /** An MP4 file that lasts no time and has no track (ISO/IEC 14496-12): the boxes ftyp and moov with its mvhd. */
    public static byte[] mp4() {
        ByteBuffer header = ByteBuffer.allocate(100);
        // version, flags, created, modified; then 1000 units a second, length 0, speed 1.0, volume 1.0
        header.position(12);
        header.putInt(1000).putInt(0).putInt(0x00010000).putShort((short) 0x0100).position(header.position() + 10);
        for (int cell : new int[] {0x00010000, 0, 0, 0, 0x00010000, 0, 0, 0, 0x40000000}) {
            header.putInt(cell);
        }
        header.position(header.position() + 24);
        header.putInt(1);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(box("ftyp", ascii("isom\0\0\2\0isomiso2mp41")));
        file.writeBytes(box("moov", box("mvhd", header.array())));
        return file.toByteArray();
    }

    private static byte[] box(String type, byte[] content) {
        return ByteBuffer.allocate(8 + content.length).putInt(8 + content.length).put(ascii(type)).put(content).array();
    }

    /** One empty page, as PDF 1.4 with a cross-reference table (ISO 32000-1, 7.5). */
    public static byte[] pdf() {
        List<String> objects = List.of("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] /Resources << >> >>");
        StringBuilder file = new StringBuilder("%PDF-1.4\n");
        List<Integer> offsets = new ArrayList<>();
        for (int number = 1; number <= objects.size(); number++) {
            offsets.add(file.length());
            file.append(number).append(" 0 obj\n").append(objects.get(number - 1)).append("\nendobj\n");
        }
        int table = file.length();
        file.append("xref\n0 ").append(objects.size() + 1).append("\n0000000000 65535 f \n");
        offsets.forEach(offset -> file.append(String.format("%010d 00000 n \n", offset)));
        file.append("trailer\n<< /Size ").append(objects.size() + 1).append(" /Root 1 0 R >>\nstartxref\n").append(table)
                .append("\n%%EOF\n");
        return ascii(file.toString());
    }

    /** A sticker of 512 by 512 black pixels, as lossless WebP (RFC 9649): each prefix code has one symbol, so pixels take no bits. */
    public static byte[] webp() {
        Bits bits = new Bits();
        bits.put(0x2F, 8).put(STICKER_EDGE - 1, 14).put(STICKER_EDGE - 1, 14);
        // alpha is not used, version 0; no transform, no colour cache, no prefix image
        bits.put(0, 1).put(0, 3).put(0, 1).put(0, 1).put(0, 1);
        for (int symbol : new int[] {0, 0, 0, 255, 0}) {
            // green, red, blue, alpha, distance: a simple code of one symbol, of 1 or 8 bits
            bits.put(1, 1).put(0, 1).put(symbol > 1 ? 1 : 0, 1).put(symbol, symbol > 1 ? 8 : 1);
        }
        byte[] stream = bits.toBytes();
        int padded = stream.length + (stream.length & 1);
        return ByteBuffer.allocate(20 + padded).order(ByteOrder.LITTLE_ENDIAN).put(ascii("RIFF")).putInt(12 + padded)
                .put(ascii("WEBPVP8L")).putInt(stream.length).put(stream).array();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Bits, the lowest of each byte first. */
    private static final class Bits {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private int current;
        private int used;

        Bits put(int value, int count) {
            for (int bit = 0; bit < count; bit++) {
                current |= (value >> bit & 1) << used;
                if (++used == 8) {
                    bytes.write(current);
                    current = 0;
                    used = 0;
                }
            }
            return this;
        }

        byte[] toBytes() {
            if (used > 0) {
                put(0, 8 - used);
            }
            return bytes.toByteArray();
        }
    }
}
