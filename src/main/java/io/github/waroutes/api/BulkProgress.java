package io.github.waroutes.api;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * How far a bulk has come.
 *
 * @param id       of the bulk
 * @param status   {@code running}, {@code done} or {@code stopped}
 * @param reader   who reads it now, a random word
 * @param digest   of the lines so far, and of the number that sends
 * @param updated  milliseconds since 1970
 * @param lines    how many lines were read, blank ones too
 * @param accepted how many of them are in the queue, durably
 * @param refused  how many will not be sent
 * @param problems the first of those: line and what is wrong, never its content
 */
record BulkProgress(String id, String status, String reader, String digest, long updated, int lines, int accepted, int refused,
        List<Map<String, Object>> problems) {

    static final String RUNNING = "running";
    static final String DONE = "done";
    static final String STOPPED = "stopped";

    private static final ObjectMapper JSON = new ObjectMapper();

    static BulkProgress read(String text) {
        try {
            return JSON.readValue(text, BulkProgress.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("What is known of a bulk cannot be read: " + e.getOriginalMessage());
        }
    }

    String write() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e.getOriginalMessage());
        }
    }

    BulkProgress as(String newStatus, String newReader, long now) {
        return new BulkProgress(id, newStatus, newReader, digest, now, lines, accepted, refused, problems);
    }

    /** What a caller is told. */
    Map<String, Object> answer() {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("id", id);
        answer.put("status", status);
        answer.put("lines", lines);
        answer.put("accepted", accepted);
        answer.put("refused", refused);
        answer.put("problems", problems);
        return answer;
    }
}
