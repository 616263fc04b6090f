package io.github.waroutes.operate;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

import io.github.waroutes.Generated;
import io.github.waroutes.setting.Usage;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The page of commands is what {@code --help} prints. */
class CommandsGuideTest {

    @Test
    void thePageOfCommands() throws IOException {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        Usage.print(new PrintStream(printed, true, StandardCharsets.UTF_8), "--help");
        StringBuilder page = new StringBuilder("## The gateway\n\n```text\n" + printed.toString(StandardCharsets.UTF_8).replaceFirst("^.*\n\n", "") + "```\n");
        Commands.line(() -> null).getSubcommands().values().forEach(command -> append(page, command));
        Generated.part("docs/commands.md", "the help", CommandsGuideTest.class, page.toString());
    }

    private static void append(StringBuilder page, CommandLine command) {
        String name = command.getCommandSpec().qualifiedName(" ").replaceFirst("^\\S+ ", "");
        if (command.getSubcommands().isEmpty()) {
            page.append("\n## ").append(name).append("\n\n```text\n").append(command.getUsageMessage(CommandLine.Help.Ansi.OFF)).append("```\n");
        }
        command.getSubcommands().values().forEach(each -> append(page, each));
    }
}
