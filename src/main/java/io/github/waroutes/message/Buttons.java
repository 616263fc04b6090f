package io.github.waroutes.message;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** A text with up to three reply buttons. */
public final class Buttons extends InteractiveMessage<Buttons> {

    private Buttons(ObjectNode json) {
        super(json);
    }

    public static Buttons of(String body) {
        ObjectNode action = object();
        action.putArray("buttons");
        return new Buttons(ofType("button", body, action));
    }

    /**
     * @param id    comes back when the button is pressed; up to 256 characters
     * @param title up to 20 characters
     */
    public Buttons button(String id, String title) {
        return action(action -> action.withArrayProperty("buttons").addObject().put("type", "reply").putObject("reply")
                .put("id", id).put("title", title));
    }

    @Override
    Buttons copy(ObjectNode changed) {
        return new Buttons(changed);
    }
}
