package io.github.waroutes.simulator;

import org.apache.camel.spi.Registry;

/** Where webhooks go: the configured address, until the running simulator is told another one. */
public class SimulatorCallback {

    private String url;

    /** The address from the start; {@link LoopbackOnly} has seen that it is on this machine. */
    public void setUrl(String url) {
        this.url = url;
    }

    public String url(Registry registry) {
        return SimulatorState.in(registry).webhookUrl().orElse(url);
    }
}
