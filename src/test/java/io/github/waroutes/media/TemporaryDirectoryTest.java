package io.github.waroutes.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.github.waroutes.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Processes that share a place, one of which is killed. */
@Timeout(60)
class TemporaryDirectoryTest {

    @TempDir
    Path place;

    private List<Path> entries() throws IOException {
        try (Stream<Path> all = Files.list(place)) {
            return all.toList();
        }
    }

    private Process child(String task) throws IOException {
        return new ProcessBuilder(ChildJvm.command("-Xmx32m", "-cp", System.getProperty("java.class.path"), Child.class.getName(), task, place.toString()))
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    private static Path file(Process child) throws IOException {
        return Path.of(new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8)).readLine());
    }

    @Test
    void whatAKilledProcessLeftIsDeletedAndNothingOfALiveOne() throws Exception {
        Process other = child("hold");
        try {
            Path file = file(other);
            TemporaryDirectory.deleteAbandoned(place);
            assertThat(file).as("its process lives").exists();
            other.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            assertThat(file).as("nobody tidied up").exists();
            TemporaryDirectory.deleteAbandoned(place);
            assertThat(entries()).isEmpty();
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void twoOfOneProcessLeaveEachOtherAloneAndKeepTheirLocks() throws Exception {
        try (TemporaryDirectory first = TemporaryDirectory.in(place); TemporaryDirectory second = TemporaryDirectory.in(place)) {
            Path one = first.newFile();
            Path two = second.newFile();
            TemporaryDirectory.deleteAbandoned(place);
            assertThat(child("clean").waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(one).exists();
            assertThat(two).exists().isNotEqualTo(one);
        }
        assertThat(entries()).as("closed").isEmpty();
    }

    @Test
    void whatIsNotOursStays() throws Exception {
        Path file = Files.writeString(place.resolve("whatsapp-media-notes.txt"), "mine");
        Path elsewhere = Files.createDirectory(place.resolve("elsewhere"));
        Path treasure = Files.writeString(elsewhere.resolve("treasure"), "mine");
        Files.createSymbolicLink(place.resolve("whatsapp-media-1-1-x"), elsewhere);
        Files.createFile(place.resolve("whatsapp-media-1-1-x.lock"));
        TemporaryDirectory.deleteAbandoned(place);
        assertThat(file).exists();
        assertThat(treasure).exists();
    }

    @Test
    void aPlaceThatIsNotThereIsEmpty() throws Exception {
        TemporaryDirectory.deleteAbandoned(place.resolve("none"));
        assertThat(place.resolve("none")).doesNotExist();
    }

    /** Another process. */
    static final class Child {

        private Child() {
        }

        public static void main(String... arguments) throws Exception {
            Path place = Path.of(arguments[1]);
            if ("clean".equals(arguments[0])) {
                TemporaryDirectory.deleteAbandoned(place);
                return;
            }
            System.out.println(TemporaryDirectory.in(place).newFile());
            Thread.sleep(TimeUnit.MINUTES.toMillis(2));
        }
    }
}
