package io.github.waroutes.api;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

import org.apache.camel.Exchange;

/** Refuses a body while it is read, as soon as it is over its limit. */
final class LimitedStream extends FilterInputStream {

    /** An exchange property: what was thrown at whoever read, who may have turned it into something else. */
    static final String REFUSAL = "WhatsAppApiRefusal";

    private final Exchange exchange;
    private final long limit;
    private final String property;
    private long count;

    private LimitedStream(InputStream in, long limit, String property, Exchange exchange) {
        super(in);
        this.limit = limit;
        this.property = property;
        this.exchange = exchange;
    }

    /** The body of a request; one that says that it is too large is refused before anything of it is read. */
    static LimitedStream of(ApiCall call, long limit, String property, Exchange exchange) {
        if (call.length > limit) {
            throw tooLarge(limit, property);
        }
        return new LimitedStream(call.body, limit, property, exchange);
    }

    private static ApiException tooLarge(long limit, String property) {
        return new ApiException(413, "too-large", "The body has more than " + limit + " bytes (" + property + ").");
    }

    @Override
    public int read() throws IOException {
        try {
            int read = super.read();
            count(read < 0 ? 0 : 1);
            return read;
        } catch (ApiException e) {
            throw noted(e);
        }
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        try {
            int read = super.read(into, offset, length);
            count(Math.max(read, 0));
            return read;
        } catch (ApiException e) {
            throw noted(e);
        }
    }

    @Override
    public long skip(long n) throws IOException {
        return Math.max(0, read(new byte[(int) Math.min(Math.max(n, 0), 8192)]));
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private void count(int bytes) {
        count += bytes;
        if (count > limit) {
            throw tooLarge(limit, property);
        }
    }

    private ApiException noted(ApiException e) {
        exchange.setProperty(REFUSAL, e);
        return e;
    }
}
