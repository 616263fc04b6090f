package com.example.quarkus;

import io.github.waroutes.setting.SettingsCheck;
import jakarta.enterprise.event.Observes;
import org.apache.camel.quarkus.main.events.BeforeConfigure;

/** All that is wrong with the settings, at once, before anything is done. */
public class StartCheck {

    void check(@Observes BeforeConfigure start) {
        SettingsCheck.check(start.getCamelContext());
    }
}
