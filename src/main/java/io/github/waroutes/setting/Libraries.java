package io.github.waroutes.setting;

/** Libraries that only some settings need; a host that has none of these settings need not have them. */
public final class Libraries {

    private Libraries() {
    }

    /**
     * @param className   of the library
     * @param setting     what needs it, as the beginning of a sentence
     * @param coordinates its Maven coordinates, without a version
     * @throws IllegalArgumentException if it is not on the class path
     */
    public static void require(String className, String setting, String coordinates) {
        if (!isThere(className)) {
            throw new IllegalArgumentException(setting + ", and what that needs is not on the class path. Add the dependency " + coordinates
                    + ", or change the setting (docs/embed.md).");
        }
    }

    /** Whether a class of the library can be found; it is not initialized. */
    public static boolean isThere(String className) {
        try {
            Class.forName(className, false, Libraries.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}
