package io.github.waroutes.message;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** A text of 1 to 4096 characters. */
public final class Text extends OutboundMessage<Text> {

    private Text(ObjectNode json) {
        super(json);
    }

    public static Text of(String body) {
        ObjectNode json = ofType("text");
        json.putObject("text").put("body", body);
        return new Text(json);
    }

    /** Whether the first address in the text is shown with a preview. */
    public Text preview(boolean shown) {
        return with(message -> message.withObjectProperty("text").put("preview_url", shown));
    }

    @Override
    Text copy(ObjectNode changed) {
        return new Text(changed);
    }
}
