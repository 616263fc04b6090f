package io.github.waroutes.operate;

import java.util.Map;

import io.github.waroutes.queue.BrokerState;
import org.apache.camel.health.HealthCheckResultBuilder;

/**
 * The part {@code whatsapp-disk} of readiness: down while the embedded broker's disk has less room than {@code whatsapp.broker.min-free}.
 * Details {@code usable_bytes}, {@code floor_bytes}.
 */
public class DiskHealth extends HealthPart {

    public DiskHealth() {
        super("whatsapp-disk");
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        BrokerState broker = broker();
        if (broker == null || broker.floorBytes() == 0) {
            up(builder.detail("disk", "not watched"), "The disk is not watched: the broker is elsewhere, or whatsapp.broker.min-free is 0.");
            return;
        }
        builder.detail("usable_bytes", broker.usableBytes()).detail("floor_bytes", broker.floorBytes());
        if (broker.usableBytes() < broker.floorBytes()) {
            down(builder, "The disk of whatsapp.broker.directory is nearly full: webhooks cannot be stored.",
                    "Make room there, or lower whatsapp.broker.min-free.");
        } else {
            up(builder, "The disk of whatsapp.broker.directory has room.");
        }
    }
}
