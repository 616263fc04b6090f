package io.github.waroutes.setting;

import java.util.Arrays;
import java.util.List;

/** A setting that holds several values with commas between them. */
public final class CommaSeparated {

    private CommaSeparated() {
    }

    /** The values in their order, without the white space around them; empty ones are left out, and null has none. */
    public static List<String> values(String setting) {
        return setting == null ? List.of()
                : Arrays.stream(setting.split(",")).map(String::strip).filter(value -> !value.isEmpty()).toList();
    }
}
