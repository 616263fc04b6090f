package io.github.waroutes.media;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

/**
 * A file as it was when its hash was taken.
 *
 * @param sha256 of its bytes, in hexadecimal
 * @param size   in bytes
 * @param head   its first bytes, for telling what it is
 */
public record HashedFile(Path path, String sha256, long size, byte[] head, FileTime modified) {

    /** Whether nobody has written to it since. */
    boolean isUnchanged() {
        try {
            return Files.size(path) == size && Files.getLastModifiedTime(path).equals(modified);
        } catch (IOException e) {
            return false;
        }
    }
}
