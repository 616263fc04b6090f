package com.example.quarkus;

import java.util.Locale;

import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

/** What the shop knows; a route names it, which Quarkus does not see. */
@Named
@Unremovable
@ApplicationScoped
public class OpeningHours {

    public String answer(String text) {
        return text.toLowerCase(Locale.ROOT).contains("sunday") ? "On Sundays we are closed." : "We are open from nine to six.";
    }
}
