package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.waroutes.queue.BrokerState;
import io.github.waroutes.queue.QueueComponent;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What each part of health says: what is wrong, what to do, and whether it helps to send webhooks elsewhere, or to restart. */
class HealthPartsTest {

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

    private HealthCheck.Result ask(HealthPart part) {
        part.setCamelContext(context);
        assertThat(part.isReadiness()).isEqualTo(!(part instanceof ProcessHealth) && !(part instanceof StartHealth));
        assertThat(part.isLiveness()).isEqualTo(part instanceof ProcessHealth);
        HealthCheck.Result result = part.call();
        assertThat(result.getDetails()).containsKey("reason");
        assertThat(result.getMessage().orElseThrow()).startsWith(result.getDetails().get("reason").toString());
        if (result.getState() == HealthCheck.State.DOWN) {
            assertThat(result.getMessage().orElseThrow()).endsWith(result.getDetails().get("what_to_do").toString());
        }
        return result;
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
        assertThat(broker.getMessage().orElseThrow()).startsWith("The queue is not started: webhooks are answered with 503")
                .contains("See whether the broker runs");
        assertThat(ask(new ProcessHealth()).getState()).as("it comes back by itself").isEqualTo(HealthCheck.State.UP);
    }

    @Test
    void aBrokerThatFailedForGoodIsNotAlive() {
        BrokerState failed = new BrokerState() {
            @Override
            public boolean up() {
                return false;
            }

            @Override
            public String problem() {
                return "The journal cannot be written";
            }

            @Override
            public long usableBytes() {
                return 0;
            }

            @Override
            public long floorBytes() {
                return 0;
            }

            @Override
            public boolean fatal() {
                return true;
            }
        };
        context.addComponent("whatsapp-queue", new QueueComponent() {
            @Override
            public BrokerState brokerState() {
                return failed;
            }
        });
        for (HealthPart part : List.of(new ProcessHealth(), new BrokerHealth())) {
            HealthCheck.Result result = ask(part);
            assertThat(result.getState()).isEqualTo(HealthCheck.State.DOWN);
            assertThat(result.getMessage().orElseThrow()).isEqualTo("The journal cannot be written. " + ProcessHealth.RESTART);
        }
    }

    @Test
    void threadsThatWaitForEachOtherForEverAreNotAlive() throws Exception {
        List<ReentrantLock> locks = List.of(new ReentrantLock(), new ReentrantLock());
        CyclicBarrier bothHaveOne = new CyclicBarrier(2);
        List<Thread> threads = IntStream.range(0, 2).mapToObj(i -> new Thread(() -> {
            try {
                locks.get(i).lockInterruptibly();
                bothHaveOne.await();
                locks.get(1 - i).lockInterruptibly();
            } catch (Exception e) {
                // the end of the test
            }
        })).toList();
        threads.forEach(Thread::start);
        try {
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() ->
                    assertThat(ask(new ProcessHealth()).getState()).isEqualTo(HealthCheck.State.DOWN));
        } finally {
            threads.forEach(Thread::interrupt);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(ask(new ProcessHealth()).getState()).isEqualTo(HealthCheck.State.UP);
    }

    @Test
    void anOutageOfGraphIsNoReasonToSendWebhooksElsewhere() {
        CircuitBreaker breaker = CircuitBreaker.ofDefaults("graph");
        context.getRegistry().bind("whatsappGraphBreaker", breaker);
        assertThat(ask(new GraphHealth()).getDetails()).containsEntry("breaker", "CLOSED");
        breaker.transitionToOpenState();
        HealthCheck.Result graph = ask(new GraphHealth());
        assertThat(graph.getState()).isEqualTo(HealthCheck.State.UP);
        assertThat(graph.getMessage().orElseThrow()).contains("messages wait in their queues", "https://metastatus.com");
        assertThat(graph.getDetails()).containsEntry("breaker", "OPEN").containsKey("what_to_do");
        breaker.transitionToHalfOpenState();
        assertThat(ask(new GraphHealth()).getMessage()).contains("The Graph API is tried again after an outage.");
    }

    @Test
    void theStartIsOverOnceAndForAllAndTheRoutesAreReadyInBetween() throws Exception {
        StartHealth start = new StartHealth();
        RoutesHealth routes = new RoutesHealth();
        routes.setCamelContext(context);
        routes.watch();
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:webhook").routeId("webhook-accept").setBody().constant("x");
                from("direct:mine").routeId("mine").setBody().constant("x");
                from("direct:later").routeId("later").autoStartup(false).setBody().constant("x");
            }
        });
        assertThat(ask(start).getState()).isEqualTo(HealthCheck.State.DOWN);
        assertThat(ask(routes).getMessage().orElseThrow()).startsWith("The gateway starts");

        context.start();
        assertThat(ask(start).getState()).isEqualTo(HealthCheck.State.UP);
        assertThat(ask(routes).getMessage()).contains("All 3 routes run.");
        context.getRouteController().stopRoute("mine");
        HealthCheck.Result still = ask(routes);
        assertThat(still.getState()).as("webhooks are stored all the same").isEqualTo(HealthCheck.State.UP);
        assertThat(still.getMessage().orElseThrow()).startsWith("Of 3 routes these do not run: mine.");
        context.getRouteController().stopRoute("webhook-accept");
        assertThat(ask(routes).getState()).isEqualTo(HealthCheck.State.DOWN);
        context.removeRoute("webhook-accept");
        assertThat(ask(routes).getMessage().orElseThrow()).startsWith("The route webhook-accept does not run");

        context.stop();
        assertThat(ask(start).getState()).isEqualTo(HealthCheck.State.UP);
        HealthCheck.Result stopped = ask(routes);
        assertThat(stopped.getState()).isEqualTo(HealthCheck.State.DOWN);
        assertThat(stopped.getMessage().orElseThrow()).startsWith("The gateway stops");
    }

    @Test
    void anApplicationWithQueuesOfItsOwnIsReady() {
        context.start();
        assertThat(ask(new BrokerHealth()).getState()).isEqualTo(HealthCheck.State.UP);
        assertThat(ask(new DiskHealth()).getState()).isEqualTo(HealthCheck.State.UP);
    }
}
