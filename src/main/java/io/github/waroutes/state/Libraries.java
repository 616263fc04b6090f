package io.github.waroutes.state;

/** Libraries that only some settings need; a host that has none of these settings need not have them. */
public final class Libraries {

    private Libraries() {
    }

    /**
     * @param className   of the library
     * @param setting     what needs it, as the beginning of a sentence
     * @param coordinates its Maven coordinates, without a version
     * @throws IllegalStateException if it is not on the class path
     */
    public static void require(String className, String setting, String coordinates) {
        try {
            Class.forName(className, false, Libraries.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(setting + ", and what it needs is not on the class path. Add " + coordinates
                    + " to the dependencies (docs/embed.md), or take the setting back.");
        }
    }
}
