package io.github.waroutes.setting;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;

/** What the program says of itself on its command line: {@code --help}, {@code --settings} and {@code --version}. */
public final class Usage {

    private static final List<String> OPTIONS = List.of("--help", "-h", "--version", "--settings");

    private Usage() {
    }

    public static boolean isAsked(String... args) {
        return Arrays.stream(args).anyMatch(OPTIONS::contains);
    }

    public static void print(PrintStream out, String... args) {
        String version = version();
        List<String> given = List.of(args);
        if (given.contains("--version")) {
            out.println("whatsapp-cloud-routes " + version);
        } else if (given.contains("--settings")) {
            settings(out);
        } else {
            out.printf("""
                    whatsapp-cloud-routes %s: a WhatsApp gateway on Apache Camel

                      java -jar whatsapp-cloud-routes.jar [option]
                      java -jar whatsapp-cloud-routes.jar COMMAND [--help]

                      dead-letters, unhandled, numbers, queues, waiting, pause, resume, config: of a running gateway
                      doctor: what is wrong with the configuration of this folder, and at Meta

                      --routes DIR the routes DIR/*.camel.yaml beside ours, taken up again when they are saved,
                                   and the settings of DIR/application.properties
                      --help       this text
                      --settings   every setting with its default
                      --version    the version
                      --debug      a start that fails shows its whole stack

                    Settings come from ./application.properties and from the environment, which wins:
                    whatsapp.app-secret is WHATSAPP_APP_SECRET there. These must be set:

                    """, version);
            Settings.load().all().filter(Setting::required)
                    .forEach(setting -> out.printf("  %-26s %s%n", setting.name(), setting.description().replace("`", "")));
            out.println();
            out.println("The routes, own routes and all else are in the README.");
        }
    }

    private static void settings(PrintStream out) {
        for (Settings.Section section : Settings.load().sections()) {
            out.println("# " + section.title());
            for (Setting setting : section.settings()) {
                String unit = setting.unit() == null ? "" : " (" + setting.unit() + ")";
                out.println((setting.name() + " = " + (setting.required() ? "(required)" : setting.defaultValue())).strip() + unit);
            }
            out.println();
        }
    }

    private static String version() {
        String version = Usage.class.getPackage().getImplementationVersion();
        return version == null ? "(not packaged)" : version;
    }
}
