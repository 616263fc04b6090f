package io.github.waroutes.simulator;

import io.github.waroutes.simulator.common.AtStart;
import io.github.waroutes.simulator.common.LoopbackOnly;
import io.github.waroutes.simulator.common.SimulatedNumbers;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Route;

/**
 * Refuses to start the simulator with anything of Meta's: a real token does not belong in a test process, and messages meant for the
 * simulator must not reach people. Failures are {@link IllegalArgumentException}s that name the property and say what to do.
 */
public class Safety extends AtStart {

    private static final String SENDS = "direct://whatsapp-send";

    private String graphUrl = "";

    /** A made-up token; tokens of Meta's begin with EAA and are long. */
    public void setAccessToken(String token) {
        if (SimulatedNumbers.looksReal(token)) {
            throw new IllegalArgumentException("whatsapp.access-token looks like a real one of Meta's, and the simulator's routes are"
                    + " loaded. Set a made-up token, or leave routes/simulator out of camel.main.routesIncludePattern.");
        }
    }

    /** Where a gateway in the same process sends; must be this machine then. Empty for Meta. */
    public void setGraphUrl(String url) {
        graphUrl = url.strip();
    }

    @Override
    protected void atStart(CamelContext started) {
        boolean gateway = started.getRoutes().stream().map(Route::getEndpoint).map(Endpoint::getEndpointUri)
                .anyMatch(uri -> uri.split("\\?", 2)[0].equals(SENDS));
        if (gateway && !LoopbackOnly.isLocal(graphUrl)) {
            throw new IllegalArgumentException("whatsapp.graph.url is not on this machine, and the simulator's routes are loaded. Set"
                    + " it to the simulator's address, such as http://127.0.0.1:8080/graph, or leave routes/simulator out of"
                    + " camel.main.routesIncludePattern.");
        }
    }
}
