package io.github.waroutes.simulator.media;

import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Names and spoken words of uploaded files. Bounded; thread-safe. */
public final class FileMetadata {

    private static final int MAX = 2000;

    private final Map<String, String> names = bounded();
    private final Map<String, String> words = bounded();

    /**
     * @param sha256   of the file's bytes
     * @param filename or null
     * @param words    what a transcription of exactly these bytes gives, or null
     */
    public synchronized void note(String mediaId, byte[] sha256, String filename, String words) {
        if (filename != null) {
            names.put(mediaId, filename);
        }
        if (words != null) {
            this.words.put(HexFormat.of().formatHex(sha256), words);
        }
    }

    public synchronized Optional<String> filename(String mediaId) {
        return Optional.ofNullable(names.get(mediaId));
    }

    public synchronized Optional<String> words(byte[] sha256) {
        return Optional.ofNullable(words.get(HexFormat.of().formatHex(sha256)));
    }

    private static Map<String, String> bounded() {
        return new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
                return size() > MAX;
            }
        };
    }
}
