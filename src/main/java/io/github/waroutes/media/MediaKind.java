package io.github.waroutes.media;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a media file is sent as, and what Meta takes for it. Meta, "Media" (2026): audio 16 MB, image 5 MB, video 16 MB, document
 * 100 MB, sticker 100 KB or, animated, 500 KB. Meta does not say which megabyte it means; these are the larger ones, so that
 * nothing is refused here that Meta would take.
 */
public enum MediaKind {

    IMAGE(5 << 20, Map.of("image/jpeg", "jpg", "image/png", "png")),
    AUDIO(16 << 20, Map.of("audio/aac", "aac", "audio/amr", "amr", "audio/mpeg", "mp3", "audio/mp4", "m4a", "audio/ogg", "ogg")),
    /** An audio message with the look of a recording. Meta's page names Opus in Ogg, one channel; the live API takes the others too. */
    VOICE(16 << 20, AUDIO.types),
    VIDEO(16 << 20, Map.of("video/mp4", "mp4", "video/3gpp", "3gp")),
    DOCUMENT(100 << 20, Map.of("application/pdf", "pdf", "text/plain", "txt",
            "application/msword", "doc",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx",
            "application/vnd.ms-excel", "xls",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx",
            "application/vnd.ms-powerpoint", "ppt",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx")),
    STICKER(500 << 10, 100 << 10, Map.of("image/webp", "webp"));

    private final long maxBytes;
    private final long maxBytesStill;
    private final Map<String, String> types;

    MediaKind(long maxBytes, Map<String, String> types) {
        this(maxBytes, maxBytes, types);
    }

    MediaKind(long maxBytes, long maxBytesStill, Map<String, String> types) {
        this.maxBytes = maxBytes;
        this.maxBytesStill = maxBytesStill;
        this.types = types;
    }

    /** The kind that is named so, in any case. */
    public static Optional<MediaKind> named(String name) {
        return Arrays.stream(values()).filter(kind -> kind.toString().equalsIgnoreCase(name.trim())).findFirst();
    }

    /** The kind that a mime type without parameters stands for; never {@link #VOICE}, which has to be asked for. */
    public static Optional<MediaKind> of(String mime) {
        return Arrays.stream(values()).filter(kind -> kind.types.containsKey(mime)).findFirst();
    }

    /** The mime type of a file with this name, by what follows its last dot. */
    public static Optional<String> typeOf(String filename) {
        String extension = filename.substring(filename.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT).replace("jpeg", "jpg");
        return Arrays.stream(values()).flatMap(kind -> kind.types.entrySet().stream())
                .filter(type -> type.getValue().equals(extension)).map(Map.Entry::getKey).findFirst();
    }

    /** Whether files of a mime type may end in this, without the dot, in any case. */
    public static boolean isExtension(String extension, String mime) {
        return of(mime).map(kind -> kind.types.get(mime)).filter(extension.toLowerCase(Locale.ROOT).replace("jpeg", "jpg")::equals).isPresent();
    }

    /** What files of a mime type end in, without the dot; {@code bin} if it is none of these. */
    public static String extension(String mime) {
        return of(mime).map(kind -> kind.types.get(mime)).orElse("bin");
    }

    /** The mime types, without parameters, with what their files end in. */
    public Map<String, String> types() {
        return types;
    }

    /** The size limit in bytes; of an animated file, where that makes a difference. */
    public long maxBytes() {
        return maxBytes;
    }

    /** The size limit in bytes of a file that is not animated. */
    public long maxBytesStill() {
        return maxBytesStill;
    }

    /** As it is written in the header {@code WhatsAppMediaKind}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
