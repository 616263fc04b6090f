package io.github.waroutes.understanding;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class IntentClassifierTest {

    private static final IntentsFile SHIPPED = IntentsFile.read("classpath:whatsapp/intents.yaml");
    private static final IntentClassifier CLASSIFIER = IntentClassifier.train(SHIPPED);

    @Test
    void everyExampleIsUnderstoodAsItsIntent() {
        for (Intent intent : SHIPPED.intents()) {
            assertThat(intent.examples()).allSatisfy(example -> {
                Understanding understanding = CLASSIFIER.classify(example);
                assertThat(understanding.intent()).isEqualTo(intent.name());
                assertThat(understanding.confidence()).isBetween(SHIPPED.threshold(), 1.0);
            });
        }
    }

    @ParameterizedTest
    @CsvSource({"whre is my order, order_status", "where is my pakage, order_status", "wat are ur opning hours, opening_hours", "WHERE IS MY ORDER, order_status",
        "thänks 😀😀, thanks", "i wnat a refnud, refund"})
    void seesThroughTypingMistakesCaseAccentsAndEmoji(String text, String intent) {
        Understanding understanding = CLASSIFIER.classify(text);

        assertThat(understanding.intent()).isEqualTo(intent);
        assertThat(understanding.confidence()).isGreaterThanOrEqualTo(SHIPPED.threshold());
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = {"   ", "👍", "❤️", "???", "zzyzx qwfpg", "\uD83D", "привет как дела", "你好"})
    void understandsNothingWhereNoWordIsKnown(String text) {
        assertThat(CLASSIFIER.classify(text)).isEqualTo(new Understanding("", 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"where is my order ", "a", "😀", "1"})
    void understandsNothingOfAVeryLongText(String part) {
        assertThat(CLASSIFIER.classify(part.repeat(70_000 / part.length()))).isEqualTo(new Understanding("", 0));
    }

    @Test
    void unknownWordsLowerTheConfidence() {
        double plain = CLASSIFIER.classify("where is my order").confidence();

        assertThat(CLASSIFIER.classify("where is my order zzyzx qwfpg xkcdx").confidence()).isLessThan(plain * 0.75);
    }

    @Test
    void withTwoIntentsAnUnknownTextIsStillNotUnderstood() {
        IntentsFile two = new IntentsFile("test", 0.5, "en", List.of("what"), List.of(
                new Intent("yes", List.of("yes please", "sure"), List.of("ok")),
                new Intent("no", List.of("no thanks", "never"), List.of("ok"))));

        assertThat(IntentClassifier.train(two).classify("penguins")).isEqualTo(new Understanding("", 0));
    }

    @Test
    void manyThreadsGetWhatOneThreadGets() throws Exception {
        List<String> texts = SHIPPED.intents().stream().flatMap(intent -> intent.examples().stream()).toList();
        List<Understanding> alone = texts.stream().map(CLASSIFIER::classify).toList();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<List<Understanding>>> work = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                work.add(() -> texts.stream().map(CLASSIFIER::classify).toList());
            }
            for (Future<List<Understanding>> result : threads.invokeAll(work, 30, TimeUnit.SECONDS)) {
                assertThat(result.get()).isEqualTo(alone);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** About 60 ms warm and 120 ms in a new JVM on two cores; the limit leaves room for a busy machine. */
    @Test
    void trainingIsQuickEnoughForEveryStart() {
        long start = System.nanoTime();
        IntentClassifier.train(SHIPPED);

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    }
}
