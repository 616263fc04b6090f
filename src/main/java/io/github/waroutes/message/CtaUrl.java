package io.github.waroutes.message;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** A text with a button that opens an address. */
public final class CtaUrl extends InteractiveMessage<CtaUrl> {

    private CtaUrl(ObjectNode json) {
        super(json);
    }

    /** @param displayText what is on the button, up to 20 characters */
    public static CtaUrl of(String body, String displayText, String url) {
        return new CtaUrl(ofType("cta_url", body, action(displayText, url)));
    }

    static ObjectNode action(String displayText, String url) {
        ObjectNode action = named("cta_url");
        action.putObject("parameters").put("display_text", displayText).put("url", url);
        return action;
    }

    @Override
    CtaUrl copy(ObjectNode changed) {
        return new CtaUrl(changed);
    }
}
