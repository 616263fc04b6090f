package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

import io.github.waroutes.queue.QueueComponent;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What readiness says of the embedded broker and of its disk. */
class BrokerHealthTest {

    @TempDir
    Path directory;

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final QueueComponent queues = new QueueComponent();

    @AfterEach
    void stop() {
        context.stop();
    }

    private void start(long minFree) {
        queues.setUrl("vm://" + ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE));
        queues.setDirectory(directory.toString());
        queues.setMinFree(minFree);
        context.addComponent("whatsapp-queue", queues);
        context.start();
    }

    private HealthCheck.Result ask(ReadinessCheck check) {
        check.setCamelContext(context);
        assertThat(check.isReadiness()).isTrue();
        assertThat(check.isLiveness()).isFalse();
        return check.call();
    }

    @Test
    void aBrokerWithRoomIsReady() {
        start(1);
        assertThat(ask(new BrokerHealth()).getState()).isEqualTo(HealthCheck.State.UP);
        HealthCheck.Result disk = ask(new DiskHealth());
        assertThat(disk.getState()).isEqualTo(HealthCheck.State.UP);
        assertThat(disk.getDetails()).containsEntry("floor_bytes", 1L).containsKey("usable_bytes");
    }

    @Test
    void aDiskBelowItsFloorIsNotReady() {
        start(Long.MAX_VALUE);
        HealthCheck.Result disk = ask(new DiskHealth());
        assertThat(disk.getState()).isEqualTo(HealthCheck.State.DOWN);
        assertThat(disk.getMessage()).hasValueSatisfying(message -> assertThat(message).contains("whatsapp.broker.min-free"));
        assertThat(ask(new BrokerHealth()).getState()).isEqualTo(HealthCheck.State.UP);
    }

    @Test
    void withoutAFloorTheDiskIsNotWatched() {
        start(0);
        assertThat(ask(new DiskHealth()).getDetails()).containsEntry("disk", "not watched");
    }

    @Test
    void aBrokerThatIsNotThereIsNotReady() throws Exception {
        start(1);
        queues.stop();
        HealthCheck.Result broker = ask(new BrokerHealth());
        assertThat(broker.getState()).isEqualTo(HealthCheck.State.DOWN);
        assertThat(broker.getMessage()).contains("The queue is not started");
    }

    @Test
    void anApplicationWithQueuesOfItsOwnIsReady() {
        context.start();
        assertThat(ask(new BrokerHealth()).getState()).isEqualTo(HealthCheck.State.UP);
        assertThat(ask(new DiskHealth()).getState()).isEqualTo(HealthCheck.State.UP);
    }
}
