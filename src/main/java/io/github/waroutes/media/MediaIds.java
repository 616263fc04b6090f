package io.github.waroutes.media;

/** Remembers the media ids of uploaded content, each for a while. Safe for concurrent use. */
interface MediaIds {

    /** The id that Meta gave this content, null if it is not known or no longer. */
    String find(String content);

    void remember(String content, String mediaId);

    /** Nothing is found under this id any more; an id that is not known is no failure. */
    void forget(String mediaId);
}
