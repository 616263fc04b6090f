package io.github.waroutes.simulator.common;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Set;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/** The clock of Graph's {@code Date} header, which may be ahead of this machine's or behind it. */
public class GraphClock {

    private static final int LONGEST = 31_536_000;

    private volatile Duration ahead = Duration.ZERO;

    /** Writes the time into the HTTP answer to come; Camel would filter such a header of its message. */
    public void stamp(Exchange exchange) {
        if (exchange.getMessage() instanceof HttpMessage message) {
            message.getResponse().putHeader("Date", DateTimeFormatter.RFC_1123_DATE_TIME.format(Instant.now().plus(ahead).atOffset(ZoneOffset.UTC)));
        }
    }

    /** {@code POST /simulator/clock {"ahead_seconds":300}}: below 0 it is behind. */
    public String set(@Header("Content-Type") String contentType, @Body byte[] body) {
        JsonNode request = ControlRequest.object(contentType, body, "{\"ahead_seconds\":300}");
        ControlRequest.only(request, Set.of("ahead_seconds"), "The body takes ahead_seconds; nothing else");
        JsonNode seconds = request.path("ahead_seconds");
        if (!seconds.isInt() || Math.abs(seconds.intValue()) > LONGEST) {
            throw Refusal.plain(400, "ahead_seconds must be a whole number of seconds, of a year at the most");
        }
        setAhead(Duration.ofSeconds(seconds.intValue()));
        return "{\"ahead_seconds\":" + seconds.intValue() + "}";
    }

    /** @param ahead how far it is ahead of this machine's clock; negative: behind */
    public void setAhead(Duration ahead) {
        this.ahead = ahead;
    }
}
