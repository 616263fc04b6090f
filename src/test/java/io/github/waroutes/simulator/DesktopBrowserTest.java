package io.github.waroutes.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DesktopBrowserTest {

    private static final String URL = "http://127.0.0.1:8080/simulator/";

    @Test
    void itIsOpenedWhereThereIsADesktop() {
        assertThat(DesktopBrowser.command(URL, false, "Linux", Map.of("DISPLAY", ":0"))).hasValue(List.of("xdg-open", URL));
        assertThat(DesktopBrowser.command(URL, false, "Linux", Map.of("WAYLAND_DISPLAY", "wayland-0"))).isPresent();
        assertThat(DesktopBrowser.command(URL, false, "Mac OS X", Map.of())).hasValue(List.of("open", URL));
        assertThat(DesktopBrowser.command(URL, false, "Windows 11", Map.of())).get().asInstanceOf(
                org.assertj.core.api.InstanceOfAssertFactories.LIST).contains(URL);
        assertThat(DesktopBrowser.command(URL, false, "Linux", Map.of())).isEmpty();
    }

    @Test
    void itIsNotOpenedInCiUnlessAskedForNorWhenSwitchedOff() {
        assertThat(DesktopBrowser.command(URL, false, "Linux", Map.of("DISPLAY", ":0", "CI", "true"))).isEmpty();
        assertThat(DesktopBrowser.command(URL, true, "Linux", Map.of("CI", "true"))).isPresent();
        assertThat(DesktopBrowser.command(URL, true, "Linux", Map.of("DISPLAY", ":0", "WHATSAPP_DEMO_OPEN", "false"))).isEmpty();
    }
}
