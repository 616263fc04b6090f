package io.github.waroutes.media;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.waroutes.error.Causes;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.state.RedisConnection;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.Variable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Spares uploads: content that was uploaded keeps its media id for a while, and of several uploads of the same content at the same
 * moment in this process only one is made. A memory that does not answer costs an upload, and no message.
 */
public class UploadedMedia {

    private static final Logger LOG = LoggerFactory.getLogger(UploadedMedia.class);
    private static final Duration LONGEST_UPLOAD = Duration.ofMinutes(10);

    /** "Media upload error", "Media download error" and "Invalid parameter": what a send says of an id that Meta no longer has. */
    private static final Set<Integer> MEDIA_REFUSED = Set.of(131053, 131052, 100);

    private final MediaReferences references = new MediaReferences();
    private final MediaIds ids;
    private final Duration longestUpload;
    private final ConcurrentMap<String, CompletableFuture<String>> underWay = new ConcurrentHashMap<>();

    /**
     * @param redis the connection; not configured: in this process
     * @param size  how many ids this process remembers
     * @param days  how long an id is remembered; Meta keeps the file for 30
     */
    public static UploadedMedia create(RedisConnection redis, int size, int days) {
        if (days < 1 || days > 30) {
            throw new IllegalArgumentException("whatsapp.upload.remember-days is " + days + ". Meta keeps an uploaded file for 30 days:"
                    + " give 1 to 30, and less than 30 so that an id does not end on its way.");
        }
        Duration timeToLive = Duration.ofDays(days);
        return new UploadedMedia(redis.isConfigured()
                ? new RedisMediaIds(redis, timeToLive)
                : new LocalMediaIds(timeToLive, size, Ticker.systemTicker()), LONGEST_UPLOAD);
    }

    /** @param longestUpload how long one upload of the same content waits for another */
    UploadedMedia(MediaIds ids, Duration longestUpload) {
        this.ids = ids;
        this.longestUpload = longestUpload;
    }

    /**
     * The id of this content, if it is known or somebody uploads it right now; null: the caller must upload it, and then call
     * {@link #keep} or {@link #fail}.
     *
     * @throws Exception what the other's upload failed with
     */
    public String claim(@Variable("whatsappUpload") Upload upload) throws Exception {
        String key = upload.key();
        while (true) {
            CompletableFuture<String> mine = new CompletableFuture<>();
            CompletableFuture<String> other = underWay.putIfAbsent(key, mine);
            if (other == null) {
                // looked for only now, so that an upload that has just ended is seen
                String known = remembered(() -> ids.find(key));
                if (known != null) {
                    underWay.remove(key, mine);
                    mine.complete(known);
                }
                return known;
            }
            try {
                return other.get(longestUpload.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                throw e.getCause() instanceof Exception failure ? failure : e;
            } catch (TimeoutException e) {
                underWay.remove(key, other);
            }
        }
    }

    /** The upload that was claimed succeeded. */
    public void keep(@Variable("whatsappUpload") Upload upload, @Body String mediaId) {
        remembered(() -> {
            ids.remember(upload.key(), mediaId);
            return null;
        });
        CompletableFuture<String> mine = underWay.remove(upload.key());
        if (mine != null) {
            mine.complete(mediaId);
        }
    }

    /** The upload that was claimed failed; all who wait for it fail with it. */
    public void fail(Exchange exchange) {
        Upload upload = exchange.getVariable("whatsappUpload", Upload.class);
        CompletableFuture<String> mine = underWay.remove(upload.key());
        if (mine != null) {
            mine.completeExceptionally(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class));
        }
    }

    /** The content of this id is uploaded anew when it is next needed. */
    public void forget(@Header(UpdateHeaders.MEDIA_ID) String mediaId) {
        if (mediaId != null && !mediaId.isBlank()) {
            remembered(() -> {
                ids.forget(mediaId);
                return null;
            });
        }
    }

    /** Forgets the ids that a message names, the body, which was not sent, if Meta's error may mean that it no longer has the file. */
    public void forgetIfRefused(Exchange exchange) {
        WhatsAppException failure = Causes.caught(WhatsAppException.class, exchange);
        if (failure != null && failure.getErrorCode() != null && MEDIA_REFUSED.contains(failure.getErrorCode())) {
            references.in(exchange.getMessage().getBody(byte[].class)).forEach(this::forget);
        }
    }

    private static String remembered(Supplier<String> memory) {
        try {
            return memory.get();
        } catch (RuntimeException e) {
            LOG.warn("The memory of uploaded media does not answer: {}", e.getClass().getName());
            return null;
        }
    }
}
