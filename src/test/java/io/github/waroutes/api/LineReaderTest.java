package io.github.waroutes.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

class LineReaderTest {

    private static LineReader reader(String text, int maxLine) {
        return new LineReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), maxLine, "");
    }

    private static List<String> lines(LineReader reader) throws IOException {
        List<String> lines = new ArrayList<>();
        for (LineReader.Line line = reader.next(); line != null; line = reader.next()) {
            assertThat(line.number()).isEqualTo(lines.size() + 1);
            lines.add(line.bytes() == null ? null : new String(line.bytes(), StandardCharsets.UTF_8));
        }
        return lines;
    }

    @Test
    void linesEndWithALineFeedOrBothOrTheEnd() throws IOException {
        assertThat(lines(reader("a\nb\r\n\nc", 10))).containsExactly("a", "b", "", "c");
        assertThat(lines(reader("a\n", 10))).containsExactly("a");
        assertThat(lines(reader("", 10))).isEmpty();
    }

    @Test
    void ofALineThatIsTooLongNothingIsKeptAndTheNextIsWhole() throws IOException {
        assertThat(lines(reader("x".repeat(10) + "\n" + "y".repeat(11) + "\nz", 10))).containsExactly("x".repeat(10), null, "z");
        assertThat(lines(reader("y".repeat(100_000) + "\nz", 10))).containsExactly(null, "z");
    }

    @Test
    void aLineMayComeInPieces() throws IOException {
        InputStream slow = new ByteArrayInputStream("grüße\nb".getBytes(StandardCharsets.UTF_8)) {
            @Override
            public synchronized int read(byte[] into, int offset, int length) {
                return super.read(into, offset, 1);
            }
        };
        assertThat(lines(new LineReader(slow, 10, ""))).containsExactly("grüße", "b");
    }

    @Test
    void blankLinesAreKnown() throws IOException {
        LineReader reader = reader(" \t\nx\n\n" + " ".repeat(20), 10);
        assertThat(reader.next().isBlank()).isTrue();
        assertThat(reader.next().isBlank()).isFalse();
        assertThat(reader.next().isBlank()).isTrue();
        assertThat(reader.next().isBlank()).as("too long").isFalse();
    }

    @Test
    void theDigestIsThatOfTheLinesSoFarHoweverTheyCome() throws IOException {
        LineReader one = reader("a\nb\nc", 10);
        LineReader other = reader("a\nb\nd", 10);
        String empty = one.digest();
        one.next();
        other.next();
        assertThat(one.digest()).isEqualTo(other.digest()).isNotEqualTo(empty);
        one.next();
        one.next();
        other.next();
        other.next();
        assertThat(one.digest()).isNotEqualTo(other.digest());
        LineReader again = reader("a\nb\nc\n", 10);
        lines(again);
        assertThat(again.digest()).isEqualTo(one.digest());
        assertThat(new LineReader(InputStream.nullInputStream(), 10, "number").digest()).isNotEqualTo(empty);
    }
}
