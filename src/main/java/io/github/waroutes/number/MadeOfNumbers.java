package io.github.waroutes.number;

import java.util.Collection;
import java.util.function.Function;

/**
 * What is made of all numbers of a registry, and made anew when these change: {@link NumberRegistry#all()} is another collection then.
 *
 * @param <T> what is made
 */
public final class MadeOfNumbers<T> {

    private final Function<Collection<BusinessNumber>, T> make;
    private volatile Made<T> made;

    private record Made<T>(Collection<BusinessNumber> of, T result) {
    }

    public MadeOfNumbers(Function<Collection<BusinessNumber>, T> make) {
        this.make = make;
    }

    public T of(NumberRegistry registry) {
        Collection<BusinessNumber> now = registry.all();
        Made<T> known = made;
        if (known == null || known.of != now) {
            known = new Made<>(now, make.apply(now));
            made = known;
        }
        return known.result;
    }
}
