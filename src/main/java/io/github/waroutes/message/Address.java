package io.github.waroutes.message;

import java.util.Map;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Asks for a postal address; in India only (Meta, 2026). */
public final class Address extends InteractiveMessage<Address> {

    private Address(ObjectNode json) {
        super(json);
    }

    /** @param country two capitals, as in {@code IN} */
    public static Address of(String body, String country) {
        ObjectNode action = named("address_message");
        action.putObject("parameters").put("country", country);
        return new Address(ofType("address_message", body, action));
    }

    /** What is filled in already, as in {@code name} and {@code phone_number}. */
    public Address values(Map<String, ?> values) {
        return action(action -> action.withObjectProperty("parameters").set("values", tree(values)));
    }

    /** An address that the user can choose. */
    public Address savedAddress(String id, Map<String, ?> value) {
        return action(action -> action.withObjectProperty("parameters").withArrayProperty("saved_addresses").addObject().put("id", id)
                .set("value", tree(value)));
    }

    /** What is wrong with an address that came: a field, and words for the user. */
    public Address validationErrors(Map<String, String> errors) {
        return action(action -> action.withObjectProperty("parameters").set("validation_errors", tree(errors)));
    }

    @Override
    Address copy(ObjectNode changed) {
        return new Address(changed);
    }
}
