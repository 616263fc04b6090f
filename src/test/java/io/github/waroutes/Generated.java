package io.github.waroutes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Parts of files that are made from a source in this project; {@code -Dwrite.tables=true} writes them, any other run fails if they differ. */
public final class Generated {

    private Generated() {
    }

    /** The part of a guide between a comment that names the source and the test, and {@code <!-- end -->}. */
    public static void part(String guide, String source, Class<?> test, String content) throws IOException {
        Path file = Path.of(guide);
        String text = Files.readString(file);
        String mark = "<!-- generated from " + source + " by " + test.getSimpleName() + "; -Dwrite.tables=true rewrites it -->\n";
        int begin = text.indexOf(mark) + mark.length();
        int end = text.indexOf("<!-- end -->", begin);
        assertThat(text).as(guide + " has the place for it").contains(mark);
        // the comment's own indent, in a file that has one
        int line = text.lastIndexOf('\n', end) + 1;
        assertThat(end).as(guide + " has the end of it").isPositive();
        if (Boolean.getBoolean("write.tables")) {
            Files.writeString(file, text.substring(0, begin) + content + text.substring(line));
        } else {
            assertThat(text.substring(begin, line)).as(guide + ", from " + source).isEqualTo(content);
        }
    }

    /** A whole file. */
    public static void file(String name, String content) throws IOException {
        Path file = Path.of(name);
        if (Boolean.getBoolean("write.tables")) {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(file, content);
        } else {
            assertThat(Files.readString(file)).as(name).isEqualTo(content);
        }
    }
}
