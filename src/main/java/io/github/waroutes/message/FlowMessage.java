package io.github.waroutes.message;

import java.util.Map;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** A text with a button that opens a flow. */
public final class FlowMessage extends InteractiveMessage<FlowMessage> {

    private FlowMessage(ObjectNode json) {
        super(json);
    }

    /** @param button what is on the button, up to 30 characters */
    public static FlowMessage ofId(String body, String flowId, String button) {
        return of(body, "flow_id", flowId, button);
    }

    /** @param button what is on the button, up to 30 characters */
    public static FlowMessage ofName(String body, String flowName, String button) {
        return of(body, "flow_name", flowName, button);
    }

    private static FlowMessage of(String body, String key, String flow, String button) {
        ObjectNode action = named("flow");
        action.putObject("parameters").put("flow_message_version", "3").put(key, flow).put("flow_cta", button);
        return new FlowMessage(ofType("flow", body, action));
    }

    /** @param token comes back with the answer */
    public FlowMessage token(String token) {
        return action(action -> action.withObjectProperty("parameters").put("flow_token", token));
    }

    /** A flow that is not published yet. */
    public FlowMessage draft() {
        return action(action -> action.withObjectProperty("parameters").put("mode", "draft"));
    }

    /** Begins on a screen. @param data what the screen is given, JSON types only; Meta wants no empty object here */
    public FlowMessage navigate(String screen, Map<String, ?> data) {
        return action(action -> {
            ObjectNode payload = action.withObjectProperty("parameters").put("flow_action", "navigate")
                    .putObject("flow_action_payload").put("screen", screen);
            if (!data.isEmpty()) {
                payload.set("data", tree(data));
            }
        });
    }

    /** The flow asks its own server for its first screen. */
    public FlowMessage dataExchange() {
        return action(action -> action.withObjectProperty("parameters").put("flow_action", "data_exchange"));
    }

    @Override
    FlowMessage copy(ObjectNode changed) {
        return new FlowMessage(changed);
    }
}
