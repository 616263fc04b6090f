package io.github.waroutes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Comments of our sources, for the parts of the reference that are made from them. */
public final class Javadoc {

    /** A comment; then what it is about is to match. */
    public static final String COMMENT = "/\\*\\*((?:(?!\\*/).)*)\\*/\\s*(?:@\\w+(?:\\([^)]*\\))?\\s*)*";

    private Javadoc() {
    }

    /** The source of a class of this project. */
    public static String source(Class<?> type) throws IOException {
        return Files.readString(Path.of("src/main/java", type.getName().replace('.', '/') + ".java"));
    }

    /** The first paragraph of a class's comment, as Markdown. */
    public static String of(Class<?> type) throws IOException {
        return Pattern.compile(COMMENT + "public (?:\\w+ )*(?:class|enum|record|interface) " + type.getSimpleName() + "\\b", Pattern.DOTALL).matcher(source(type))
                .results().map(found -> markdown(found.group(1))).findFirst().orElseThrow();
    }

    /** The text between the marks of a comment, as Markdown on one line. */
    public static String markdown(String comment) {
        return comment.replaceAll("(?m)^\\s*\\*", "").replaceFirst("(?s)(<p>|\\s@\\w).*", "").replaceAll("\\s+", " ").strip()
                .replaceAll("\\{@code ([^}]*)}", "`$1`").replaceAll("\\{@link #?([\\w.#]*)(?:\\([^)]*\\))?}", "`$1`").replaceAll("(`\\w+)#(\\w+`)", "$1.$2");
    }
}
