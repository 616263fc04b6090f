package io.github.waroutes.simulator.webhook;

import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.common.SimulatedNumber;
import io.github.waroutes.simulator.common.SimulatedNumbers;
import io.github.waroutes.simulator.webhook.CallbackHandshake.RequestedCallback;
import io.github.waroutes.simulator.webhook.Callbacks.Scope;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.support.SynchronizationAdapter;

/**
 * Permits for requests that block an HTTP worker of this server while they wait for a response of this same server: if they took all
 * workers, they would deadlock. Waiting for another process needs no permit.
 */
public class WorkerPermits {

    private static final int SECONDS = 1;

    /** Fewer than the HTTP workers of any server that this runs in (Vert.x: 20). */
    private static final int MAX = 16;

    private final Callbacks callbacks;
    private final Semaphore free = new Semaphore(MAX);
    private String publicUrl;

    public WorkerPermits(Callbacks callbacks) {
        this.callbacks = callbacks;
    }

    /** The address of this server. */
    public void setPublicUrl(String publicUrl) {
        this.publicUrl = publicUrl;
    }

    /**
     * Takes a permit until the exchange is done, if webhooks go to this server.
     *
     * @throws Refusal 503 with {@code Retry-After} when all are taken
     */
    public void takeForWebhook(@ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number, Exchange exchange) {
        // the number's callback, and the account's
        if (Stream.of("messages", "account_update").map(field -> callbacks.of(field, number)).anyMatch(this::isHere)) {
            takeAlways(exchange);
        }
    }

    /**
     * Takes a permit until the exchange is done, if the handshake is with this server.
     *
     * @throws Refusal 503 with {@code Retry-After} when all are taken
     */
    public void takeForHandshake(@ExchangeProperty(CallbackHandshake.ASKED) RequestedCallback asked, Exchange exchange) {
        if (asked == null || asked.token() == null || !isHere(asked.url())) {
            return;
        }
        if (asked.scope() == Scope.APP) {
            takeAlways(exchange);
        } else if (!take(exchange)) {
            throw Refusal.graph(503, 2, null, "(#2) Service temporarily unavailable", refusal()).after(SECONDS);
        }
    }

    /**
     * Takes a permit until the exchange is done.
     *
     * @throws Refusal 503 with {@code Retry-After} when all are taken
     */
    public void takeAlways(Exchange exchange) {
        if (!take(exchange)) {
            throw Refusal.plain(503, refusal()).after(SECONDS);
        }
    }

    private static String refusal() {
        return MAX + " calls already wait for this server to answer their webhook. Try it again in a second,"
                + " or let /simulator/load talk for many users";
    }

    private boolean take(Exchange exchange) {
        if (!free.tryAcquire()) {
            return false;
        }
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                free.release();
            }
        });
        return true;
    }

    /** All addresses are on this machine, so the port decides. */
    private boolean isHere(String url) {
        return port(url).filter(port -> port(publicUrl).filter(port::equals).isPresent()).isPresent();
    }

    private static Optional<Integer> port(String url) {
        try {
            URI uri = URI.create(url);
            return Optional.of(uri.getPort() >= 0 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
