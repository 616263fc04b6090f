package io.github.waroutes.send;

import io.github.waroutes.delivery.DeliveryTracker;
import io.github.waroutes.delivery.Statuses;
import io.github.waroutes.state.StateStores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.github.waroutes.TestClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileOutcomesTest extends OutcomesContract {

    private static final Outcome WAITING = new Outcome(TestClock.START, Verdict.WAITING);
    private static final Outcome SENT = WAITING.with(Verdict.SETTLED_SENT);
    private static final Outcome GIVEN_UP = new Outcome(TestClock.START, Verdict.GIVEN_UP, 0, Statuses.NUMBER, "queue 7");

    @TempDir
    Path temporary;

    private final TestClock clock = new TestClock();
    private final List<FileOutcomeJournal> opened = new ArrayList<>();
    private int round;
    private int peeks;

    @AfterEach
    void close() {
        opened.forEach(FileOutcomeJournal::close);
    }

    @Test
    void attemptsWithoutAnOutcomeAreCountedOnceTheyAreOld() {
        FileOutcomeJournal journal = killedAndOpened(100);
        journal.replace("waits", null, WAITING);
        journal.replace("sent", null, SENT);
        journal.replace("given up", null, GIVEN_UP);
        assertThat(journal.unsettled(TestClock.START)).isZero();
        assertThat(journal.unsettled(TestClock.START.plusMillis(1))).isEqualTo(1);
    }

    @Override
    OutcomeJournal reopened() {
        return killedAndOpened(100);
    }

    @Override
    OutcomeJournal peeked() {
        return journal(copyTo(temporary.resolve("peeked" + peeks++)), 100);
    }

    /** A journal over a copy of what is in the files now: what a killed process leaves. */
    private FileOutcomeJournal killedAndOpened(int size) {
        copyTo(temporary.resolve("outcomes" + (round + 1)));
        round++;
        return journal(size);
    }

    private Path copyTo(Path to) {
        if (Files.exists(directory())) {
            copy(directory(), to);
        }
        return to;
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private FileOutcomeJournal journal(int size) {
        return journal(directory(), size);
    }

    private FileOutcomeJournal journal(Path directory, int size) {
        FileOutcomeJournal journal = new FileOutcomeJournal(directory, size, Duration.ofDays(30), clock);
        opened.add(journal);
        return journal;
    }

    private Path directory() {
        return temporary.resolve("outcomes" + round);
    }

    @Override
    void erase() {
        round += 1000;
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(directory())) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void theFilesShowNoId() throws IOException {
        Outcomes outcomes = new Outcomes(journal(10), new DeliveryTracker(new StateStores(), 10, 1), Duration.ofMinutes(1), clock, System::nanoTime);
        assertThat(outcomes.begin(Statuses.PHONE, null, WAITING)).isTrue();
        try (Stream<Path> files = Files.walk(directory())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)).doesNotContain(Statuses.PHONE);
            }
        }
    }

    @Test
    void aTornRecordAtTheEndLosesNothingBeforeIt() throws IOException {
        FileOutcomeJournal journal = journal(10);
        journal.replace("a", null, WAITING);
        journal.replace("torn", null, WAITING);
        Path from = directory();
        round++;
        copy(from, directory());
        try (Stream<Path> files = Files.walk(directory())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                byte[] bytes = Files.readAllBytes(file);
                int torn = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("torn ");
                if (torn >= 0) {
                    java.util.Arrays.fill(bytes, torn + 10, bytes.length, (byte) 0);
                    Files.write(file, bytes);
                }
            }
        }
        FileOutcomeJournal read = journal(10);
        assertThat(read.find("a")).contains(WAITING);
        assertThat(read.find("torn")).as("its writer was not told that it is kept").isEmpty();
        assertThat(read.replace("b", null, WAITING)).isTrue();
    }

    @Test
    void manyThatComeTogetherAreAllKept() {
        FileOutcomeJournal journal = journal(1000);
        IntStream.range(0, 500).parallel().forEach(i -> {
            journal.replace("k" + i, null, WAITING);
            if (i % 2 == 0) {
                journal.replace("k" + i, WAITING, SENT);
            }
            if (i % 10 == 0) {
                journal.replace("k" + i, SENT, null);
            }
        });
        FileOutcomeJournal read = killedAndOpened(1000);
        IntStream.range(0, 500).forEach(i -> assertThat(read.find("k" + i).orElse(null)).as("%s", i)
                .isEqualTo(i % 10 == 0 ? null : i % 2 == 0 ? SENT : WAITING));
    }

    @Test
    void manyThousandsThatAreDoneLeaveFewFiles() throws IOException {
        FileOutcomeJournal journal = journal(1000);
        journal.replace("stays", null, WAITING);
        for (int i = 0; i < 60_000; i++) {
            journal.note("k" + i, null, WAITING);
            journal.note("k" + i, WAITING, SENT);
            journal.forget("k" + i, SENT);
        }
        journal.replace("last", null, WAITING);
        long bytes;
        try (Stream<Path> files = Files.walk(directory())) {
            bytes = files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
        }
        assertThat(bytes).isLessThan(40L << 20);
        FileOutcomeJournal read = killedAndOpened(1000);
        assertThat(read.find("stays")).contains(WAITING);
        assertThat(read.find("last")).contains(WAITING);
    }

    @Test
    void theFilesOfAnOlderVersionAreTakenOver() throws IOException {
        Files.createDirectories(directory());
        Files.writeString(directory().resolve("a.outcome"), WAITING.toJson());
        Files.writeString(directory().resolve("b.outcome"), GIVEN_UP.toJson());
        Path torn = Files.writeString(directory().resolve("c.outcome"), "{\"since\":\"2026-0");
        Files.setLastModifiedTime(torn, FileTime.from(TestClock.START.plusSeconds(5)));
        Files.writeString(directory().resolve("d.outcome.new"), "{");
        Files.writeString(directory().resolve("README"), "not ours");
        Files.createDirectories(directory().resolve("limits"));
        FileOutcomeJournal journal = journal(10);
        assertThat(journal.find("a")).contains(WAITING);
        assertThat(files()).containsExactly("README", "attempts", "limits");
        FileOutcomeJournal read = killedAndOpened(10);
        assertThat(read.find("a")).contains(WAITING);
        assertThat(read.find("b")).contains(GIVEN_UP);
        assertThat(read.find("c")).as("a torn file still holds its message back").contains(new Outcome(TestClock.START.plusSeconds(5), Verdict.WAITING));
    }

    @Test
    void aFullJournalRefusesAndSaysWhatToDo() {
        FileOutcomeJournal journal = journal(2);
        journal.replace("a", null, WAITING);
        journal.replace("b", null, WAITING);
        assertThatIllegalStateException().isThrownBy(() -> journal.replace("c", null, WAITING)).withMessageContaining("whatsapp.outcome.size");
        assertThat(journal.replace("a", WAITING, null)).isTrue();
        assertThat(journal.replace("c", null, WAITING)).as("there is room again").isTrue();
    }

    @Test
    void aFullJournalForgetsWhatIsSettledFirstAndThenWhatIsGivenUp() {
        FileOutcomeJournal journal = journal(3);
        journal.replace("given up", null, GIVEN_UP);
        journal.replace("settled", null, SENT);
        journal.replace("waiting", null, WAITING);
        journal.replace("one", null, WAITING);
        assertThat(journal.find("settled")).isEmpty();
        assertThat(journal.find("given up")).isPresent();
        journal.replace("two", null, WAITING);
        FileOutcomeJournal read = killedAndOpened(3);
        assertThat(read.find("given up")).isEmpty();
        assertThat(read.find("waiting")).isPresent();
        assertThat(read.find("one")).isPresent();
        assertThat(read.find("two")).isPresent();
    }

    @Test
    void entriesNobodyAsksForAreForgottenInTheEnd() {
        FileOutcomeJournal journal = journal(1);
        journal.replace("a", null, WAITING);
        clock.move(Duration.ofDays(31));
        Outcome later = new Outcome(clock.instant(), Verdict.WAITING);
        journal.replace("b", null, later);
        assertThat(journal.find("a")).isEmpty();
        assertThat(journal.find("b")).contains(later);
        clock.move(Duration.ofDays(31));
        assertThat(killedAndOpened(1).find("b")).isEmpty();
    }

    @Test
    void aDirectoryThatCannotBeWrittenToIsNamedByItsProperty() throws IOException {
        Files.writeString(directory(), "a file where the directory should be");
        assertThatIllegalStateException().isThrownBy(() -> journal(10).find("a")).withMessageContaining("whatsapp.outcome.directory");
    }

    @Test
    void twoProcessesDoNotShareADirectory() {
        journal(10).replace("a", null, WAITING);
        FileOutcomeJournal other = journal(10);
        assertThatIllegalStateException().isThrownBy(() -> other.find("a")).withMessageContaining("another process uses it")
                .withMessageContaining("whatsapp.outcome.directory");
    }
}
