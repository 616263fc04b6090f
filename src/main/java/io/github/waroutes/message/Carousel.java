package io.github.waroutes.message;

import java.util.Map;
import java.util.function.Consumer;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** A text above two to ten cards, each with a picture or a video and the same kind of button. */
public final class Carousel extends InteractiveMessage<Carousel> {

    private Carousel(ObjectNode json) {
        super(json);
    }

    /** @param body up to 1024 characters */
    public static Carousel of(String body) {
        ObjectNode action = object();
        action.putArray("cards");
        return new Carousel(ofType("carousel", body, action));
    }

    /** A card with a button that opens an address. @param text up to 160 characters, or null */
    public Carousel imageCard(String idOrLink, String text, String displayText, String url) {
        return card(header("image", idOrLink), text, link(displayText, url));
    }

    /** A card with reply buttons. @param buttons the title of each button by its id, in the order of the map */
    public Carousel imageCard(String idOrLink, String text, Map<String, String> buttons) {
        return card(header("image", idOrLink), text, replies(buttons));
    }

    /** A card with a button that opens an address. @param text up to 160 characters, or null */
    public Carousel videoCard(String idOrLink, String text, String displayText, String url) {
        return card(header("video", idOrLink), text, link(displayText, url));
    }

    /** A card with reply buttons. @param buttons the title of each button by its id, in the order of the map */
    public Carousel videoCard(String idOrLink, String text, Map<String, String> buttons) {
        return card(header("video", idOrLink), text, replies(buttons));
    }

    private static Consumer<ObjectNode> link(String displayText, String url) {
        return card -> card.put("type", "cta_url").set("action", CtaUrl.action(displayText, url));
    }

    private static Consumer<ObjectNode> replies(Map<String, String> buttons) {
        return card -> {
            // Meta's page on carousels writes this type on cards with reply buttons too
            ObjectNode action = card.put("type", "cta_url").putObject("action");
            buttons.forEach((id, title) -> action.withArrayProperty("buttons").addObject().put("type", "quick_reply")
                    .putObject("quick_reply").put("id", id).put("title", title));
        };
    }

    private Carousel card(ObjectNode header, String text, Consumer<ObjectNode> action) {
        return action(all -> {
            ObjectNode card = all.withArrayProperty("cards").addObject().put("card_index", all.path("cards").size() - 1);
            card.set("header", header);
            if (text != null) {
                card.putObject("body").put("text", text);
            }
            action.accept(card);
        });
    }

    @Override
    Carousel copy(ObjectNode changed) {
        return new Carousel(changed);
    }
}
