package io.github.waroutes.error;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hc.client5.http.utils.DateUtils;

/** The answer's headers that errors are read from. Names are case-insensitive, values may be lists. */
final class Headers {

    /** Longer waits are taken for a mistake of the server: nobody asks to be left alone for a year. */
    static final Duration LONGEST_WAIT = Duration.ofDays(1);

    private static final Pattern MEDIA_TYPE = Pattern.compile("\\s*([A-Za-z0-9.+-]{1,40}/[A-Za-z0-9.+-]{1,60})\\s*(?:;.*)?");
    private static final Pattern SECONDS = Pattern.compile("\\d{1,18}");

    // the oldest form names no zone and pads the day with a second space; it means GMT like the others
    private static final DateTimeFormatter[] DATES = {
        DateUtils.FORMATTER_RFC1123, DateUtils.FORMATTER_RFC1036, DateUtils.FORMATTER_ASCTIME.withZone(ZoneOffset.UTC)};

    private final Map<String, ?> headers;

    Headers(Map<String, ?> headers) {
        this.headers = headers == null ? Map.of() : headers;
    }

    /** The first value of the header, null if there is none. */
    String first(String name) {
        return headers.entrySet().stream()
                .filter(header -> name.equalsIgnoreCase(header.getKey()))
                .map(header -> header.getValue() instanceof Collection<?> values
                        ? values.stream().filter(Objects::nonNull).findFirst().orElse(null)
                        : header.getValue())
                .filter(Objects::nonNull)
                .map(value -> value.toString().strip())
                .findFirst()
                .orElse(null);
    }

    /** {@code Content-Type} without its parameters, null if it is absent or not a media type. */
    String mediaType() {
        String value = first("Content-Type");
        Matcher matcher = MEDIA_TYPE.matcher(value == null ? "" : value);
        return matcher.matches() ? matcher.group(1) : null;
    }

    /** {@code Retry-After} as seconds or as a date in any of HTTP's three forms (RFC 9110, 10.2.3 and 5.6.7); null if neither. */
    Duration retryAfter(Clock clock) {
        String value = first("Retry-After");
        if (value == null) {
            return null;
        }
        if (SECONDS.matcher(value).matches()) {
            return bounded(Duration.ofSeconds(Long.parseLong(value)));
        }
        Instant date = DateUtils.parseDate(value.replaceAll(" +", " "), DATES);
        return date == null ? null : bounded(Duration.between(clock.instant(), date));
    }

    /**
     * How long until calls are allowed again: the longest {@code estimated_time_to_regain_access}, in minutes, of
     * {@code X-Business-Use-Case-Usage} (Meta: graph-api/overview/rate-limiting); null if it says none.
     */
    Duration regainAccess(ObjectMapper mapper) {
        String value = first("X-Business-Use-Case-Usage");
        if (value == null) {
            return null;
        }
        try {
            JsonNode usage = mapper.readTree(value);
            long minutes = usage.findValues("estimated_time_to_regain_access").stream()
                    .mapToLong(JsonNode::asLong).max().orElse(0);
            return minutes > 0 ? bounded(Duration.ofMinutes(Math.min(minutes, LONGEST_WAIT.toMinutes()))) : null;
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    private static Duration bounded(Duration wait) {
        if (wait.isNegative()) {
            return Duration.ZERO;
        }
        return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
    }
}
