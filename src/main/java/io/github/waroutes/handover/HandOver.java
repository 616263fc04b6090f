package io.github.waroutes.handover;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * A conversation in which the bot is silent.
 *
 * @param number the business number, Meta's id of it
 * @param users  the ids under which the person is known, the first one the name; or a group
 * @param since  ISO 8601
 * @param until  when it ends by itself, ISO 8601; null: when somebody ends it
 * @param by     who has begun it: {@code route}, {@code api}, {@code management}, or {@link #META}
 * @param reason in somebody's words, or null
 */
record HandOver(String number, List<String> users, String since, String until, String by, String reason) {

    /** Meta's own agent holds the conversation. */
    static final String META = "meta";

    private static final ObjectMapper JSON = new ObjectMapper();

    boolean isOver(Instant now) {
        return until != null && !now.isBefore(Instant.parse(until));
    }

    /** What a caller is told, without who it is. */
    Map<String, Object> told() {
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("silent", true);
        told.put("since", since);
        put(told, "until", until);
        told.put("by", by);
        put(told, "reason", reason);
        return told;
    }

    private static void put(Map<String, Object> told, String name, String value) {
        if (value != null) {
            told.put(name, value);
        }
    }

    String toJson() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static HandOver fromJson(String json) {
        try {
            return JSON.readValue(json, HandOver.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A hand-over that was kept is not readable");
        }
    }
}
