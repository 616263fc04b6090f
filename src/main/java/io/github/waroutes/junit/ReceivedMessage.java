package io.github.waroutes.junit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A message that the application sent to a user and that Graph accepted.
 *
 * @param id      its wamid
 * @param type    text, image, interactive, template, …
 * @param at      when it was accepted
 * @param content what the message has under its type, as Meta documents it: of a text {@code {"body":"…"}} with whatever else it has
 */
public record ReceivedMessage(String id, String type, Instant at, JsonNode content) {

    static ReceivedMessage of(JsonNode entry) {
        String type = entry.path("type").asText();
        JsonNode content = entry.path(type);
        if ("text".equals(type)) {
            content = JsonNodeFactory.instance.objectNode().put("body", entry.path("text").asText());
        }
        return new ReceivedMessage(entry.path("id").asText(), type, Instant.parse(entry.path("at").asText()), content);
    }

    /** The words a user reads: of a text, of an interactive message's body, of a caption; empty when there are none. */
    public String text() {
        return switch (type) {
            case "text" -> content.path("body").asText();
            case "interactive" -> content.at("/body/text").asText();
            default -> content.path("caption").asText();
        };
    }

    /** The name of the template, or null for another type. */
    public String template() {
        return content.path("name").isTextual() && "template".equals(type) ? content.path("name").textValue() : null;
    }

    /** The titles of the buttons and list rows that it offers, in their order. */
    public List<String> choices() {
        return offers().stream().map(Offer::title).toList();
    }

    Optional<Offer> offer(String title) {
        return offers().stream().filter(offer -> offer.title().equals(title)).findFirst();
    }

    private List<Offer> offers() {
        List<Offer> offers = new ArrayList<>();
        content.at("/action/buttons").forEach(button -> offer("button_reply", button.path("reply"), offers));
        content.at("/action/sections").forEach(section -> section.path("rows").forEach(row -> offer("list_reply", row, offers)));
        return offers;
    }

    private void offer(String reply, JsonNode choice, List<Offer> offers) {
        if (choice instanceof ObjectNode object && choice.path("title").isTextual()) {
            offers.add(new Offer(id, reply, object));
        }
    }

    /**
     * Something that can be tapped.
     *
     * @param messageId of the message that offers it
     * @param type      button_reply or list_reply
     * @param reply     its id, its title, and the description of a list row
     */
    record Offer(String messageId, String type, ObjectNode reply) {

        String title() {
            return reply.path("title").asText();
        }
    }

    /** One line, as people quote a message: its type unless it is a text, its words, and what it offers. */
    @Override
    public String toString() {
        String words = text().isEmpty() ? "" : '"' + text() + '"';
        String name = template() == null ? "" : template();
        String head = "text".equals(type) ? words : "[" + (type + ' ' + name).strip() + "] " + words;
        return (choices().isEmpty() ? head : head + ' ' + choices()).strip();
    }
}
