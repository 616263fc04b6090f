package io.github.waroutes.simulator.cloud;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.waroutes.simulator.common.Refusal;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The response to an internal failure: Graph's unknown error for Graph requests, never a stack trace. */
public class UnexpectedFailure {

    private static final Logger LOG = LoggerFactory.getLogger(UnexpectedFailure.class);

    /** The body of an answer with HTTP 500: {@code {"error":{…,"code":1,…}}}, or {@code {"error":"…"}} outside Graph. */
    public String answer(Exchange exchange) {
        Throwable failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        // without its message, which may quote user input
        LOG.error("The simulator failed: {} at {}", failure == null ? null : failure.getClass().getName(),
                failure == null || failure.getStackTrace().length == 0 ? null : failure.getStackTrace()[0]);
        boolean graph = exchange.getFromEndpoint() != null && exchange.getFromEndpoint().getEndpointUri().contains("/graph");
        return graph ? Refusal.graph(500, 1, null, "An unknown error has occurred.", null).getBody()
                : JsonNodeFactory.instance.objectNode().put("error", "The simulator failed; its log names where").toString();
    }
}
