package io.github.waroutes.queue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Whether the disk of a directory has less room left than it must have. A broker that hits the end of its disk stops for good; one that
 * takes nothing more a little earlier can still note what is done, which makes room. The disk is looked at every 250 ms at the most,
 * so this may be asked for each message.
 */
public final class DiskFloor {

    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final LongSupplier disk;
    private final long floorBytes;
    private final LongSupplier nanoTime;
    private volatile Look last;

    /**
     * @param directory  a directory on the disk, or one that will be made there
     * @param floorBytes what must be left; 0: nothing
     * @throws IllegalArgumentException if it is negative
     */
    public DiskFloor(Path directory, long floorBytes) {
        this(() -> usableBytes(directory), floorBytes, System::nanoTime);
    }

    DiskFloor(LongSupplier disk, long floorBytes, LongSupplier nanoTime) {
        if (floorBytes < 0) {
            throw new IllegalArgumentException("whatsapp.broker.min-free must be 0 (no floor) or more bytes, and is " + floorBytes);
        }
        this.disk = disk;
        this.floorBytes = floorBytes;
        this.nanoTime = nanoTime;
    }

    /** Whether less than the floor is left. */
    public boolean isBelow() {
        return usableBytes() < floorBytes;
    }

    /** What this process may still write, in bytes; 0 if that cannot be found out. */
    public long usableBytes() {
        Look known = last;
        long now = nanoTime.getAsLong();
        if (known == null || now - known.atNanos >= LOOK_EVERY_NANOS) {
            known = new Look(disk.getAsLong(), now);
            last = known;
        }
        return known.bytes;
    }

    public long floorBytes() {
        return floorBytes;
    }

    private static long usableBytes(Path directory) {
        Path there = directory.toAbsolutePath();
        while (there.getParent() != null && !Files.exists(there)) {
            there = there.getParent();
        }
        try {
            return Files.getFileStore(there).getUsableSpace();
        } catch (IOException e) {
            // a disk that does not answer takes nothing
            return 0;
        }
    }

    private record Look(long bytes, long atNanos) {
    }
}
