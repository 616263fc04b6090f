package io.github.waroutes.simulator.webhook;

import io.github.waroutes.simulator.fault.FaultPlan;
import io.github.waroutes.simulator.fault.FaultPlan.Kind;
import io.github.waroutes.simulator.fault.MagicRecipient;
import java.util.Set;
import org.apache.camel.ExchangeProperty;

/** Decides how each webhook is delivered: as Meta would, unless a fault is due. */
public class Deliveries {

    /** Exchange property: the user that a webhook is about. */
    public static final String USER = "simulatorUser";
    /** Exchange property: the {@link Delivery} of a webhook. */
    static final String DELIVERY = "simulatorDelivery";
    /** A magic user's webhooks are not slow: slowness is for the answer to a send. */
    private static final Set<Kind> MAGIC = Set.of(Kind.DUPLICATE_WEBHOOK, Kind.WRONG_SIGNATURE);

    private final FaultPlan faults;
    private final WebhookPool pool;

    public Deliveries(FaultPlan faults, WebhookPool pool) {
        this.faults = faults;
        this.pool = pool;
    }

    /** Before a webhook is posted. */
    public Delivery next(@ExchangeProperty(USER) String user) {
        return pool.isEnding() ? new Delivery(0, true, 0, null) : to(user);
    }

    /** The delivery of a webhook that is about this user. */
    public Delivery to(String user) {
        return faults.take(FaultPlan.Endpoint.WEBHOOK, user, kind -> !Kind.OF_CONTENT.contains(kind))
                .or(() -> MagicRecipient.of(user).filter(magic -> MAGIC.contains(magic.kind())).map(MagicRecipient::due))
                .map(due -> switch (due.kind()) {
                    case DUPLICATE_WEBHOOK -> new Delivery(2, true, 0, due.kind().toString());
                    case WRONG_SIGNATURE -> new Delivery(1, false, 0, due.kind().toString());
                    default -> new Delivery(1, true, due.delayMillis(), due.kind().toString());
                }).orElse(new Delivery(1, true, 0, null));
    }
}
