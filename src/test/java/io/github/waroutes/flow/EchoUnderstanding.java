package io.github.waroutes.flow;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.github.waroutes.TestGateway;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;

/**
 * A user's own understanding hop, chosen with {@code whatsapp.understanding=mine}. It answers a text with {@code re: } and the
 * text, keeps what it heard, and can be made to wait and to fail.
 */
final class EchoUnderstanding extends RouteBuilder {

    /** What reached the hop. */
    record Heard(String text, Map<String, Object> headers) {
    }

    private final List<Heard> heard = new CopyOnWriteArrayList<>();
    private final Map<String, CountDownLatch> held = new ConcurrentHashMap<>();
    private final Set<String> failing = ConcurrentHashMap.newKeySet();

    @Override
    public void configure() {
        from("direct:whatsapp-understanding-mine").routeId("mine-understand").process(this::answer);
    }

    private void answer(Exchange exchange) throws InterruptedException {
        String text = exchange.getMessage().getBody(String.class);
        heard.add(new Heard(text, new TreeMap<>(exchange.getMessage().getHeaders())));
        CountDownLatch latch = text == null ? null : held.get(text);
        if (latch != null && !latch.await(TestGateway.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("never released");
        }
        if (text != null && failing.contains(text)) {
            throw new IllegalStateException("broken");
        }
        exchange.getMessage().setBody(List.of("re: " + text));
    }

    /** Makes the hop wait with this text until the latch is counted down. */
    CountDownLatch hold(String text) {
        return held.computeIfAbsent(text, any -> new CountDownLatch(1));
    }

    /** Makes the hop fail with this text. */
    void fail(String text) {
        failing.add(text);
    }

    List<String> texts() {
        return heard.stream().map(Heard::text).toList();
    }

    Heard heard(String text) {
        return heard.stream().filter(h -> text.equals(h.text())).findFirst().orElseThrow();
    }
}
