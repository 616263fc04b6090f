package io.github.waroutes.optout;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * A person who wants no marketing messages.
 *
 * @param number the business number that it was told, Meta's id of it
 * @param users  the ids under which the person is known, the first one the name
 * @param since  ISO 8601
 * @param by     {@code word} (a STOP word), {@code user_preferences}, {@code refusal} (131050), {@code route} or {@code api}
 */
record OptOut(String number, List<String> users, String since, String by) {

    private static final ObjectMapper JSON = new ObjectMapper();

    Map<String, Object> told() {
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("opted_out", true);
        told.put("since", since);
        told.put("by", by);
        return told;
    }

    Instant at() {
        return Instant.parse(since);
    }

    String toJson() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static OptOut fromJson(String json) {
        try {
            return JSON.readValue(json, OptOut.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("An opt-out that was kept is not readable");
        }
    }
}
