package io.github.waroutes.state;

/** Texts under keys, each for its time to live since it was last written. Safe for concurrent use; every call is atomic. */
public interface StateStore {

    /** The value, or null. */
    String get(String key);

    void put(String key, String value);

    /**
     * Writes {@code after} if the value is still {@code before}; its time begins anew.
     *
     * @param before null: if there is none
     * @param after  null: the value is removed
     * @return whether it was done
     */
    boolean replace(String key, String before, String after);

    /** Removes and returns the value, or null. */
    String take(String key);
}
