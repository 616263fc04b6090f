package com.example.own;

/** Knows the answers. */
public class Assistant {

    public String answer(String text) {
        if (text.contains("stock")) {
            throw new IllegalStateException("The stock cannot be read");
        }
        return "We are open from nine to six.";
    }
}
