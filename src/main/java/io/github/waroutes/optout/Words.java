package io.github.waroutes.optout;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.waroutes.setting.CommaSeparated;

/** Words that mean something when they are all that a user writes, or stand on a line of their own, or on the button that the user taps. */
record Words(Set<String> words) {

    private static final Pattern AROUND = Pattern.compile("^[\\p{P}\\p{Z}\\s]+|[\\p{P}\\p{Z}\\s]+$");

    static Words of(String commaSeparated) {
        return new Words(CommaSeparated.values(commaSeparated).stream().map(Words::plain).collect(Collectors.toUnmodifiableSet()));
    }

    boolean isEmpty() {
        return words.isEmpty();
    }

    /** @param message Meta's message object */
    boolean isIn(Map<?, ?> message) {
        return !words.isEmpty() && said(message).flatMap(String::lines).map(Words::plain).anyMatch(words::contains);
    }

    private static Stream<String> said(Map<?, ?> message) {
        return switch (String.valueOf(message.get("type"))) {
            case "text" -> texts(message.get("text"), "body");
            case "button" -> texts(message.get("button"), "text", "payload");
            case "interactive" -> message.get("interactive") instanceof Map<?, ?> answer
                    ? Stream.concat(texts(answer.get("button_reply"), "title"), texts(answer.get("list_reply"), "title")) : Stream.empty();
            default -> Stream.empty();
        };
    }

    private static Stream<String> texts(Object object, String... names) {
        return object instanceof Map<?, ?> map ? Stream.of(names).map(map::get).filter(String.class::isInstance).map(String.class::cast) : Stream.empty();
    }

    private static String plain(String text) {
        return AROUND.matcher(text).replaceAll("").toLowerCase(Locale.ROOT);
    }
}
