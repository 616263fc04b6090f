package com.example.own;

import io.github.waroutes.number.NumberRegistry;
import io.github.waroutes.setting.SettingsCheck;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;

/** An application with parts of its own in the place of ours. */
public final class OwnPartsApplication {

    private OwnPartsApplication() {
    }

    public static void main(String... args) throws Exception {
        System.exit(newMain().run(args));
    }

    static Main newMain() {
        Main main = new Main(OwnPartsApplication.class);
        main.bind("shopAssistant", new Assistant());
        main.bind("shopFailures", new Failures());
        // the meters of the WhatsApp routes go where the application has its own
        main.bind("shopMeters", new SimpleMeterRegistry());
        main.addMainListener(new MainListenerSupport() {
            @Override
            public void beforeConfigure(BaseMainSupport starting) {
                SettingsCheck.check(starting.getCamelContext());
                // in the place of whatsapp.numbers.…
                starting.getCamelContext().getRegistry().bind(NumberRegistry.BEAN, new Branches(starting.getCamelContext()));
            }
        });
        return main;
    }
}
