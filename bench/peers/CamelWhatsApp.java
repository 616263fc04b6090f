import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.whatsapp.model.TextMessage;
import org.apache.camel.component.whatsapp.model.TextMessageRequest;
import org.apache.camel.main.Main;

/**
 * camel-whatsapp 4.18.0 in a Camel Main. {@code webhook PORT SECRET} serves its webhook, with two steps that it lacks before 4.18.3: the check of
 * the signature, and the parsing. {@code send PORT SECONDS} sends texts, 64 in flight, to what listens at the port, and writes the rate of each
 * round on a line, in sends a second and microseconds of processor time a send, until it is stopped.
 */
public final class CamelWhatsApp {

    private static final String NUMBER = "106540352242922";
    private static final int IN_FLIGHT = 64;

    private CamelWhatsApp() {
    }

    public static void main(String[] args) throws Exception {
        Main main = new Main();
        if ("webhook".equals(args[0])) {
            main.configure().addRoutesBuilder(webhook(args[1], args[2]));
            main.run();
            return;
        }
        String to = "whatsapp:" + NUMBER + "?authorizationToken=bench-token&baseUri=http://127.0.0.1:" + args[1];
        main.configure().addRoutesBuilder(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:send").to(to);
            }
        });
        main.start();
        ProducerTemplate template = main.getCamelContext().createProducerTemplate();
        while (true) {
            round(template, Integer.parseInt(args[2]));
        }
    }

    private static RouteBuilder webhook(String port, String secret) {
        ThreadLocal<Mac> macs = ThreadLocal.withInitial(() -> mac(secret));
        ObjectMapper json = new ObjectMapper();
        return new RouteBuilder() {
            @Override
            public void configure() {
                restConfiguration().component("netty-http").host("127.0.0.1").port(port);
                from("webhook:whatsapp:" + NUMBER + "?authorizationToken=bench-token&webhookVerifyToken=bench-verify-token"
                        + "&webhookComponentName=netty-http&webhookAutoRegister=false")
                        .process(exchange -> {
                            byte[] body = exchange.getMessage().getBody(byte[].class);
                            if (!signed(macs.get(), body, exchange.getMessage().getHeader("X-Hub-Signature-256", String.class))) {
                                exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, 401);
                                exchange.setRouteStop(true);
                                return;
                            }
                            exchange.setProperty("webhook", json.readTree(body));
                        });
            }
        };
    }

    private static Mac mac(String secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return mac;
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean signed(Mac mac, byte[] body, String signature) {
        return signature != null && signature.length() == 71
                && MessageDigest.isEqual(mac.doFinal(body), HexFormat.of().parseHex(signature, "sha256=".length(), 71));
    }

    private static void round(ProducerTemplate template, int seconds) throws InterruptedException, IOException {
        AtomicInteger done = new AtomicInteger();
        AtomicBoolean over = new AtomicBoolean();
        CountDownLatch ended = new CountDownLatch(IN_FLIGHT);
        long cpu = cpu();
        long begin = System.nanoTime();
        for (int i = 0; i < IN_FLIGHT; i++) {
            new Thread(() -> {
                while (!over.get()) {
                    TextMessageRequest request = new TextMessageRequest();
                    request.setTo("1555" + (1_000_000 + done.incrementAndGet() % 5_000_000));
                    request.setText(new TextMessage());
                    request.getText().setBody("Your order is on its way and will be with you tomorrow between 9 and 12.");
                    template.sendBody("direct:send", request);
                }
                ended.countDown();
            }).start();
        }
        Thread.sleep(seconds * 1_000L);
        over.set(true);
        ended.await();
        double took = (System.nanoTime() - begin) / 1e9;
        System.out.printf(java.util.Locale.ROOT, "%.0f %.1f%n", done.get() / took, (cpu() - cpu) / 1e3 / done.get());
    }

    private static long cpu() {
        return ((com.sun.management.OperatingSystemMXBean) java.lang.management.ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }
}
