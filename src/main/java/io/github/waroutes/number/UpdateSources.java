package io.github.waroutes.number;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import io.github.waroutes.setting.Settings;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Processor;
import org.apache.camel.component.direct.DirectComponent;
import org.apache.camel.component.direct.DirectConsumer;
import org.apache.camel.component.direct.DirectEndpoint;

/**
 * Routes that take the updates they ask for, {@code whatsapp-source:KINDS/TYPES/NUMBERS}, each a list with commas or the word {@code all}: what
 * the Kamelet of that name begins with. The flow calls such a route where it would call the one that a property names, in the same exchange,
 * so that an update is done when the route has ended, and its failure gets the flow's policy.
 *
 * <p>A source is known from before the first message is consumed until its route is removed: one that stands still for a moment is waited for,
 * as any {@code direct:} route is, and its updates go nowhere else meanwhile.
 */
public class UpdateSources extends DirectComponent {

    /** The component's name. */
    public static final String NAME = "whatsapp-source";
    private static final String ALL = "all";
    private static final String MESSAGE = "message";
    /** For a message of a type that this version does not know, or without the object of its type. */
    private static final String UNKNOWN = "unknown";
    private static final List<String> KINDS = List.of(MESSAGE, "status", "error", "change");

    private final List<Source> sources = new CopyOnWriteArrayList<>();
    private volatile CountDownLatch held = new CountDownLatch(0);
    private final List<String> messageTypes = Settings.load().messageTypes();

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
        Filter filter = filter(remaining);
        return new DirectEndpoint(uri, this) {
            @Override
            public Consumer createConsumer(Processor processor) throws Exception {
                Source source = new Source(getEndpointUri(), filter);
                DirectConsumer consumer = new SourceConsumer(this, processor, source);
                configureConsumer(consumer);
                // Camel makes the consumers of all routes before it starts the first: no message passes a source that is about to start
                declare(source);
                return consumer;
            }
        };
    }

    /** While routes are replaced: between the old form of a route and the new one, nothing else may take its updates. They wait for {@link #release}. */
    public void hold() {
        held = new CountDownLatch(1);
    }

    /** Ends what {@link #hold} began. */
    public void release() {
        held.countDown();
    }

    /**
     * The endpoint of the route that takes an update; null: none does.
     *
     * @param readable false: a message without the object of its type
     * @param number   null: one that is not configured
     */
    public String of(String kind, String type, boolean readable, BusinessNumber number) {
        if (held.getCount() > 0) {
            await();
        }
        String word = MESSAGE.equals(kind) && (!readable || !messageTypes.contains(type)) ? UNKNOWN : type;
        for (Source source : sources) {
            if (source.filter.takes(kind, word, number)) {
                return source.uri;
            }
        }
        return null;
    }

    private void await() {
        try {
            held.await(getTimeout(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RejectedExecutionException("Interrupted while routes are replaced", e);
        }
    }

    private Filter filter(String path) {
        String[] parts = path.split("/", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException(NAME + ':' + path + ": give kinds/types/numbers, as in " + NAME + ":message/text,image/all.");
        }
        Filter filter = new Filter(words(parts[0]), words(parts[1]), words(parts[2]));
        check(path, "kind of update", filter.kinds, KINDS);
        if (filter.kinds.equals(Set.of(MESSAGE))) {
            List<String> types = new ArrayList<>(messageTypes);
            types.add(UNKNOWN);
            check(path, "type of message", filter.types, types);
        }
        return filter;
    }

    private static void check(String path, String what, Set<String> words, Collection<String> known) {
        words.stream().filter(word -> !known.contains(word)).findFirst().ifPresent(word -> {
            throw new IllegalArgumentException(NAME + ':' + path + ": \"" + word + "\" is no " + what + ". There are: "
                    + String.join(", ", known) + ", or " + ALL + '.');
        });
    }

    /** Empty: all. */
    private static Set<String> words(String list) {
        Set<String> words = new LinkedHashSet<>(Arrays.asList(list.strip().split("\\s*,\\s*")));
        return words.contains(ALL) ? Set.of() : words;
    }

    private void declare(Source source) {
        NumberSettings numbers = NumberSettings.in(getCamelContext());
        if (numbers != null) {
            for (String name : source.filter.numbers) {
                if (numbers.registry().byName(name) == null) {
                    throw new IllegalArgumentException(source.uri + ": \"" + name + "\" is the name of no number. There are: "
                            + NumberSettings.names(numbers.registry().all()) + ", or " + ALL + '.');
                }
            }
        }
        synchronized (sources) {
            for (Source other : sources) {
                if (other.filter.overlaps(source.filter)) {
                    throw new IllegalArgumentException("two sources ask for the same updates, and an update is handled by one route: " + other.uri
                            + " and " + source.uri + ". Give them kinds, types or numbers that differ.");
                }
            }
            sources.add(source);
        }
    }

    /** Words that an update must be one of; an empty set asks for nothing. */
    private record Filter(Set<String> kinds, Set<String> types, Set<String> numbers) {

        private boolean takes(String kind, String type, BusinessNumber number) {
            return (kinds.isEmpty() || kinds.contains(kind)) && (types.isEmpty() || types.contains(type))
                    && (numbers.isEmpty() || number != null && numbers.contains(number.name()));
        }

        private boolean overlaps(Filter other) {
            return overlap(kinds, other.kinds) && overlap(types, other.types) && overlap(numbers, other.numbers);
        }

        private static boolean overlap(Set<String> some, Set<String> others) {
            return some.isEmpty() || others.isEmpty() || !Collections.disjoint(some, others);
        }
    }

    private static final class Source {

        private final String uri;
        private final Filter filter;

        private Source(String uri, Filter filter) {
            this.uri = uri;
            this.filter = filter;
        }
    }

    private final class SourceConsumer extends DirectConsumer {

        private final Source source;

        private SourceConsumer(DirectEndpoint endpoint, Processor processor, Source source) {
            super(endpoint, processor, source.uri);
            this.source = source;
        }

        @Override
        protected void doShutdown() throws Exception {
            sources.remove(source);
            super.doShutdown();
        }
    }
}
