package io.github.waroutes.error;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.RequestNotExecutedException;

/** The ways a call ends without an answer, each class before its superclasses. */
enum NetworkFailure {

    BREAKER_OPEN(CallNotPermittedException.class, "The circuit breaker is open", false, false),
    CONNECT_TIMEOUT(ConnectTimeoutException.class, "The connection timed out", true, false),
    JDK_CONNECT_TIMEOUT(HttpConnectTimeoutException.class, "The connection timed out", true, false),
    NO_FREE_CONNECTION(ConnectionRequestTimeoutException.class, "No connection of the pool came free in time", true, false),
    REFUSED(ConnectException.class, "The connection was refused", false, false),
    UNKNOWN_HOST(UnknownHostException.class, "The host name cannot be resolved", false, false),
    NO_ROUTE(NoRouteToHostException.class, "There is no route to the host", false, false),
    HANDSHAKE(SSLHandshakeException.class, "The TLS handshake failed", false, false),
    CERTIFICATE(SSLPeerUnverifiedException.class, "The TLS certificate is not for this host", false, false),
    NOT_EXECUTED(RequestNotExecutedException.class, "The connection was closed before the request was sent", false, false),
    READ_TIMEOUT(SocketTimeoutException.class, "The answer did not come in time", true, true),
    JDK_READ_TIMEOUT(HttpTimeoutException.class, "The answer did not come in time", true, true),
    NO_ANSWER(NoHttpResponseException.class, "The server closed the connection without an answer", false, true),
    CLOSED(ConnectionClosedException.class, "The connection was closed before the answer was complete", false, true),
    BROKEN(SocketException.class, "The connection broke", false, true),
    TIMEOUT(TimeoutException.class, "The call did not end in time", true, true);

    /** What an {@link IOException} is that is none of the others. */
    static final String OTHER = "The call failed on the network";

    private final Class<? extends Exception> type;
    private final String title;
    private final boolean timeout;
    private final boolean outcomeUnknown;

    NetworkFailure(Class<? extends Exception> type, String title, boolean timeout, boolean outcomeUnknown) {
        this.type = type;
        this.title = title;
        this.timeout = timeout;
        this.outcomeUnknown = outcomeUnknown;
    }

    String title() {
        return title;
    }

    boolean isTimeout() {
        return timeout;
    }

    boolean isOutcomeUnknown() {
        return outcomeUnknown;
    }

    /** The kind of this one throwable, its causes aside; null if it is none of them. */
    static NetworkFailure of(Throwable failure) {
        for (NetworkFailure kind : values()) {
            if (kind.type.isInstance(failure)) {
                return kind;
            }
        }
        return null;
    }

    static boolean isOther(Throwable failure) {
        return failure instanceof IOException || failure instanceof UncheckedIOException;
    }
}
