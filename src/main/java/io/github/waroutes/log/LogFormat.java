package io.github.waroutes.log;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

import ch.qos.logback.core.PropertyDefinerBase;

/**
 * The setting {@code whatsapp.log.format} for {@code logback.xml}, {@code json} or {@code text}: the first line is logged before Camel reads
 * the configuration. Whether the value is right is checked there.
 */
public final class LogFormat extends PropertyDefinerBase {

    private static final String NAME = "whatsapp.log.format";
    private static final String VARIABLE = "WHATSAPP_LOG_FORMAT";
    private static final Path FILE = Path.of("application.properties");

    @Override
    public String getPropertyValue() {
        return of(System.getProperty(NAME), System.getenv(VARIABLE), FILE);
    }

    /** The first of them that says something. */
    static String of(String property, String variable, Path file) {
        String format = property != null ? property : variable != null ? variable : inFile(file);
        return format != null && format.strip().equals("text") ? "text" : "json";
    }

    private static String inFile(Path file) {
        Properties properties = new Properties();
        if (Files.isReadable(file)) {
            try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
                properties.load(in);
            } catch (IOException | IllegalArgumentException e) {
                // told by whoever reads the rest
            }
        }
        return properties.getProperty(NAME);
    }
}
