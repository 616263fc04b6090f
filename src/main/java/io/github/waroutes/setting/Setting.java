package io.github.waroutes.setting;

import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * One property, as {@code whatsapp/settings.json} describes it.
 *
 * @param name         its key
 * @param type         what its value is
 * @param defaultValue what holds if it is not set; null if it must be set
 * @param required     whether it must be set
 * @param secret       whether nobody may be shown its value
 * @param unit         of a number
 * @param minimum      of a number, or null
 * @param maximum      of a number, or null
 * @param values       of a {@link Type#CHOICE}
 * @param pattern      a regular expression for the whole of a text or an address, or null
 * @param hint         what to do about a wrong value, or null
 * @param needs        the setting that must be set as well, or null
 * @param unless       the values with which that is not needed
 * @param number       its short key for one number of several, as in {@code whatsapp.numbers.NAME.access-token}; null: it is not for one
 * @param common       whether it is in the README's short table
 * @param description  one line, Markdown
 */
public record Setting(String name, Type type, @JsonProperty("default") String defaultValue, boolean required, boolean secret, String unit,
        BigDecimal minimum, BigDecimal maximum, List<String> values, String pattern, String hint, String needs, List<String> unless,
        String number, boolean common, String description) {

    /** What a value is. An {@code ENDPOINT} is a Camel endpoint URI, {@code DIGITS} an id of Meta's, a {@code DURATION} as in 6s or 10m. */
    public enum Type {
        @JsonProperty("text") TEXT,
        @JsonProperty("digits") DIGITS,
        @JsonProperty("integer") INTEGER,
        @JsonProperty("number") NUMBER,
        @JsonProperty("boolean") BOOLEAN,
        @JsonProperty("duration") DURATION,
        @JsonProperty("choice") CHOICE,
        @JsonProperty("url") URL,
        @JsonProperty("endpoint") ENDPOINT,
        @JsonProperty("directory") DIRECTORY
    }

    /**
     * What is wrong with a value.
     *
     * @param value white space around it is none of it; null if it is not set
     * @return one sentence that begins with the key and does not show a secret, or null
     */
    public String problem(String value) {
        String given = value == null ? "" : value.strip();
        if (given.isEmpty()) {
            return required ? name + " is not set. It is required: " + wanted() + '.'
                    : value == null || "".equals(defaultValue) || type == Type.TEXT ? null : name + " is empty: " + wanted() + '.';
        }
        if (isRight(given)) {
            return null;
        }
        // an id may have been mistaken for a person's number
        String shown = secret || type == Type.DIGITS ? " is wrong: " : " is " + given.replaceAll("\\R", " ") + ": ";
        return name + shown + wanted() + '.';
    }

    private boolean isRight(String given) {
        return switch (type) {
            case TEXT -> pattern == null || given.matches(pattern);
            case DIGITS -> given.matches("\\d{1,32}");
            case INTEGER -> given.matches("[+-]?\\d{1,19}") && inRange(new BigDecimal(given));
            case NUMBER -> given.matches("[+-]?\\d{1,19}(\\.\\d{1,19})?") && inRange(new BigDecimal(given));
            case BOOLEAN -> given.equalsIgnoreCase("true") || given.equalsIgnoreCase("false");
            case DURATION -> given.matches("\\d{1,15}|(\\d{1,9}(ms|[dhms]))+");
            case CHOICE -> values.contains(given);
            case URL -> isUrl(given) && (pattern == null || given.matches(pattern));
            case ENDPOINT -> given.matches("[A-Za-z][A-Za-z0-9+.-]*:\\S+");
            case DIRECTORY -> given.indexOf('\0') < 0;
        };
    }

    private boolean inRange(BigDecimal number) {
        return (minimum == null || number.compareTo(minimum) >= 0) && (maximum == null || number.compareTo(maximum) <= 0);
    }

    private static boolean isUrl(String given) {
        try {
            URI url = new URI(given);
            return url.getScheme() != null && url.getHost() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** What to give, as the end of a sentence. */
    String wanted() {
        if (hint != null) {
            return hint;
        }
        String in = unit == null ? "" : " (" + unit + ")";
        return switch (type) {
            case TEXT -> "give " + (pattern == null ? "a text" : "what matches " + pattern);
            case DIGITS -> "give the digits of the id";
            case INTEGER -> "give a whole number" + in + range();
            case NUMBER -> "give a number" + in + range();
            case BOOLEAN -> "give true or false";
            case DURATION -> "give a duration, as in 500ms, 6s or 10m";
            case CHOICE -> "give one of " + String.join(", ", values);
            case URL -> "give a whole address, as in https://example.com/path";
            case ENDPOINT -> "give an endpoint of Camel, as in direct:my-route";
            case DIRECTORY -> "give a directory";
        };
    }

    private String range() {
        if (maximum == null || maximum.compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) >= 0) {
            return minimum == null ? "" : " of at least " + minimum.toPlainString();
        }
        return " from " + minimum.toPlainString() + " to " + maximum.toPlainString();
    }

    /** The same for one number: under another name, and not required, as it is inherited. */
    public Setting as(String otherName) {
        return new Setting(otherName, type, required ? "" : defaultValue, false, secret, unit, minimum, maximum, values, pattern, hint, null,
                null, number, common, description);
    }

    /** The environment variable that sets it, as Camel reads it. */
    public String variable() {
        return variable(name);
    }

    static String variable(String key) {
        return key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}
