package com.example.own;

import java.util.Collection;
import java.util.List;
import java.util.Map;

import io.github.waroutes.number.BusinessNumber;
import io.github.waroutes.number.NumberRegistry;
import org.apache.camel.CamelContext;

/** The numbers of the shop's branches. They could come from a database; every message asks, so they are kept in memory. */
final class Branches implements NumberRegistry {

    private final List<BusinessNumber> numbers;

    Branches(CamelContext context) {
        BusinessNumber first = new BusinessNumber("harbour", value(context, "phone-number-id"), "", "shop", value(context, "access-token"),
                List.of(value(context, "app-secret")), value(context, "verify-token"), Map.of("whatsapp.reply.apology", "The harbour branch is sorry."));
        numbers = List.of(first);
    }

    private static String value(CamelContext context, String key) {
        return context.resolvePropertyPlaceholders("{{whatsapp." + key + "}}");
    }

    @Override
    public BusinessNumber first() {
        return numbers.get(0);
    }

    @Override
    public BusinessNumber byId(String phoneNumberId) {
        return numbers.stream().filter(number -> number.phoneNumberId().equals(phoneNumberId)).findFirst().orElse(null);
    }

    @Override
    public BusinessNumber byName(String name) {
        return numbers.stream().filter(number -> number.name().equals(name)).findFirst().orElse(null);
    }

    @Override
    public Collection<BusinessNumber> all() {
        return numbers;
    }
}
