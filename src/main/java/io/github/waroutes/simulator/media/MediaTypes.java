package io.github.waroutes.simulator.media;

import io.github.waroutes.simulator.common.Parameters;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/** What may be uploaded, and how large. Source: WhatsApp Cloud API, "Media", "Supported media types". */
public final class MediaTypes {

    private static final long KB = 1024;
    private static final long MB = 1024 * KB;
    private static final Map<String, Long> MAXIMA = new TreeMap<>();

    static {
        String office = "application/vnd.openxmlformats-officedocument.";
        put(16 * MB, "audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/opus", "video/mp4", "video/3gpp");
        put(5 * MB, "image/jpeg", "image/png");
        put(500 * KB, "image/webp");
        put(100 * MB, "text/plain", "application/pdf", "application/msword", "application/vnd.ms-excel",
                "application/vnd.ms-powerpoint", office + "wordprocessingml.document", office + "spreadsheetml.sheet",
                office + "presentationml.presentation");
    }

    /** File name extensions by type. A name without an extension, and names of text files, are not checked. */
    private static final Map<String, Set<String>> ENDINGS = Map.ofEntries(Map.entry("audio/aac", Set.of("aac")),
            Map.entry("audio/amr", Set.of("amr")), Map.entry("audio/mpeg", Set.of("mp3", "mpga", "mpeg")),
            Map.entry("audio/mp4", Set.of("m4a", "mp4")), Map.entry("audio/ogg", Set.of("ogg", "oga", "opus")),
            Map.entry("audio/opus", Set.of("opus", "ogg", "oga")), Map.entry("video/mp4", Set.of("mp4", "m4v")),
            Map.entry("video/3gpp", Set.of("3gp", "3gpp")), Map.entry("image/jpeg", Set.of("jpg", "jpeg")),
            Map.entry("image/png", Set.of("png")), Map.entry("image/webp", Set.of("webp")), Map.entry("application/pdf", Set.of("pdf")));
    private static final String NONE = "application/octet-stream";

    private MediaTypes() {
    }

    private static void put(long bytes, String... types) {
        for (String type : types) {
            MAXIMA.put(type, bytes);
        }
    }

    /** How many bytes a file of this type may have; empty if Meta does not take the type. Parameters do not matter. */
    static OptionalLong maximum(String mimeType) {
        Long maximum = mimeType == null ? null : MAXIMA.get(essence(mimeType));
        return maximum == null ? OptionalLong.empty() : OptionalLong.of(maximum);
    }

    /**
     * The type that Meta sees in a file when it is sent: that of its upload, or an unspecific one if the file's name has the extension of
     * another type.
     *
     * @param filename null if there was none
     */
    public static String seen(String mimeType, String filename) {
        Set<String> endings = ENDINGS.get(essence(mimeType));
        int dot = filename == null ? -1 : filename.lastIndexOf('.');
        return dot < 0 || endings == null || endings.contains(filename.substring(dot + 1).toLowerCase(Locale.ROOT)) ? mimeType : NONE;
    }

    private static String essence(String mimeType) {
        return mimeType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    static String names() {
        return String.join(", ", MAXIMA.keySet());
    }
}
