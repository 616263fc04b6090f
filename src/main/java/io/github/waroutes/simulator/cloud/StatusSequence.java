package io.github.waroutes.simulator.cloud;

import io.github.waroutes.simulator.fault.FaultPlan;
import io.github.waroutes.simulator.fault.FaultPlan.Kind;
import io.github.waroutes.simulator.fault.MagicRecipient;
import io.github.waroutes.simulator.webhook.Deliveries;
import io.github.waroutes.simulator.webhook.OwedStatuses;
import io.github.waroutes.simulator.webhook.SentMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.support.SynchronizationAdapter;

/**
 * Which statuses a message of the business gets, and when. Source: WhatsApp Cloud API, "status messages webhook reference": sent,
 * delivered, read, and played for a voice message; delivered is left out when the chat is open; failed comes alone.
 */
public class StatusSequence {

    /** Exchange property: the statuses of the message, a list of text. */
    static final String STATUSES = "simulatorStatuses";

    private final FaultPlan faults;
    private final OwedStatuses owed;
    private int delay = 200;
    private double spread = 0.5;
    private long seed = 1;

    public StatusSequence(FaultPlan faults, OwedStatuses owed) {
        this.faults = faults;
        this.owed = owed;
    }

    /** Milliseconds before each status, on average. */
    public void setDelay(int delay) {
        if (delay < 0) {
            throw new IllegalArgumentException("whatsapp.simulator.status-delay is " + delay + ". Set 0 or more milliseconds.");
        }
        this.delay = delay;
    }

    /** The jitter of a delay, as a fraction of it; 0 for none. */
    public void setSpread(double spread) {
        if (!(spread >= 0 && spread <= 1)) {
            throw new IllegalArgumentException("whatsapp.simulator.status-spread is " + spread + ". Set 0 to 1.");
        }
        this.spread = spread;
    }

    /** The same seed gives the same delays: they depend on it, the user, the message's position, and the status. */
    public void setSeed(long seed) {
        this.seed = seed;
    }

    /** Whether statuses follow the accepted request; if so, counts them as pending. */
    public boolean follows(@Body GraphApi.Accepted accepted) {
        return accepted.message() != null && owed.begin();
    }

    /** The statuses of a message, one for each webhook. They are pending until the exchange is done. */
    public List<String> statuses(@ExchangeProperty("simulatorMessage") SentMessage message, Exchange exchange) {
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                owed.end();
            }
        });
        exchange.setProperty(Deliveries.USER, message.user().key());
        List<String> statuses = new ArrayList<>(
                message.failure() == null ? List.of("sent", "delivered", "read") : List.of("failed"));
        if (message.failure() == null && message.voice()) {
            statuses.add("played");
        }
        if (message.failure() == null && isStruck(message, Kind.STAYS_SENT)) {
            statuses.retainAll(List.of("sent"));
        } else if (message.failure() == null && isStruck(message, Kind.DELIVERED_SKIPPED)) {
            statuses.remove("delivered");
        }
        faults.reorder(statuses, message.user());
        exchange.setProperty(STATUSES, List.copyOf(statuses));
        return statuses;
    }

    private boolean isStruck(SentMessage message, Kind wanted) {
        return faults.take(FaultPlan.Endpoint.WEBHOOK, message.user().key(), kind -> kind == wanted).isPresent()
                || MagicRecipient.of(message.user()).filter(magic -> magic.kind() == wanted).isPresent();
    }

    /** The delay before this status in milliseconds. */
    public long pause(@ExchangeProperty("simulatorMessage") SentMessage message, @Body String status) {
        SplittableRandom random = new SplittableRandom(((seed * 31 + message.user().key().hashCode()) * 31
                + message.nth()) * 31 + status.hashCode());
        return Math.round(delay * (1 + spread * (2 * random.nextDouble() - 1)));
    }
}
