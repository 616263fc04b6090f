package io.github.waroutes.media;

/**
 * A file on its way to Meta.
 *
 * @param number   the business number it is for, by Meta's id
 * @param mimeType as Meta shall be told, in lower case
 * @param filename as Meta shall be told, plain ASCII
 */
public record Upload(HashedFile file, String number, String mimeType, String filename, MediaKind kind) {

    /** The same for the same content: a media id belongs to the number that uploaded it. */
    String key() {
        return number + ':' + file.sha256() + ':' + mimeType;
    }
}
