package io.github.waroutes.understanding;

/**
 * What a text was understood as.
 *
 * @param intent     the name of the likeliest intent; empty if nothing in the text is known
 * @param confidence 0 (nothing known) to 1
 */
public record Understanding(String intent, double confidence) {

    static final Understanding NOTHING = new Understanding("", 0);
}
