package io.github.waroutes.simulator.webhook;

import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * The HTTP client for webhooks. By default Apache HttpClient repeats a POST that was answered 429 or 503, which is for the simulator's
 * routes to decide; and it reuses a connection of the last two seconds unchecked, which a restarted application has closed.
 */
public class WebhookClient implements HttpClientConfigurer {

    private static final int CONNECTIONS = 128;
    private static final Timeout CONNECT = Timeout.ofSeconds(5);

    @Override
    public void configureHttpClient(HttpClientBuilder client) {
        client.disableAutomaticRetries().setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                .setMaxConnPerRoute(CONNECTIONS).setMaxConnTotal(2 * CONNECTIONS)
                .setDefaultConnectionConfig(ConnectionConfig.custom().setConnectTimeout(CONNECT)
                        .setValidateAfterInactivity(TimeValue.ZERO_MILLISECONDS).build()).build());
    }
}
