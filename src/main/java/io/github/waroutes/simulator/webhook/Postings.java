package io.github.waroutes.simulator.webhook;

import io.github.waroutes.simulator.call.CallLog;
import io.github.waroutes.simulator.call.LoggedBody;
import io.github.waroutes.simulator.call.LoggedCall;
import io.github.waroutes.simulator.call.LoggedCall.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;
import org.apache.camel.Message;

/** Records each webhook that is posted, and its response. */
public class Postings {

    /** Exchange property: the repeated call. */
    public static final String REPLAYED = "simulatorReplayed";
    /** Exchange property: the result of the repetition, a call or the ticket by which it is found. */
    public static final String REPETITION = "simulatorRepetition";
    private static final String POSTING = "simulatorPosting";

    private final CallLog log;

    public Postings(CallLog log) {
        this.log = log;
    }

    private record Posting(Instant at, long began, List<Map.Entry<String, String>> headers, byte[] body) {
    }

    /** Before a webhook is posted, each time. */
    public void posting(@ExchangeProperty(WebhookRetries.ATTEMPTS) int attempts, Exchange exchange) {
        exchange.setProperty(WebhookRetries.ATTEMPTS, attempts + 1);
        Message message = exchange.getMessage();
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (String name : List.of("X-Hub-Signature-256", "Content-Type", "User-Agent")) {
            headers.add(Map.entry(name, message.getHeader(name, "", String.class)));
        }
        exchange.setProperty(POSTING, new Posting(Instant.now(), System.nanoTime(), headers, message.getBody(byte[].class)));
    }

    /**
     * Records a webhook that was posted, with its response.
     *
     * @param status null when there was no answer
     * @return the HTTP status, 0 for none
     */
    public int posted(@Header(Exchange.HTTP_RESPONSE_CODE) Integer status, @Body InputStream body,
            @ExchangeProperty(POSTING) Posting posting, @ExchangeProperty(WebhookRetries.ATTEMPTS) int attempts,
            @ExchangeProperty(Deliveries.DELIVERY) Delivery delivery, Exchange exchange) throws IOException {
        byte[] answer = status == null || body == null ? null : body.readNBytes(LoggedBody.MAX_SHOWN + 1);
        LoggedCall replayed = exchange.getProperty(REPLAYED, LoggedCall.class);
        LoggedCall call = log.add(new LoggedCall.Facts(posting.at(), Kind.WEBHOOK, "POST",
                pathOf(exchange.getProperty(Exchange.TO_ENDPOINT, "", String.class)), posting.headers(), status == null ? 0 : status,
                (System.nanoTime() - posting.began()) / 1e6, exchange.getProperty(Deliveries.USER, String.class),
                delivery == null ? null : delivery.fault(), attempts,
                replayed == null ? null : replayed.seq(), null, null),
                LoggedBody.of(posting.body(), "application/json"), LoggedBody.of(answer, null));
        if (replayed != null) {
            exchange.setProperty(REPETITION, call);
        }
        return call.facts().status();
    }

    private static String pathOf(String endpoint) {
        try {
            String path = URI.create(endpoint.split("\\?", 2)[0]).getPath();
            return path == null || path.isEmpty() ? "/" : path;
        } catch (IllegalArgumentException e) {
            return "/";
        }
    }
}
