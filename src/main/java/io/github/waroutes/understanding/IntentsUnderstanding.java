package io.github.waroutes.understanding;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import io.github.waroutes.setting.Libraries;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The embedded understanding hop: answers a text from an intents file. Construction reads and checks, so that a mistake in the file stops
 * the start; the first text trains, as a start need not wait for it. Safe for concurrent use.
 */
public final class IntentsUnderstanding {

    private static final Logger LOG = LoggerFactory.getLogger(IntentsUnderstanding.class);

    private static final String LIBRARY = "opennlp.tools.ml.EventTrainer";

    private final IntentsFile file;
    private volatile IntentClassifier classifier;
    private final Map<String, List<String>> replies;
    private final List<String> fallback;
    private volatile double threshold;

    /**
     * @param location the intents file: {@code classpath:…}, {@code file:…} or a path
     * @throws IllegalArgumentException if the file has a mistake; the message says which, where and what to do
     */
    public IntentsUnderstanding(String location) {
        this.file = IntentsFile.read(location);
        this.replies = file.intents().stream().collect(Collectors.toUnmodifiableMap(Intent::name, Intent::replies));
        this.fallback = file.fallback();
        this.threshold = file.threshold();
    }

    /**
     * The bean of the routes.
     *
     * @param location as above
     * @param chosen   what {@code whatsapp.understanding} says
     * @return one that cannot be asked, if another understanding is chosen and this one's library is not on the class path
     * @throws IllegalStateException if this one is chosen, and its library is not there
     */
    public static IntentsUnderstanding create(String location, String chosen) {
        if ("intents".equals(chosen)) {
            requireLibrary();
        }
        return Libraries.isThere(LIBRARY) ? new IntentsUnderstanding(location) : new IntentsUnderstanding();
    }

    private IntentsUnderstanding() {
        replies = Map.of();
        fallback = List.of();
        file = null;
    }

    private static void requireLibrary() {
        Libraries.require(LIBRARY, "whatsapp.understanding is intents", "org.apache.opennlp:opennlp-tools");
    }

    /**
     * @param location  as above
     * @param threshold instead of the one in the file; above 0, below 1
     */
    public IntentsUnderstanding(String location, double threshold) {
        this(location);
        setThreshold(threshold);
    }

    /**
     * Sets the threshold instead of the one in the file.
     *
     * @throws IllegalArgumentException if it is not between 0 and 1
     */
    public void setThreshold(double threshold) {
        this.threshold = IntentsFile.checkedThreshold(threshold, "understanding");
    }

    /** The replies of the text's intent, or the fallback if the text is not understood well enough; one entry per message. */
    public List<String> reply(String text) {
        Understanding understanding = understand(text);
        return understanding.confidence() < threshold ? fallback : replies.get(understanding.intent());
    }

    /** The intent itself, for routes that branch on it. It may be below the threshold. */
    public Understanding understand(String text) {
        return trained().classify(text);
    }

    private IntentClassifier trained() {
        if (classifier != null) {
            return classifier;
        }
        synchronized (this) {
            if (file == null) {
                requireLibrary();
            }
            if (classifier == null) {
                classifier = IntentClassifier.train(file);
                LOG.debug("{} intents trained from {}", file.intents().size(), file.location());
            }
            return classifier;
        }
    }
}
