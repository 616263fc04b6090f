package io.github.waroutes.graph;

import org.apache.camel.component.http.HttpComponent;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.client5.http.socket.ConnectionSocketFactory;
import org.apache.hc.core5.http.config.Registry;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.util.TimeValue;

/**
 * Camel's HTTP component, whose pooled connections are looked at each time before a request is written. Else one that the other side has
 * closed meanwhile is used within two seconds of its last use, and a message that was never sent has an unknown outcome.
 */
public class CheckedConnections extends HttpComponent {

    @Override
    protected HttpClientConnectionManager createConnectionManager(Registry<ConnectionSocketFactory> registry, int maxTotalConnections,
            int connectionsPerRoute, SocketConfig socketConfig) {
        HttpClientConnectionManager connections = super.createConnectionManager(registry, maxTotalConnections, connectionsPerRoute, socketConfig);
        if (connections instanceof PoolingHttpClientConnectionManager pool) {
            pool.setDefaultConnectionConfig(ConnectionConfig.custom().setValidateAfterInactivity(TimeValue.ZERO_MILLISECONDS).build());
        }
        return connections;
    }
}
