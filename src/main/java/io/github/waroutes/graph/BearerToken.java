package io.github.waroutes.graph;

/** An {@code Authorization} header for a server that may or may not want one (RFC 6750). */
public class BearerToken {

    private String property;
    private String url;
    private String key;
    private boolean optional;

    /** @param property the property that holds the address, for messages */
    public void setProperty(String property) {
        this.property = property;
    }

    /** @param optional whether there may be no address */
    public void setOptional(boolean optional) {
        this.optional = optional;
    }

    /** @param url where the key goes; with a key, only https will do, or http to this machine */
    public void setUrl(String url) {
        this.url = url;
    }

    /** @param key the key; blank: no header is sent */
    public void setKey(String key) {
        this.key = key == null || key.isBlank() ? null : key.trim();
    }

    /** @throws IllegalArgumentException if there is no address, or the key would travel in the clear */
    public void check() {
        boolean none = url == null || url.isBlank();
        if (none && !optional) {
            throw new IllegalArgumentException(property + " is empty. Give an address, or take the line out.");
        }
        if (key != null && !none) {
            GraphRequest.requireSafe(property, url);
        }
    }

    /** The header's value, or null. */
    public String header() {
        return key == null ? null : "Bearer " + key;
    }
}
