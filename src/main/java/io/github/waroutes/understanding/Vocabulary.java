package io.github.waroutes.understanding;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The words of the examples, and how well it knows a word that may be mistyped. Immutable after construction.
 */
final class Vocabulary {

    /** Shorter words have too few letters to tell a typing mistake from another word. */
    private static final int SHORTEST_FUZZY = 4;
    /** Less alike than this is another word. */
    private static final double ALIKE = 0.5;

    private final Set<String> words;
    private final List<Integer> pairCounts = new ArrayList<>();
    private final Map<String, List<Integer>> wordsByPair = new HashMap<>();

    Vocabulary(Set<String> words) {
        this.words = Set.copyOf(words);
        for (String word : words) {
            if (word.length() >= SHORTEST_FUZZY) {
                Set<String> pairs = letterPairs(word);
                for (String pair : pairs) {
                    wordsByPair.computeIfAbsent(pair, key -> new ArrayList<>()).add(pairCounts.size());
                }
                pairCounts.add(pairs.size());
            }
        }
    }

    /** The mean of {@link #known(String)} over the words, 0 if there are none. */
    double coverage(String[] text) {
        double sum = 0;
        for (String word : text) {
            sum += known(word);
        }
        return text.length == 0 ? 0 : sum / text.length;
    }

    /**
     * 1 for a word of the examples; for another word of four letters or more its likeness to the nearest one (Dice coefficient of
     * their letter pairs) if that is at least a half; else 0.
     */
    double known(String word) {
        if (words.contains(word)) {
            return 1;
        }
        if (word.length() < SHORTEST_FUZZY) {
            return 0;
        }
        Set<String> pairs = letterPairs(word);
        int[] shared = new int[pairCounts.size()];
        double best = 0;
        for (String pair : pairs) {
            for (int index : wordsByPair.getOrDefault(pair, List.of())) {
                shared[index]++;
                best = Math.max(best, 2.0 * shared[index] / (pairs.size() + pairCounts.get(index)));
            }
        }
        return best >= ALIKE ? best : 0;
    }

    private static Set<String> letterPairs(String word) {
        String bounded = '<' + word + '>';
        Set<String> pairs = new HashSet<>();
        for (int start = 0; start + 2 <= bounded.length(); start++) {
            pairs.add(bounded.substring(start, start + 2));
        }
        return pairs;
    }
}
