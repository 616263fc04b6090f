package io.github.waroutes.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileKeptValuesTest extends KeptValuesContract {

    @TempDir
    Path directory;

    @Override
    KeptValues opened() {
        return new FileKeptValues(file());
    }

    private Path file() {
        return directory.resolve("new").resolve("values.log");
    }

    @Test
    void aLineThatACrashHasCutIsNoLine() throws IOException {
        opened().put("a", "1");
        Files.writeString(file(), "b 2", StandardOpenOption.APPEND);
        KeptValues after = opened();
        assertThat(after.values()).containsExactly("1");
        after.put("c", "3");
        assertThat(opened().values()).containsExactly("1", "3");
    }

    @Test
    void theFileIsWrittenAnewWhenMostOfItIsOfThePast() throws IOException {
        KeptValues values = opened();
        IntStream.range(0, 1_300).forEach(i -> values.put("key", "value" + i));
        assertThat(Files.readAllLines(file())).hasSizeLessThan(1_100).last().isEqualTo("key value1299");
    }

    @Test
    void nothingIsMadeBeforeThereIsSomethingToKeep() {
        assertThat(opened().isEmpty()).isTrue();
        assertThat(file().getParent()).doesNotExist();
    }

    @Test
    void aFileThatCannotBeReadOrWrittenIsToldAndNothingIsLost() throws IOException {
        Files.createDirectories(file());
        assertThatThrownBy(() -> opened().get("a")).isInstanceOf(StateUnavailableException.class).hasMessageContaining("whatsapp.outcome.directory");
        Files.delete(file());
        KeptValues values = opened();
        values.put("a", "1");
        Path aside = Files.move(file(), directory.resolve("aside"));
        Files.createDirectories(file());
        assertThatThrownBy(() -> values.put("b", "2")).isInstanceOf(StateUnavailableException.class);
        Files.delete(file());
        Files.move(aside, file());
        assertThat(values.values()).containsExactly("1");
    }

    @Test
    void aValueIsOneLine() {
        assertThatThrownBy(() -> opened().put("a", "1\n2")).isInstanceOf(IllegalArgumentException.class);
    }
}
