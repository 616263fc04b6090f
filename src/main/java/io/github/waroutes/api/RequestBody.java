package io.github.waroutes.api;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The body of a request that has not been read yet: it is not read for a caller who is refused. */
interface RequestBody {

    /** The bytes as they come; reading waits for them, and throws {@link ApiException} if they do not come. */
    InputStream stream();

    /**
     * Lets go of what was not read.
     *
     * @return whether something was left, so that the connection cannot serve another request
     */
    boolean finish();

    /** @param body what the HTTP server gave: a stream, bytes, or a Vert.x request */
    static RequestBody of(Object body, Duration patience) {
        if (body == null) {
            return whole(InputStream.nullInputStream());
        }
        if (body instanceof InputStream stream) {
            return whole(stream);
        }
        if (body instanceof byte[] bytes) {
            return whole(new ByteArrayInputStream(bytes));
        }
        if (body instanceof String text) {
            return whole(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
        }
        // touched here and not before: a host with another HTTP server has no Vert.x
        return VertxRequestBody.of(body, patience);
    }

    private static RequestBody whole(InputStream stream) {
        return new RequestBody() {
            @Override
            public InputStream stream() {
                return stream;
            }

            @Override
            public boolean finish() {
                return false;
            }
        };
    }
}
