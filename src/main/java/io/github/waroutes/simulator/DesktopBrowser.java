package io.github.waroutes.simulator;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Opens an address in the desktop's browser; without a desktop nothing happens. */
final class DesktopBrowser {

    /** Set to false, it keeps the demonstration from opening a browser; set to true, it opens one in any case. */
    static final String SWITCH = "WHATSAPP_DEMO_OPEN";

    private DesktopBrowser() {
    }

    /**
     * The command that opens an address, if there seems to be a desktop.
     *
     * @param wanted      whether the caller asked for it; without that it is done where a desktop is, and nowhere in CI
     * @param system      as {@code os.name}
     * @param environment of this process
     */
    static Optional<List<String>> command(String address, boolean wanted, String system, Map<String, String> environment) {
        String choice = environment.getOrDefault(SWITCH, "");
        if (choice.equalsIgnoreCase("false") || environment.containsKey("CI") && !wanted) {
            return Optional.empty();
        }
        String os = system.toLowerCase(Locale.ROOT);
        if (os.contains("windows")) {
            return Optional.of(List.of("rundll32", "url.dll,FileProtocolHandler", address));
        }
        if (os.contains("mac")) {
            return Optional.of(List.of("open", address));
        }
        boolean desktop = environment.containsKey("DISPLAY") || environment.containsKey("WAYLAND_DISPLAY");
        return desktop || wanted || choice.equalsIgnoreCase("true") ? Optional.of(List.of("xdg-open", address))
                : Optional.empty();
    }

    /** Tries to; a failure is ignored, as the address was printed. */
    static void open(String address, boolean wanted) {
        command(address, wanted, System.getProperty("os.name"), System.getenv()).ifPresent(command -> {
            try {
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start().getOutputStream().close();
            } catch (IOException e) {
                // there is no such command here
            }
        });
    }
}
