package io.github.waroutes.message;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Several products of a catalogue: up to 30 in up to ten sections. */
public final class ProductList extends InteractiveMessage<ProductList> {

    private ProductList(ObjectNode json) {
        super(json);
    }

    /** @param header up to 60 characters; Meta wants one here */
    public static ProductList of(String header, String body, String catalogId) {
        ObjectNode action = object().put("catalog_id", catalogId);
        action.putArray("sections");
        return new ProductList(ofType("product_list", body, action)).header(header);
    }

    /** Begins a section. @param title up to 24 characters; needed as soon as there are two sections */
    public ProductList section(String title) {
        return action(action -> {
            ObjectNode section = action.withArrayProperty("sections").addObject().put("title", title);
            section.putArray("product_items");
        });
    }

    /** A product of the section that was begun last; without one, of a section without a title. */
    public ProductList item(String productRetailerId) {
        return action(action -> {
            ArrayNode sections = action.withArrayProperty("sections");
            ObjectNode section = sections.isEmpty() ? sections.addObject() : (ObjectNode) sections.get(sections.size() - 1);
            section.withArrayProperty("product_items").addObject().put("product_retailer_id", productRetailerId);
        });
    }

    @Override
    ProductList copy(ObjectNode changed) {
        return new ProductList(changed);
    }
}
