package io.github.waroutes.log;

import java.util.List;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import org.slf4j.event.KeyValuePair;

/** The fields of an event as {@code name=value}, each after a blank, for lines that people read; its name is the message already. */
public final class EventFields extends ClassicConverter {

    private static final String EVENT = "event";

    @Override
    public String convert(ILoggingEvent event) {
        List<KeyValuePair> fields = event.getKeyValuePairs();
        if (fields == null) {
            return "";
        }
        StringBuilder line = new StringBuilder();
        for (KeyValuePair field : fields) {
            if (!EVENT.equals(field.key)) {
                line.append(' ').append(field.key).append('=').append(value(String.valueOf(field.value)));
            }
        }
        return line.toString();
    }

    private static String value(String value) {
        String oneLine = value.replaceAll("\\p{Cntrl}", " ");
        return oneLine.isEmpty() || oneLine.indexOf(' ') >= 0 ? '"' + oneLine.replace('"', '\'') + '"' : oneLine;
    }
}
