package io.github.waroutes.error;

/** What caused a failure. Unlike Camel's own {@code ObjectHelper.getException}, which fills the heap, it ends where causes form a loop. */
public final class Causes {

    /** Deeper than any chain of causes that is not a loop. */
    private static final int DEPTH = 100;

    private Causes() {
    }

    /** The failure itself or the first of its causes that is of this type; null without one, and without a failure. */
    public static <T> T find(Class<T> type, Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < DEPTH; depth++) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
            cause = cause.getCause();
        }
        return null;
    }
}
