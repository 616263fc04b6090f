package io.github.waroutes.simulator.webhook;

import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.common.SimulatedNumber;
import io.github.waroutes.simulator.common.SimulatedNumbers;
import io.github.waroutes.simulator.webhook.CallbackHandshake.Asked;
import io.github.waroutes.simulator.webhook.Callbacks.Scope;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.support.SynchronizationAdapter;

/**
 * Places for those who wait, on a worker of this HTTP server, for an answer of this very server: as many of them as there are workers
 * would wait for one another. Whoever waits for another process needs no place.
 */
public class Places {

    private static final int SECONDS = 1;

    /** Fewer than the HTTP workers of any server that this runs in (Vert.x: 20). */
    private static final int MOST = 16;

    private final Callbacks callbacks;
    private final Semaphore free = new Semaphore(MOST);
    private String publicUrl;

    public Places(Callbacks callbacks) {
        this.callbacks = callbacks;
    }

    /** The address of this server. */
    public void setPublicUrl(String publicUrl) {
        this.publicUrl = publicUrl;
    }

    /**
     * Takes a place until the exchange is done, if webhooks go to this server.
     *
     * @throws Refusal 503 with {@code Retry-After} when all are taken
     */
    public void takeForWebhook(@ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number, Exchange exchange) {
        // the one of the number, and the one of the account
        if (Stream.of("messages", "account_update").map(field -> callbacks.of(field, number)).anyMatch(this::isHere)) {
            takeAlways(exchange);
        }
    }

    /**
     * Takes a place until the exchange is done, if a handshake is to be held with this server.
     *
     * @throws Refusal 503 with {@code Retry-After} when all are taken
     */
    public void takeForHandshake(@ExchangeProperty(CallbackHandshake.ASKED) Asked asked, Exchange exchange) {
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
     * Takes a place until the exchange is done.
     *
     * @throws Refusal 503 with {@code Retry-After} when all are taken
     */
    public void takeAlways(Exchange exchange) {
        if (!take(exchange)) {
            throw Refusal.plain(503, refusal()).after(SECONDS);
        }
    }

    private static String refusal() {
        return MOST + " calls already wait for this server to answer their webhook. Try it again in a second,"
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

    /** All addresses are of this machine, so the port tells. */
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
