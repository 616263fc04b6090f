package io.github.waroutes.simulator.cloud;

import io.github.waroutes.error.Causes;
import io.github.waroutes.simulator.common.AtStart;
import io.github.waroutes.simulator.common.Refusal;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.Arrays;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;

/**
 * Graph's error shape also for Graph requests that the HTTP server refuses before they reach their route: a body that is too large, or a
 * form that cannot be parsed. Other addresses of the same server are not affected.
 */
public class GraphHttpErrors extends AtStart {

    @Override
    protected void atStart(CamelContext started) {
        for (VertxPlatformHttpRouter router : started.getRegistry().findByType(VertxPlatformHttpRouter.class)) {
            router.route("/graph/*").failureHandler(GraphHttpErrors::answer);
        }
    }

    private static void answer(RoutingContext request) {
        HttpServerResponse response = request.response();
        if (response.headWritten()) {
            request.next();
            return;
        }
        int status = request.statusCode() < 400 ? 500 : request.statusCode();
        if (status == 500 && isOfForm(request.failure())) {
            status = 400;
        }
        Refusal fault = switch (status) {
            case 413 -> Refusal.graph(status, 100, null, "(#100) Invalid parameter",
                    "The request is larger than camel.server.maxBodySize");
            case 500 -> Refusal.graph(status, 1, null, "An unknown error has occurred.", null);
            default -> Refusal.graph(status, 100, null, "(#100) Invalid parameter", "The request or its form cannot be read");
        };
        response.setStatusCode(status).putHeader("Content-Type", fault.getContentType()).end(fault.getBody());
    }

    /** Netty 4.1 fails by itself, and without a type of its own, where a form has an empty boundary. */
    private static boolean isOfForm(Throwable failure) {
        return Causes.find(DecoderException.class, failure) != null || failure != null && Arrays.stream(failure.getStackTrace())
                .anyMatch(step -> step.getClassName().startsWith(HttpPostRequestDecoder.class.getPackageName()));
    }
}
