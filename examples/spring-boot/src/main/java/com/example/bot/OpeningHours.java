package com.example.bot;

import java.util.Locale;

import org.springframework.stereotype.Component;

/** What the shop knows: a bean like any other of the application. */
@Component
public class OpeningHours {

    String answer(String text) {
        return text.toLowerCase(Locale.ROOT).contains("sunday") ? "On Sundays we are closed." : "We are open from nine to six.";
    }
}
