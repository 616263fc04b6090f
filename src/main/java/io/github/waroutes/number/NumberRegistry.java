package io.github.waroutes.number;

import java.util.Collection;

/**
 * The business numbers that this process serves. A host may bind one of its own as {@value #BEAN}, over a database say; every message asks
 * it, so it answers from memory.
 */
public interface NumberRegistry {

    /** The name of the bean that takes the place of the configured numbers. */
    String BEAN = "whatsappNumberRegistry";

    /** Which number sends when a message names none. */
    BusinessNumber first();

    /** @return the number of this phone number id, or null */
    BusinessNumber byId(String phoneNumberId);

    /** @return the number of this name, or null */
    BusinessNumber byName(String name);

    /** @return what the number of this id is called, or was when it was last configured; null if it is not known */
    default String nameOf(String phoneNumberId) {
        BusinessNumber number = byId(phoneNumberId);
        return number == null ? null : number.name();
    }

    /** All of them: the same collection as long as nothing has changed, because what is derived from it is made anew for another one. */
    Collection<BusinessNumber> all();

    /** Whether numbers that are not here are served too, with what the first has: so it is while no second number was ever named. */
    default boolean servesUnknown() {
        return false;
    }
}
