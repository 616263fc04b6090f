package io.github.waroutes.queue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Whether the disk of a directory has less free space than it must have. A broker that fills its disk stops for good; one that refuses
 * messages a little earlier can still write acknowledgements, which free space. The disk is read every 250 ms at the most, so this may be
 * called for each message.
 */
public final class DiskFloor {

    private static final long SAMPLE_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final LongSupplier disk;
    private final long floorBytes;
    private final LongSupplier nanoTime;
    private volatile Sample last;

    /**
     * @param directory  a directory on the disk, or one that will be created there
     * @param floorBytes how many bytes must stay free; 0: no floor
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

    /** Whether less than the floor is free. */
    public boolean isBelow() {
        return usableBytes() < floorBytes;
    }

    /** What this process may still write, in bytes; 0 if that cannot be found out. */
    public long usableBytes() {
        Sample known = last;
        long now = nanoTime.getAsLong();
        if (known == null || now - known.atNanos >= SAMPLE_INTERVAL_NANOS) {
            known = new Sample(disk.getAsLong(), now);
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
            // a disk that cannot be read is treated as full
            return 0;
        }
    }

    private record Sample(long bytes, long atNanos) {
    }
}
