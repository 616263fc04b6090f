package io.github.waroutes.error;

import java.util.Map;

/** A media file cannot be looked up, downloaded or uploaded. */
public class WhatsAppMediaException extends WhatsAppException {

    private final String mediaId;
    private final boolean notFound;
    private final boolean expired;

    public WhatsAppMediaException(ErrorDetails details, String mediaId, boolean notFound, boolean expired) {
        super(details);
        this.mediaId = mediaId;
        this.notFound = notFound;
        this.expired = expired;
    }

    /** The media id, null if the call had none. */
    public String getMediaId() {
        return mediaId;
    }

    /** True if Meta does not have the file, or no longer: an id from a webhook works for 7 days, an uploaded one for 30. */
    public boolean isNotFound() {
        return notFound;
    }

    /**
     * True if it was the download URL that failed, which works for five minutes: look the id up again and use the new URL.
     * Meta answers 404 to an expired URL (business-phone-numbers/media), so {@link #isNotFound()} may be true as well; if
     * the new URL fails too, the file is gone.
     */
    public boolean isExpired() {
        return expired;
    }

    @Override
    protected void addTo(Map<String, Object> map) {
        map.put("media_id", mediaId);
        map.put("not_found", notFound);
        map.put("expired", expired);
    }
}
