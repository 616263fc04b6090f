package io.github.waroutes.media;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.Map;

import io.github.waroutes.update.Owner;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.support.SynchronizationAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the answer of the second hop, the media's bytes, off the exchange and into a file that goes with the exchange. */
public class MediaDownload {

    private static final Logger LOG = LoggerFactory.getLogger(MediaDownload.class);

    private final MediaFiles files;

    public MediaDownload(MediaFiles files) {
        this.files = files;
    }

    /**
     * @param exchange its body is the stream of the answer
     * @param media    the answer of the first hop
     * @return the file; it is deleted when the exchange is done
     */
    public File save(Exchange exchange, Map<String, Object> media, String mediaId) throws IOException {
        Message answer = exchange.getMessage();
        InputStream content = answer.getBody(InputStream.class);
        // if this fails, a closed stream must not meet a route that wants to cache it
        answer.setBody(null);
        File file = files.save(content, answer.getHeader("Content-Length", Long.class),
                text(media, "sha256"), text(media, "mime_type"), answer.getHeader(Exchange.CONTENT_TYPE, String.class),
                mediaId);
        Owner.of(exchange).getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                try {
                    Files.deleteIfExists(file.toPath());
                } catch (IOException e) {
                    LOG.warn("A temporary media file was not deleted: {}", file.getName(), e);
                }
            }
        });
        return file;
    }

    private static String text(Map<String, Object> media, String key) {
        Object value = media.get(key);
        return value == null ? null : value.toString();
    }
}
