package io.github.waroutes.message;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** A text with a button that sends the user's place. */
public final class LocationRequest extends InteractiveMessage<LocationRequest> {

    private LocationRequest(ObjectNode json) {
        super(json);
    }

    public static LocationRequest of(String body) {
        return new LocationRequest(ofType("location_request_message", body, named("send_location")));
    }

    @Override
    LocationRequest copy(ObjectNode changed) {
        return new LocationRequest(changed);
    }
}
