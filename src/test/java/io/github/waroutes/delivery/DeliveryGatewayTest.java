package io.github.waroutes.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Instant;

import io.github.waroutes.TestGateway;
import io.github.waroutes.TestRedis;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole gateway with a real Redis: the beans of this room find the one connection, whatever the order of the files. */
class DeliveryGatewayTest {

    @Test
    void theGatewayCollectsReportsOverItsOneConnection(@TempDir Path directory) throws Exception {
        try (TestRedis redis = TestRedis.started();
                TestGateway gateway = new TestGateway(directory).with("whatsapp.redis.url", redis.url()).start()) {
            DeliveryTracker tracker = gateway.camel().getRegistry().lookupByNameAndType("whatsappDeliveries", DeliveryTracker.class);
            for (DeliveryChange change : new DeliveryChange[] {tracker.accepted("one", Statuses.NUMBER, "wamid.a", Instant.now()),
                tracker.status(Statuses.status("wamid.a", "read", Instant.now()), Statuses.NUMBER, null)}) {
                gateway.camel().createProducerTemplate().sendBody("direct:whatsapp-delivery-collect", change.event());
            }
            await().atMost(TestGateway.LIMIT)
                    .untilAsserted(() -> assertThat(gateway.counter("whatsapp.delivery.reports", "state", "read")).isEqualTo(1));
            assertThat(redis.client().getKeys().getKeysStream()).filteredOn(key -> key.startsWith("whatsapp:delivery:message:")).hasSize(1);
        }
    }
}
