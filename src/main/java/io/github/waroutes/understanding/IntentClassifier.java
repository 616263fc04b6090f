package io.github.waroutes.understanding;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import opennlp.tools.ml.AbstractEventTrainer;
import opennlp.tools.ml.EventTrainer;
import opennlp.tools.ml.TrainerFactory;
import opennlp.tools.ml.maxent.GISTrainer;
import opennlp.tools.ml.model.Event;
import opennlp.tools.ml.model.MaxentModel;
import opennlp.tools.monitoring.LogLikelihoodThresholdBreached;
import opennlp.tools.monitoring.StopCriteria;
import opennlp.tools.monitoring.TrainingMeasure;
import opennlp.tools.monitoring.TrainingProgressMonitor;
import opennlp.tools.util.ObjectStreamUtils;
import opennlp.tools.util.TrainingConfiguration;
import opennlp.tools.util.TrainingParameters;

/**
 * Finds the intent of a text: a maximum entropy model of Apache OpenNLP, trained from the examples of an intents file. It is what
 * OpenNLP's document categorizer is made of, without its model file, which would look up the feature generator by its class name.
 *
 * <p>The confidence is the model's probability, made steeper, times the share of the text's words that the examples know. The first
 * factor is flat because training stops early; the second keeps a text about something else low even if a few of its words fit.
 *
 * <p>Safe for concurrent use. OpenNLP does not promise that for its models; in 2.5 their state is written during construction only, and a
 * test of ours classifies from several threads at once.
 */
public final class IntentClassifier {

    /** Longer texts are not one question of a kind the examples show: nothing is understood. */
    static final int MAX_LENGTH = 1000;

    private static final int ITERATIONS = 50;
    private static final int STEEPNESS = 2;

    private final MaxentModel model;
    private final Vocabulary vocabulary;

    private IntentClassifier(MaxentModel model, Vocabulary vocabulary) {
        this.model = model;
        this.vocabulary = vocabulary;
    }

    /**
     * Trains a classifier. Takes a fraction of a second and changes nothing outside of it.
     *
     * @param file an intents file, which is valid by construction
     */
    public static IntentClassifier train(IntentsFile file) {
        List<Event> events = new ArrayList<>();
        Set<String> words = new HashSet<>();
        for (Intent intent : file.intents()) {
            for (String example : intent.examples()) {
                String[] exampleWords = Words.of(example);
                events.add(new Event(intent.name(), WordFeatures.of(exampleWords)));
                words.addAll(Arrays.asList(exampleWords));
            }
        }
        return new IntentClassifier(model(events), new Vocabulary(words));
    }

    private static MaxentModel model(List<Event> events) {
        TrainingParameters parameters = new TrainingParameters();
        parameters.put(TrainingParameters.ALGORITHM_PARAM, GISTrainer.MAXENT_VALUE);
        parameters.put(TrainingParameters.ITERATIONS_PARAM, ITERATIONS);
        parameters.put(TrainingParameters.CUTOFF_PARAM, 1);
        // the two-pass indexer, which is the default, writes a temporary file
        parameters.put(AbstractEventTrainer.DATA_INDEXER_PARAM, AbstractEventTrainer.DATA_INDEXER_ONE_PASS_VALUE);

        EventTrainer trainer = TrainerFactory.getEventTrainer(parameters, new HashMap<>(),
                new TrainingConfiguration(new Quiet(), new LogLikelihoodThresholdBreached(parameters)));
        try {
            return trainer.train(ObjectStreamUtils.createObjectStream(events));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The likeliest intent of a text. Nothing is understood, with confidence 0, of null, of a text longer than 1000 characters, and of
     * one that has no word which the examples know.
     */
    public Understanding classify(String text) {
        if (text == null || text.length() > MAX_LENGTH) {
            return Understanding.NOTHING;
        }
        String[] words = Words.of(text);
        double coverage = vocabulary.coverage(words);
        if (coverage == 0) {
            return Understanding.NOTHING;
        }
        double[] probabilities = model.eval(WordFeatures.of(words));
        String best = model.getBestOutcome(probabilities);
        return new Understanding(best, coverage * steepened(probabilities, model.getIndex(best)));
    }

    private static double steepened(double[] probabilities, int index) {
        double sum = 0;
        for (double probability : probabilities) {
            sum += Math.pow(probability, STEEPNESS);
        }
        return Math.pow(probabilities[index], STEEPNESS) / sum;
    }

    /** OpenNLP's own monitor logs a line for each iteration. */
    private static final class Quiet implements TrainingProgressMonitor {

        private boolean finished;

        @Override
        public void finishedIteration(int iteration, int correct, int total, TrainingMeasure measure, double value) {
            // nobody waits for it
        }

        @Override
        public void finishedTraining(int iterations, StopCriteria<?> stopCriteria) {
            finished = true;
        }

        @Override
        public boolean isTrainingFinished() {
            return finished;
        }

        @Override
        public void display(boolean clear) {
            // nothing was collected
        }
    }
}
