package io.github.waroutes.log;

import java.io.Console;

import ch.qos.logback.classic.pattern.color.HighlightingCompositeConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/** Logback's colours of the levels, if somebody looks at a terminal; nothing in a file or a pipe. */
public final class OnTerminal extends HighlightingCompositeConverter {

    private static final boolean TERMINAL = isTerminal(System.console());

    @Override
    protected String transform(ILoggingEvent event, String in) {
        return TERMINAL ? super.transform(event, in) : in;
    }

    /** From Java 22 on there may be a console without a terminal, and it says so. */
    static boolean isTerminal(Console console) {
        try {
            return console != null && (Runtime.version().feature() < 22 || Boolean.TRUE.equals(Console.class.getMethod("isTerminal").invoke(console)));
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
