package io.github.waroutes.understanding;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Measures the classifier, as it is shipped, on sentences that it was not trained with. */
class HoldOutTest {

    private static final double RIGHT_AT_LEAST = 0.85;
    private static final double FALLBACK_AT_LEAST = 0.80;

    private static IntentsFile file;
    private static IntentClassifier classifier;
    private static Map<String, String> intentByParaphrase;
    private static List<String> offTopic;

    @BeforeAll
    static void trainAndReadTheSentences() throws IOException {
        file = IntentsFile.read("classpath:whatsapp/intents.yaml");
        classifier = IntentClassifier.train(file);
        intentByParaphrase = new LinkedHashMap<>();
        try (InputStream in = HoldOutTest.class.getResourceAsStream("/understanding/hold-out.yaml")) {
            Map<?, ?> root = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromInputStream(in);
            ((Map<?, ?>) root.get("paraphrases")).forEach((intent, texts) ->
                    ((List<?>) texts).forEach(text -> intentByParaphrase.put(text.toString(), intent.toString())));
            offTopic = ((List<?>) root.get("off-topic")).stream().map(Object::toString).toList();
        }
    }

    @Test
    void thereAreEnoughSentencesForEachIntentAndNoneIsAnExample() {
        Set<String> examples = file.intents().stream().flatMap(intent -> intent.examples().stream())
                .map(text -> String.join(" ", Words.of(text))).collect(Collectors.toSet());

        assertThat(intentByParaphrase).hasSizeGreaterThanOrEqualTo(60);
        assertThat(offTopic).hasSizeGreaterThanOrEqualTo(15);
        assertThat(Set.copyOf(intentByParaphrase.values())).isEqualTo(file.intents().stream().map(Intent::name).collect(Collectors.toSet()));
        assertThat(intentByParaphrase.keySet().stream().filter(text -> examples.contains(String.join(" ", Words.of(text))))).isEmpty();
    }

    @Test
    void paraphrasesGetTheirAnswer() {
        List<String> wrong = new ArrayList<>();
        intentByParaphrase.forEach((text, intent) -> {
            Understanding understood = classifier.classify(text);
            if (!understood.intent().equals(intent) || understood.confidence() < file.threshold()) {
                wrong.add(text + " -> " + understood);
            }
        });

        double right = 1 - (double) wrong.size() / intentByParaphrase.size();
        assertThat(right).as("share of right answers; not right: %s", wrong).isGreaterThanOrEqualTo(RIGHT_AT_LEAST);
    }

    @Test
    void offTopicSentencesGetTheFallback() {
        List<String> answered = offTopic.stream().filter(text -> classifier.classify(text).confidence() >= file.threshold()).toList();

        double fellBack = 1 - (double) answered.size() / offTopic.size();
        assertThat(fellBack).as("share of fallbacks; answered: %s", answered).isGreaterThanOrEqualTo(FALLBACK_AT_LEAST);
    }
}
