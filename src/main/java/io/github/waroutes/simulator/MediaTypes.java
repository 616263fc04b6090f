package io.github.waroutes.simulator;

import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/** What may be uploaded, and how large. Source: WhatsApp Cloud API, "Media", "Supported media types". */
final class MediaTypes {

    private static final long KB = 1024;
    private static final long MB = 1024 * KB;
    private static final Map<String, Long> MAXIMA = new TreeMap<>();

    static {
        String office = "application/vnd.openxmlformats-officedocument.";
        put(16 * MB, "audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "video/mp4", "video/3gpp");
        put(5 * MB, "image/jpeg", "image/png");
        put(500 * KB, "image/webp");
        put(100 * MB, "text/plain", "application/pdf", "application/msword", "application/vnd.ms-excel",
                "application/vnd.ms-powerpoint", office + "wordprocessingml.document", office + "spreadsheetml.sheet",
                office + "presentationml.presentation");
    }

    private MediaTypes() {
    }

    private static void put(long bytes, String... types) {
        for (String type : types) {
            MAXIMA.put(type, bytes);
        }
    }

    /** How many bytes a file of this type may have; empty if Meta does not take the type. Parameters do not matter. */
    static OptionalLong maximum(String mimeType) {
        Long maximum = mimeType == null ? null : MAXIMA.get(mimeType.split(";", 2)[0].strip().toLowerCase(java.util.Locale.ROOT));
        return maximum == null ? OptionalLong.empty() : OptionalLong.of(maximum);
    }

    static String names() {
        return String.join(", ", MAXIMA.keySet());
    }
}
