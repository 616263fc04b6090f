package io.github.waroutes.setting;

import java.util.List;

/** What is wrong with a configuration, all of it; the message can be shown as it is, and holds no secret. */
public class SettingsException extends IllegalArgumentException {

    private final List<String> problems;

    /** @param problems sentences, at least one */
    public SettingsException(List<String> problems) {
        super(problems.size() == 1 ? problems.get(0)
                : problems.size() + " settings are wrong:\n  " + String.join("\n  ", problems));
        this.problems = List.copyOf(problems);
    }

    public List<String> getProblems() {
        return problems;
    }
}
