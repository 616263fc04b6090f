package io.github.waroutes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The Markdown files that the documentation consists of. */
public final class Guides {

    private static final Pattern BLOCK = Pattern.compile("(?m)^( *)```(\\w*)\\n((?s:.*?))^ *```$");
    private static final List<String> FOLDERS = List.of("docs", "bench", "starter", "examples");

    /** A piece of code: the word behind the fence, empty if there is none; its text without the fence's indent; and where it begins. */
    public record Block(Path guide, int line, String language, String text) {

        @Override
        public String toString() {
            return guide + ":" + line;
        }
    }

    private Guides() {
    }

    /** Sorted; from the folder of the project. */
    public static List<Path> all() {
        List<Path> guides = new ArrayList<>(List.of(Path.of("CHANGELOG.md"), Path.of("CONTRIBUTING.md"), Path.of("README.md")));
        for (String folder : FOLDERS) {
            if (!Files.isDirectory(Path.of(folder))) {
                continue;
            }
            try (Stream<Path> files = Files.walk(Path.of(folder))) {
                files.filter(file -> file.toString().endsWith(".md") && !("/" + file).contains("/target/")).sorted().forEach(guides::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return guides;
    }

    public static String text(Path guide) {
        try {
            return Files.readString(guide);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The pieces of code of all guides. */
    public static List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        for (Path guide : all()) {
            String text = text(guide);
            Matcher block = BLOCK.matcher(text);
            while (block.find()) {
                blocks.add(new Block(guide, 1 + (int) text.substring(0, block.start()).chars().filter(c -> c == '\n').count(), block.group(2),
                        block.group(3).replaceAll("(?m)^" + block.group(1), "")));
            }
        }
        return blocks;
    }
}
