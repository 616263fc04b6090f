package io.github.waroutes.flow;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/** What is logged while this is open: events at every level, everything else from its own level on. */
final class CapturedLog implements AutoCloseable {

    private static final String EVENTS = "whatsapp";

    private final List<ILoggingEvent> logged = new CopyOnWriteArrayList<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Logger events = (Logger) LoggerFactory.getLogger(EVENTS);
    private final Level before = events.getLevel();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            logged.add(event);
        }
    };

    CapturedLog() {
        appender.setContext(root.getLoggerContext());
        appender.start();
        root.addAppender(appender);
        events.setLevel(Level.DEBUG);
    }

    /** The fields of the events of this name. */
    List<Map<String, Object>> events(String name) {
        return logged.stream().filter(event -> EVENTS.equals(event.getLoggerName()) && name.equals(event.getFormattedMessage()))
                .map(event -> event.getKeyValuePairs().stream()
                        .collect(Collectors.<KeyValuePair, String, Object>toMap(pair -> pair.key, pair -> pair.value)))
                .toList();
    }

    /** Everything, with fields and stack traces. */
    String everything() {
        return logged.stream().map(event -> event.getLoggerName() + ' ' + event.getFormattedMessage() + ' ' + event.getKeyValuePairs()
                + (event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy())))
                .collect(Collectors.joining("\n"));
    }

    @Override
    public void close() {
        root.detachAppender(appender);
        appender.stop();
        events.setLevel(before);
    }
}
