package io.github.waroutes.understanding;

import java.util.ArrayList;
import java.util.List;

/**
 * What the classifier sees of a text: its words, its pairs of neighbouring words (start and end of the text included), and the groups
 * of three and four characters in each word, which survive most typing mistakes.
 */
final class WordFeatures {

    private static final String START = "^";
    private static final String END = "$";
    private static final int SHORTEST_GROUP = 3;
    private static final int LONGEST_GROUP = 4;

    private WordFeatures() {
    }

    static String[] of(String[] words) {
        List<String> features = new ArrayList<>();
        String previous = START;
        for (String word : words) {
            features.add("w=" + word);
            features.add("b=" + previous + ' ' + word);
            addCharacterGroups(word, features);
            previous = word;
        }
        features.add("b=" + previous + ' ' + END);
        return features.toArray(String[]::new);
    }

    private static void addCharacterGroups(String word, List<String> features) {
        String bounded = '<' + word + '>';
        for (int size = SHORTEST_GROUP; size <= LONGEST_GROUP; size++) {
            for (int start = 0; start + size <= bounded.length(); start++) {
                features.add("c=" + bounded.substring(start, start + size));
            }
        }
    }
}
