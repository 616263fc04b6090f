package io.github.waroutes.api;

/** Texts by key, each for a limited time, changed one step at a time; in this process, or shared by several. */
public interface ExpiringValues {

    /** The value of the key, null if there is none or its time is over. */
    String get(String key);

    /**
     * Puts a value in the place of another, if that one is still there; at once, whoever else is at it. The value's time begins anew.
     *
     * @param expected what must be there; null: nothing
     * @param next     what shall be there; null: nothing
     * @return whether it was done
     */
    boolean replace(String key, String expected, String next);
}
