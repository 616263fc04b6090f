package io.github.waroutes.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskFloorTest {

    @TempDir
    Path directory;

    private final AtomicLong bytes = new AtomicLong(1_000);
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger looks = new AtomicInteger();

    private DiskFloor floor(long floorBytes) {
        return new DiskFloor(() -> {
            looks.incrementAndGet();
            return bytes.get();
        }, floorBytes, nanos::get);
    }

    @Test
    void itIsBelowWhenLessIsLeft() {
        DiskFloor floor = floor(1_000);
        assertThat(floor.isBelow()).isFalse();
        bytes.set(999);
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(250));
        assertThat(floor.isBelow()).isTrue();
        assertThat(floor.usableBytes()).isEqualTo(999);
        bytes.set(1_000);
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(250));
        assertThat(floor.isBelow()).as("room was made").isFalse();
    }

    @Test
    void theDiskIsLookedAtEveryQuarterOfASecondAtTheMost() {
        DiskFloor floor = floor(1_000);
        for (int i = 0; i < 1_000; i++) {
            floor.isBelow();
            nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
        }
        assertThat(looks).hasValue(4);
    }

    @Test
    void withoutAFloorNothingIsBelow() {
        bytes.set(0);
        assertThat(floor(0).isBelow()).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> floor(-1)).withMessageStartingWith("whatsapp.broker.min-free must");
    }

    @Test
    void aRealDiskIsAsked() throws IOException {
        long left = Files.getFileStore(directory).getUsableSpace();
        assertThat(new DiskFloor(directory.resolve("to/be/made"), Long.MAX_VALUE).isBelow()).isTrue();
        DiskFloor floor = new DiskFloor(directory, 1);
        assertThat(floor.isBelow()).isFalse();
        assertThat(floor.usableBytes()).isBetween(left / 2, left * 2);
        assertThat(floor.floorBytes()).isEqualTo(1);
    }
}
