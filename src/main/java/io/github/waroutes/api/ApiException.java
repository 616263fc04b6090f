package io.github.waroutes.api;

import java.util.Map;

import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppException;

/** A request to the send API that is not taken. {@link #getStatusCode()} is the HTTP status to answer it with. */
public class ApiException extends WhatsAppException {

    private static final long serialVersionUID = 1L;

    private final String kind;
    private final String field;

    /**
     * @param status 400 to 599
     * @param kind   a word that stays the same for this kind of problem, as in {@code other-body}
     * @param detail what is wrong and what to do about it; without any value of the request
     */
    public ApiException(int status, String kind, String detail) {
        this(status, kind, detail, null);
    }

    /** @param field the header, or the member of the body, that is wrong; null if it is none */
    public ApiException(int status, String kind, String detail, String field) {
        super(ErrorDetails.builder(detail).statusCode(status)
                .retryClass(status >= 500 ? RetryClass.TRANSIENT : RetryClass.NEVER)
                .scope(status >= 500 ? ErrorScope.SERVICE : ErrorScope.MESSAGE).build());
        this.kind = kind;
        this.field = field;
    }

    public String getKind() {
        return kind;
    }

    /** The header, or the member of the body, that is wrong; null if it is none. */
    public String getField() {
        return field;
    }

    @Override
    protected void addTo(Map<String, Object> map) {
        map.put("kind", kind);
        map.put("field", field);
    }
}
