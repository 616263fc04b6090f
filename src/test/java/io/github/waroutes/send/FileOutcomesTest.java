package io.github.waroutes.send;

import io.github.waroutes.delivery.DeliveryTracker;
import io.github.waroutes.state.StateStores;
import io.github.waroutes.delivery.Statuses;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.github.waroutes.TestClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileOutcomesTest extends OutcomesContract {

    private static final Outcome WAITING = new Outcome(TestClock.START, Verdict.WAITING);

    @TempDir
    Path temporary;

    private final TestClock clock = new TestClock();
    private int round;

    @Override
    OutcomeJournal reopened() {
        return journal(100);
    }

    private FileOutcomeJournal journal(int size) {
        return new FileOutcomeJournal(directory(), size, Duration.ofDays(30), clock);
    }

    private Path directory() {
        return temporary.resolve("outcomes" + round);
    }

    @Override
    void erase() {
        round++;
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(directory())) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void theDirectoryIsMadeWhenItIsFirstNeeded() {
        FileOutcomeJournal journal = journal(10);
        assertThat(journal.find("a")).isEmpty();
        journal.remove("a");
        assertThat(directory()).doesNotExist();
        journal.append("a", WAITING);
        assertThat(directory()).isDirectory();
    }

    @Test
    void thereIsOneFileForEachEntryAndNothingBesideIt() throws IOException {
        FileOutcomeJournal journal = journal(10);
        journal.append("a", WAITING);
        journal.append("b", WAITING);
        journal.append("a", new Outcome(TestClock.START, Verdict.SETTLED_SENT));
        assertThat(files()).containsExactly("a.outcome", "b.outcome");
        journal.remove("a");
        assertThat(files()).containsExactly("b.outcome");
    }

    @Test
    void aFileNameShowsNoId() throws IOException {
        new Outcomes(journal(10), new DeliveryTracker(new StateStores(), 10, 1), Duration.ofMinutes(1)).unknown(Statuses.PHONE, TestClock.START);
        assertThat(files()).singleElement().asString().matches("[0-9a-f]{32}\\.outcome");
        assertThat(Files.readString(directory().resolve(files().get(0)))).doesNotContain(Statuses.PHONE);
    }

    @Test
    void aTornFileStillHoldsItsMessageBack() throws IOException {
        journal(10).append("a", WAITING);
        Path file = directory().resolve("a.outcome");
        Files.writeString(file, "{\"since\":\"2026-0");
        Files.setLastModifiedTime(file, FileTime.from(TestClock.START.plusSeconds(5)));
        assertThat(journal(10).find("a")).contains(new Outcome(TestClock.START.plusSeconds(5), Verdict.WAITING));
        Files.write(file, new byte[0]);
        Files.setLastModifiedTime(file, FileTime.from(TestClock.START));
        assertThat(journal(10).load()).containsOnly(Map.entry("a", WAITING));
    }

    @Test
    void whatACrashLeftHalfWrittenOrOthersPutThereIsNoEntry() throws IOException {
        journal(10).append("a", WAITING);
        Files.writeString(directory().resolve("b.outcome.new"), "{");
        Files.writeString(directory().resolve("README"), "not ours");
        assertThat(journal(10).load()).containsOnlyKeys("a");
        assertThat(files()).containsExactly("README", "a.outcome");
    }

    @Test
    void aFullJournalRefusesAndSaysWhatToDo() {
        FileOutcomeJournal journal = journal(2);
        journal.append("a", WAITING);
        journal.append("b", WAITING);
        assertThatIllegalStateException().isThrownBy(() -> journal.append("c", WAITING)).withMessageContaining("whatsapp.outcome.size");
        journal.append("a", new Outcome(TestClock.START, Verdict.SETTLED_SENT));
        assertThat(journal.load()).containsOnlyKeys("a", "b");
    }

    @Test
    void aFullJournalMakesRoomByForgettingWhatIsSettledAndNothingElse() throws IOException {
        FileOutcomeJournal journal = journal(2);
        journal.append("a", new Outcome(TestClock.START, Verdict.SETTLED_SENT));
        journal.append("b", WAITING);
        journal.append("c", WAITING);
        assertThat(files()).containsExactly("b.outcome", "c.outcome");
    }

    @Test
    void entriesNobodyAsksForAreDeletedInTheEnd() throws IOException {
        FileOutcomeJournal journal = journal(1);
        journal.append("a", WAITING);
        clock.move(Duration.ofDays(31));
        journal.append("b", new Outcome(clock.instant(), Verdict.WAITING));
        assertThat(files()).containsExactly("b.outcome");
        clock.move(Duration.ofDays(31));
        assertThat(journal(1).load()).isEmpty();
        assertThat(files()).isEmpty();
    }

    @Test
    void aDirectoryThatCannotBeWrittenToIsNamedByItsProperty() throws IOException {
        Files.createDirectories(temporary);
        Files.writeString(directory(), "a file where the directory should be");
        assertThatIllegalStateException().isThrownBy(() -> journal(10).append("a", WAITING))
                .withMessageContaining("whatsapp.outcome.directory");
    }
}
