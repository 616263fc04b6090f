package io.github.waroutes.message;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** A place, in degrees. */
public final class Location extends OutboundMessage<Location> {

    private Location(ObjectNode json) {
        super(json);
    }

    public static Location of(double latitude, double longitude) {
        ObjectNode json = ofType("location");
        json.putObject("location").put("latitude", latitude).put("longitude", longitude);
        return new Location(json);
    }

    public Location name(String name) {
        return with(message -> message.withObjectProperty("location").put("name", name));
    }

    public Location address(String address) {
        return with(message -> message.withObjectProperty("location").put("address", address));
    }

    @Override
    Location copy(ObjectNode changed) {
        return new Location(changed);
    }
}
