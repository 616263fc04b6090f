package io.github.waroutes.message;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A text with a menu: up to ten rows in up to ten sections. */
public final class ListMessage extends InteractiveMessage<ListMessage> {

    private ListMessage(ObjectNode json) {
        super(json);
    }

    /** @param button what opens the menu, up to 20 characters */
    public static ListMessage of(String body, String button) {
        ObjectNode action = object().put("button", button);
        action.putArray("sections");
        return new ListMessage(ofType("list", body, action));
    }

    /** Begins a section. @param title up to 24 characters; needed as soon as there are two sections */
    public ListMessage section(String title) {
        return action(action -> {
            ObjectNode section = action.withArrayProperty("sections").addObject().put("title", title);
            section.putArray("rows");
        });
    }

    /** A row without a description. */
    public ListMessage row(String id, String title) {
        return row(id, title, null);
    }

    /**
     * A row of the section that was begun last; without one, of a section without a title.
     *
     * @param id          comes back when the row is chosen; up to 200 characters
     * @param title       up to 24 characters
     * @param description up to 72 characters, or null
     */
    public ListMessage row(String id, String title, String description) {
        return action(action -> {
            ArrayNode sections = action.withArrayProperty("sections");
            ObjectNode section = sections.isEmpty() ? sections.addObject() : (ObjectNode) sections.get(sections.size() - 1);
            ObjectNode row = section.withArrayProperty("rows").addObject().put("id", id).put("title", title);
            if (description != null) {
                row.put("description", description);
            }
        });
    }

    @Override
    ListMessage copy(ObjectNode changed) {
        return new ListMessage(changed);
    }
}
