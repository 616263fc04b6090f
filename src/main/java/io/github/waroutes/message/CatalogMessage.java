package io.github.waroutes.message;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** A text with a button that opens the whole catalogue. */
public final class CatalogMessage extends InteractiveMessage<CatalogMessage> {

    private CatalogMessage(ObjectNode json) {
        super(json);
    }

    public static CatalogMessage of(String body) {
        return new CatalogMessage(ofType("catalog_message", body, named("catalog_message")));
    }

    /** The product whose picture is shown; else it is the catalogue's first. */
    public CatalogMessage thumbnail(String productRetailerId) {
        return action(action -> action.withObjectProperty("parameters").put("thumbnail_product_retailer_id", productRetailerId));
    }

    @Override
    CatalogMessage copy(ObjectNode changed) {
        return new CatalogMessage(changed);
    }
}
