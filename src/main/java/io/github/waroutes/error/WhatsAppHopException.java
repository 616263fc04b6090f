package io.github.waroutes.error;

import java.util.Map;

/** A server of our own, such as transcription or understanding, answered with an error. */
public class WhatsAppHopException extends WhatsAppException {

    private final String hop;

    public WhatsAppHopException(ErrorDetails details, String hop) {
        super(details);
        this.hop = hop;
    }

    /** Which server: {@code transcription}, {@code understanding}. */
    public String getHop() {
        return hop;
    }

    @Override
    protected void addTo(Map<String, Object> map) {
        map.put("hop", hop);
    }
}
