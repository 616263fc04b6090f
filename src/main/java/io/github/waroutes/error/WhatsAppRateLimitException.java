package io.github.waroutes.error;

import java.time.Duration;
import java.util.Map;

/** Too much, too fast: HTTP 429 and the limit codes. {@link #getScope()} says whose limit it is. */
public class WhatsAppRateLimitException extends WhatsAppException {

    private final Duration retryAfter;

    public WhatsAppRateLimitException(ErrorDetails details, Duration retryAfter) {
        super(details);
        this.retryAfter = retryAfter;
    }

    /**
     * What the server asked for, null if it did not say: Meta documents no {@code Retry-After}, and for pair limits
     * 4^X seconds, X = 0, 1, 2, … (Meta: about-the-platform). See also {@link #getMinimumWait()}.
     */
    public Duration getRetryAfter() {
        return retryAfter;
    }

    @Override
    protected void addTo(Map<String, Object> map) {
        map.put("retry_after_seconds", seconds(retryAfter));
    }
}
