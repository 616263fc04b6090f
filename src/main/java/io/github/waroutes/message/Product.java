package io.github.waroutes.message;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** One product of a catalogue. */
public final class Product extends InteractiveMessage<Product> {

    private Product(ObjectNode json) {
        super(json);
    }

    public static Product of(String catalogId, String productRetailerId) {
        return of(null, catalogId, productRetailerId);
    }

    /** @param body up to 1024 characters */
    public static Product of(String body, String catalogId, String productRetailerId) {
        return new Product(ofType("product", body,
                object().put("catalog_id", catalogId).put("product_retailer_id", productRetailerId)));
    }

    @Override
    Product copy(ObjectNode changed) {
        return new Product(changed);
    }
}
