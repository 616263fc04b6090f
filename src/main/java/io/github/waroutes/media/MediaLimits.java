package io.github.waroutes.media;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppMediaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks a file against the limits of {@link MediaKind} before it is uploaded. */
public class MediaLimits {

    /** How many of a file's first bytes tell whether it is animated. */
    static final int HEAD = 21;

    private static final Logger LOG = LoggerFactory.getLogger(MediaLimits.class);
    private static final Set<String> MODES = Set.of("refuse", "warn");
    private static final int ANIMATION = 0x02;

    private final boolean refuses;

    /** @param mode {@code refuse}, or {@code warn}: log it and let Meta decide */
    public MediaLimits(String mode) {
        if (!MODES.contains(mode)) {
            throw new IllegalArgumentException("whatsapp.upload.check is " + mode + ". Give refuse or warn.");
        }
        refuses = "refuse".equals(mode);
    }

    /**
     * What a file is to be sent as.
     *
     * @param named the kind that was asked for, or null
     * @param mime  the file's mime type, without parameters
     * @throws WhatsAppMediaException if there is no such kind, or it does not take this type
     */
    public MediaKind kind(String named, String mime) {
        if (named != null && !named.isBlank()) {
            MediaKind kind = MediaKind.named(named).orElseThrow(() -> failure("The header WhatsAppMediaKind names no kind of media."
                    + " Give one of " + Arrays.stream(MediaKind.values()).map(MediaKind::toString).collect(Collectors.joining(", "))));
            if (!kind.types().containsKey(mime)) {
                refuse("WhatsApp takes no " + mime + " as " + kind + ". Convert the file to "
                        + String.join(" or ", new TreeSet<>(kind.types().keySet())) + ", or send it as another kind");
            }
            return kind;
        }
        return MediaKind.of(mime).orElseGet(() -> {
            refuse("WhatsApp takes no files of the type " + mime + ". Convert the file to one of "
                    + Arrays.stream(MediaKind.values()).flatMap(kind -> kind.types().keySet().stream()).distinct()
                            .collect(Collectors.joining(", ")));
            return MediaKind.DOCUMENT;
        });
    }

    /** How many bytes of a file are worth reading: with one more it is refused. */
    public long most(MediaKind kind, long unlimited) {
        return refuses ? kind.maxBytes() : Math.max(kind.maxBytes(), unlimited);
    }

    /**
     * @param size in bytes
     * @param head the file's first bytes, at most {@value #HEAD}
     * @throws WhatsAppMediaException if the file is empty or too large
     */
    public void requireSize(MediaKind kind, long size, byte[] head) {
        if (size == 0) {
            throw failure("The file to upload is empty. Give a file or a stream that was not read yet");
        }
        boolean still = kind.maxBytesStill() < kind.maxBytes() && !isAnimated(head);
        long limit = still ? kind.maxBytesStill() : kind.maxBytes();
        if (size > limit) {
            refuse("The limit of " + (still ? "a " + kind + " that does not move" : kind == MediaKind.STICKER ? "an animated sticker"
                    : "media of the kind " + kind) + " is " + limit + " bytes, and this file is larger. Make the file smaller"
                    + (kind == MediaKind.DOCUMENT ? "" : ", or send it as another kind"));
        }
    }

    /** The flag in the VP8X chunk of a WebP file (WebP Container Specification, "Extended File Format"). */
    static boolean isAnimated(byte[] head) {
        return head.length >= HEAD
                && "RIFF".equals(new String(head, 0, 4, StandardCharsets.US_ASCII))
                && "WEBPVP8X".equals(new String(head, 8, 8, StandardCharsets.US_ASCII))
                && (head[20] & ANIMATION) != 0;
    }

    private void refuse(String why) {
        if (refuses) {
            throw failure(why + ". If Meta takes it by now, set whatsapp.upload.check=warn");
        }
        LOG.warn("{}. It is tried as whatsapp.upload.check=warn", why);
    }

    static WhatsAppMediaException failure(String why) {
        return new WhatsAppMediaException(ErrorDetails.builder(why).build(), null, false, false);
    }
}
