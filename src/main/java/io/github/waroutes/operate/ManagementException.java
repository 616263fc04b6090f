package io.github.waroutes.operate;

/** A request to the management API that is refused: an HTTP status, and what to do. */
public final class ManagementException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;

    ManagementException(int status, String detail) {
        super(detail);
        this.status = status;
    }

    public int getStatus() {
        return status;
    }
}
