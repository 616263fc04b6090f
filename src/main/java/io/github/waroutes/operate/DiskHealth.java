package io.github.waroutes.operate;

import java.util.Map;

import io.github.waroutes.queue.BrokerState;
import org.apache.camel.health.HealthCheckResultBuilder;

/**
 * The readiness check {@code whatsapp-disk}: down while the embedded broker's disk has less room than {@code whatsapp.broker.min-free}.
 * Details {@code usable_bytes}, {@code floor_bytes}.
 */
public class DiskHealth extends ReadinessCheck {

    public DiskHealth() {
        super("whatsapp-disk");
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        BrokerState broker = broker();
        if (broker == null || broker.floorBytes() == 0) {
            builder.detail("disk", "not watched").up();
            return;
        }
        builder.detail("usable_bytes", broker.usableBytes()).detail("floor_bytes", broker.floorBytes());
        if (broker.usableBytes() < broker.floorBytes()) {
            builder.message("The disk of whatsapp.broker.directory is nearly full: make room, or lower whatsapp.broker.min-free").down();
        } else {
            builder.up();
        }
    }
}
