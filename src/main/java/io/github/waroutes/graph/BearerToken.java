package io.github.waroutes.graph;

/** An {@code Authorization} header for a server that may or may not want one (RFC 6750). */
public class BearerToken {

    private final String header;

    /**
     * @param property the property that holds the key, for messages
     * @param url      where the key goes; with a key, only https will do, or http to this machine
     * @param key      the key; blank: no header is sent
     */
    public BearerToken(String property, String url, String key) {
        boolean none = key == null || key.isBlank();
        if (!none) {
            GraphRequest.requireSafe(property.replace(".api-key", ".url"), url);
        }
        header = none ? null : "Bearer " + key.trim();
    }

    /** The header's value, or null. */
    public String header() {
        return header;
    }
}
