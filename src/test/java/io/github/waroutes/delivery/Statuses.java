package io.github.waroutes.delivery;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Meta's status objects. */
public final class Statuses {

    public static final String PHONE = "16505550123";
    public static final String USER = "US.13491208655302741918";
    public static final String NUMBER = "106540352242922";
    public static final Map<String, Object> NUMBER_HEADER = Map.of("WhatsAppPhoneNumberId", NUMBER);

    private Statuses() {
    }

    public static Map<String, Object> status(String wamid, String state, Instant at) {
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("id", wamid);
        status.put("status", state);
        status.put("timestamp", Long.toString(at.getEpochSecond()));
        status.put("recipient_id", PHONE);
        status.put("recipient_user_id", USER);
        return status;
    }

    public static Map<String, Object> with(Map<String, Object> status, String key, Object value) {
        status.put(key, value);
        return status;
    }

    public static Map<String, Object> failed(String wamid, int code, Instant at) {
        return with(status(wamid, "failed", at), "errors", List.of(Map.of("code", code, "title", "Message undeliverable",
                "error_data", Map.of("details", "Message to +" + PHONE + " could not be delivered."))));
    }
}
