package io.github.waroutes.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Properties;

import io.github.waroutes.TestRedis;
import io.github.waroutes.state.RedisConnection;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.redisson.api.RMap;
import org.redisson.client.codec.ByteArrayCodec;

/** Against a real Redis server. */
class RedisDeliveryRouteTest extends DeliveryRouteContract {

    private static final String OPEN = "whatsapp:delivery-report:open";
    private static final String COMPLETED = "whatsapp:delivery-report:completed";

    @RegisterExtension
    static final TestRedis redis = new TestRedis();

    @Override
    @BeforeEach
    void startFirst() throws Exception {
        redis.empty();
        super.startFirst();
    }

    @Override
    void configure(DefaultCamelContext context, Properties properties) {
        properties.setProperty("whatsapp.redis.url", redis.url());
        context.getRegistry().bind("whatsappRedis", RedisConnection.class, redis.newConnection(), null, "close");
    }

    private RMap<byte[], byte[]> map(String name) {
        return redis.client().getMap(name, ByteArrayCodec.INSTANCE);
    }

    @Test
    void anUnfinishedReportOutlivesARestart() throws Exception {
        accepted("one");
        status("one", "sent", 1);
        assertThat(map(OPEN)).hasSize(1);
        context.stop();
        start(Map.of());
        status("one", "read", 3);
        assertThat(report(0)).extracting("state").isEqualTo("read");
        assertThat(report(0).get("times")).asInstanceOf(InstanceOfAssertFactories.MAP)
                .containsOnlyKeys("accepted", "sent", "read");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(map(COMPLETED)).isEmpty());
        assertThat(map(OPEN)).isEmpty();
    }

    @Test
    void afterARestartTimeStillEndsAReport() throws Exception {
        context.stop();
        start(Map.of("whatsapp.delivery-report.timeout", "1000"));
        accepted("one");
        context.stop();
        assertThat(map(OPEN)).hasSize(1);
        start(Map.of("whatsapp.delivery-report.timeout", "1000"));
        assertThat(report(0)).extracting("state", "complete").containsExactly("accepted", false);
    }

    @Test
    void eventsOnTwoNodesMakeOneReport() throws Exception {
        DefaultCamelContext first = context;
        accepted("one");
        start(Map.of());
        try {
            status("one", "delivered", 2);
            assertThat(map(OPEN)).hasSize(1);
            status("one", "read", 3);
            assertThat(report(0)).extracting("state").isEqualTo("read");
            assertThat(report(0).get("times")).asInstanceOf(InstanceOfAssertFactories.MAP).hasSize(3);
        } finally {
            first.stop();
        }
        assertThat(reports).hasSize(1);
    }

    @Test
    void whatRedisKeepsShowsNobody() {
        accepted("one");
        byte[] kept = map(OPEN).readAllValues().iterator().next();
        assertThat(new String(kept, StandardCharsets.ISO_8859_1)).contains("\"o\":\"one\"").doesNotContain(Statuses.PHONE);
    }

    @Test
    void aReportWhoseRouteFailsIsKeptAndClaimed() throws Exception {
        failures.set(1);
        accepted("one");
        status("one", "read", 3);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(failures).hasValue(0));
        assertThat(map(COMPLETED)).hasSize(1);
        // the claim keeps it from every node for a while; it is let go here, as if the node were gone for good
        assertThat(redis.client().getKeys().deleteByPattern(COMPLETED + ":claim:*")).isEqualTo(1);
        assertThat(report(0)).as("the whole report, its last event too").extracting("state", "complete").containsExactly("read", true);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(map(COMPLETED)).isEmpty());
        assertThat(reports).hasSize(1);
    }

    @Test
    void aReportOfANodeThatDiedIsHandledByAnotherOnceItsClaimIsOver() throws Exception {
        context.stop();
        RedisDeliveryReports dead = new RedisDeliveryReports("whatsapp:delivery-report:", Duration.ofSeconds(2));
        DefaultCamelContext gone = new DefaultCamelContext();
        gone.getRegistry().bind("whatsappRedis", redis.newConnection());
        dead.setCamelContext(gone);
        dead.start();
        Exchange read = new DefaultExchange(gone);
        read.getMessage().setBody("{\"outbound_id\":\"one\",\"state\":\"read\",\"times\":{}}");
        read.setProperty(Exchange.AGGREGATED_CORRELATION_KEY, "one");
        read.setProperty(Exchange.AGGREGATED_COMPLETED_BY, "predicate");
        dead.remove(gone, "one", read);
        RedisDeliveryReports alive = new RedisDeliveryReports("whatsapp:delivery-report:", Duration.ofSeconds(2));
        alive.setCamelContext(gone);
        alive.start();
        assertThat(alive.scan(gone)).as("while it is claimed").isEmpty();
        start(Map.of());
        assertThat(report(0)).extracting("outbound_id").isEqualTo("one");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(map(COMPLETED)).isEmpty());
        gone.getRegistry().findSingleByType(RedisConnection.class).close();
    }

    @Test
    void whatSomebodyElseWroteIntoTheMapMakesNoObjectOfTheirChoice() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(new PriorityQueue<>(List.of("x")));
        }
        accepted("one");
        byte[] key = map(OPEN).readAllKeySet().iterator().next();
        map(OPEN).fastPut(key, bytes.toByteArray());
        RedisDeliveryReports repository = (RedisDeliveryReports) context.getRegistry().lookupByName("whatsappDeliveryReports");
        String name = DeliveryReportKey.key("one");
        assertThatThrownBy(() -> repository.get(context, name)).hasStackTraceContaining("java.util.PriorityQueue");
    }

    @Test
    void withoutAConnectionTheStartSaysWhatIsMissing() throws Exception {
        context.stop();
        DefaultCamelContext without = newContext(Map.of());
        without.getRegistry().unbind("whatsappRedis");
        assertThatThrownBy(without::start).hasStackTraceContaining("Load routes/whatsapp/state.camel.yaml too");
        without.stop();
    }
}
