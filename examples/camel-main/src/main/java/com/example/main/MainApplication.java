package com.example.main;

import io.github.waroutes.setting.SettingsCheck;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;

/** Camel Main; all else is in application.properties and in the routes. */
public final class MainApplication {

    private MainApplication() {
    }

    public static void main(String... args) throws Exception {
        System.exit(newMain().run(args));
    }

    static Main newMain() {
        Main main = new Main(MainApplication.class);
        main.addMainListener(new MainListenerSupport() {
            @Override
            public void beforeConfigure(BaseMainSupport starting) {
                // all that is wrong with the settings, at once
                SettingsCheck.check(starting.getCamelContext());
            }
        });
        return main;
    }
}
