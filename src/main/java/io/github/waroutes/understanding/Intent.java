package io.github.waroutes.understanding;

import java.util.List;

/**
 * One thing people ask, as an intents file states it.
 *
 * @param name     its name, unique in the file
 * @param examples how people ask for it; at least two
 * @param replies  the answer; one text per message, at least one, none blank
 */
public record Intent(String name, List<String> examples, List<String> replies) {

    public Intent {
        examples = List.copyOf(examples);
        replies = List.copyOf(replies);
    }
}
