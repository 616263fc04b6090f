package io.github.waroutes.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppMediaException;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

/** What holds for the memory of uploaded media wherever it is kept. */
abstract class MediaIdsContract {

    static final Duration TIME_TO_LIVE = Duration.ofDays(29);
    private static final Duration LIMIT = Duration.ofSeconds(20);

    /** An empty memory. */
    abstract MediaIds ids();

    /** Lets time pass for what the memory holds. */
    abstract void pass(Duration time);

    private final MediaIds ids = ids();
    private final UploadedMedia uploaded = new UploadedMedia(ids, LIMIT);

    static Upload upload(String hash) {
        HashedFile file = new HashedFile(Path.of("made-up"), hash, 1, new byte[0], FileTime.fromMillis(0));
        return new Upload(file, "106540352242922", "image/png", "file.png", MediaKind.IMAGE);
    }

    private void fail(Upload upload, Exception failure) {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.setVariable("whatsappUpload", upload);
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, failure);
        uploaded.fail(exchange);
    }

    @Test
    void contentIsKnownByTheIdItWasGiven() {
        assertThat(ids.find("a")).isNull();
        ids.remember("a", "1");
        ids.remember("b", "2");
        assertThat(ids.find("a")).isEqualTo("1");
        assertThat(ids.find("b")).isEqualTo("2");
    }

    @Test
    void anIdIsForgottenWhenItsTimeIsOver() {
        ids.remember("a", "1");
        pass(TIME_TO_LIVE.minusMinutes(1));
        assertThat(ids.find("a")).isEqualTo("1");
        pass(Duration.ofMinutes(2));
        assertThat(ids.find("a")).isNull();
    }

    @Test
    void anIdIsForgottenByItselfAndNothingElseIs() {
        ids.remember("a", "1");
        ids.remember("b", "2");
        ids.forget("1");
        ids.forget("unknown");
        assertThat(ids.find("a")).isNull();
        assertThat(ids.find("b")).isEqualTo("2");
    }

    @Test
    void forgettingAnOldIdLeavesTheNewerIdOfTheSameContent() {
        ids.remember("a", "1");
        ids.remember("a", "2");
        ids.forget("1");
        assertThat(ids.find("a")).isEqualTo("2");
        ids.forget("2");
        assertThat(ids.find("a")).isNull();
    }

    @Test
    void whatWasKeptIsClaimedByNobodyAgainUntilItIsForgotten() throws Exception {
        assertThat(uploaded.claim(upload("h"))).isNull();
        uploaded.keep(upload("h"), "1");
        assertThat(uploaded.claim(upload("h"))).isEqualTo("1");
        assertThat(uploaded.claim(upload("other"))).isNull();
        uploaded.forget("1");
        assertThat(uploaded.claim(upload("h"))).isNull();
    }

    @Test
    void ofManyAtOnceOneUploadsAndAllGetItsId() throws Exception {
        AtomicInteger uploads = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<String>> results = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                results.add(threads.submit(() -> {
                    String known = uploaded.claim(upload("h"));
                    if (known == null) {
                        known = "id-" + uploads.incrementAndGet();
                        uploaded.keep(upload("h"), known);
                    }
                    return known;
                }));
            }
            for (Future<String> result : results) {
                assertThat(result.get()).isEqualTo("id-1");
            }
            assertThat(uploads).hasValue(1);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void whoWaitsForAnUploadFailsWithItAndTheNextOneUploads() throws Exception {
        WhatsAppMediaException failure = new WhatsAppMediaException(ErrorDetails.builder("made up").build(), null, false, false);
        assertThat(uploaded.claim(upload("h"))).isNull();
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try {
            Thread[] waiting = new Thread[1];
            Future<String> other = threads.submit(() -> {
                waiting[0] = Thread.currentThread();
                return uploaded.claim(upload("h"));
            });
            await().atMost(LIMIT).until(() -> waiting[0] != null && waiting[0].getState() == Thread.State.TIMED_WAITING);
            fail(upload("h"), failure);
            assertThatThrownBy(other::get).hasCause(failure);
        } finally {
            threads.shutdownNow();
        }
        assertThat(uploaded.claim(upload("h"))).isNull();
    }

    @Test
    void anUploadThatNeverEndsIsTakenOver() throws Exception {
        UploadedMedia impatient = new UploadedMedia(ids, Duration.ofMillis(100));
        assertThat(impatient.claim(upload("h"))).isNull();
        assertThat(impatient.claim(upload("h"))).isNull();
        impatient.keep(upload("h"), "1");
        assertThat(impatient.claim(upload("h"))).isEqualTo("1");
    }
}
