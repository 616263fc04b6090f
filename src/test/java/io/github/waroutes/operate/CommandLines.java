package io.github.waroutes.operate;

import java.util.List;

import picocli.CommandLine;

/** Command lines of the gateway, read as the program reads them. */
public final class CommandLines {

    private CommandLines() {
    }

    /** @return what is wrong with a command, null if nothing is */
    public static String problem(List<String> words) {
        try {
            Commands.line(() -> null).parseArgs(words.toArray(String[]::new));
            return null;
        } catch (CommandLine.ParameterException e) {
            return e.getMessage();
        }
    }
}
