package io.github.waroutes;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import org.slf4j.LoggerFactory;

/** Keeps what is logged while it is open; at all levels from one logger, and from the levels that are on from all others. */
public final class LogCapture extends AppenderBase<ILoggingEvent> implements AutoCloseable {

    private final List<ILoggingEvent> events = new ArrayList<>();
    private final Logger logger;
    private final Logger root;
    private final Level before;

    public LogCapture(String name) {
        logger = (Logger) LoggerFactory.getLogger(name);
        root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        before = logger.getLevel();
        setContext(logger.getLoggerContext());
        start();
        logger.setLevel(Level.DEBUG);
        root.addAppender(this);
    }

    @Override
    protected void append(ILoggingEvent event) {
        event.prepareForDeferredProcessing();
        synchronized (events) {
            events.add(event);
        }
    }

    /** The events of the logger itself. */
    public List<ILoggingEvent> events() {
        synchronized (events) {
            return events.stream().filter(event -> event.getLoggerName().equals(logger.getName())).toList();
        }
    }

    /** The names of the events, in order. */
    public List<String> names() {
        return events().stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    public List<ILoggingEvent> named(String name) {
        return events().stream().filter(event -> event.getFormattedMessage().equals(name)).toList();
    }

    /** The fields of an event, each as text. */
    public static Map<String, String> fields(ILoggingEvent event) {
        return event.getKeyValuePairs() == null ? Map.of() : event.getKeyValuePairs().stream()
                .collect(Collectors.toMap(pair -> pair.key, pair -> String.valueOf(pair.value)));
    }

    /** Every line of every logger: message, fields and stack trace. */
    public List<String> lines() {
        synchronized (events) {
            return events.stream().map(event -> event.getFormattedMessage() + ' '
                    + Objects.requireNonNullElse(event.getKeyValuePairs(), List.of()) + ' '
                    + (event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy()))).toList();
        }
    }

    @Override
    public void close() {
        root.detachAppender(this);
        logger.setLevel(before);
        stop();
    }
}
