package io.github.waroutes.state;

/**
 * How many entries a store in this process may hold when nobody says: by the heap that the process has, so that all stores together are
 * at home in 256 MB, and a larger heap remembers more.
 */
public final class HeapShare {

    /** As {@code size} of a property: by the heap. */
    public static final int BY_HEAP = 0;

    private static final long UNIT = 256L << 20;
    private static final int MOST_UNITS = 64;

    private HeapShare() {
    }

    /**
     * @param size    what the property says; {@value #BY_HEAP}: by the heap
     * @param perUnit how many for each 256 MB of the heap
     * @throws IllegalArgumentException if the size is negative, naming the property
     */
    public static long entries(long size, int perUnit, String property) {
        return entries(size, perUnit, property, Runtime.getRuntime().maxMemory());
    }

    static long entries(long size, int perUnit, String property, long heap) {
        if (size < 0) {
            throw new IllegalArgumentException(property + " is " + size + "; give 1 or more, or " + BY_HEAP + " to go by the heap");
        }
        return size != BY_HEAP ? size : Math.max(perUnit / 4, (long) (perUnit * Math.min(MOST_UNITS, (double) heap / UNIT)));
    }
}
