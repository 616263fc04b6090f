package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import io.github.waroutes.simulator.PageBrowser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Makes the picture of docs/runbook.md again, from a Prometheus that has scraped a gateway for some minutes:
 * {@code mvn test -Dtest=DashboardPictureTest -Ddashboard.picture=docs/images/dashboard.png -Ddashboard.prometheus=http://127.0.0.1:9090}.
 * Not Grafana draws it: {@code draw.js} asks Prometheus each query of each panel.
 */
@EnabledIfSystemProperty(named = "dashboard.picture", matches = ".+")
@EnabledIf(value = PageBrowser.IS_THERE, disabledReason = PageBrowser.MISSING)
class DashboardPictureTest {

    private static final int MAX_BYTES = 400_000;

    @Test
    void aPictureOfTheDashboardIsTaken() throws IOException {
        Path picture = Path.of(System.getProperty("dashboard.picture")).toAbsolutePath();
        Map<String, Object> dashboard = new ObjectMapper().readValue(Path.of("deploy/grafana/whatsapp.json").toFile(), new TypeReference<>() { });
        dashboard.put("seconds", Integer.getInteger("dashboard.seconds", 420));
        String prometheus = System.getProperty("dashboard.prometheus", "http://127.0.0.1:9090");
        try (PageBrowser browser = PageBrowser.forPage(prometheus, "/-/healthy", "/")) {
            Page page = browser.open(new Browser.NewContextOptions().setViewportSize(1500, 900));
            page.evaluate(Files.readString(Path.of("src/test/resources/dashboard/draw.js")), dashboard);
            page.screenshot(new Page.ScreenshotOptions().setPath(picture).setFullPage(true));
        }
        assertThat(Files.size(picture)).isLessThan(MAX_BYTES);
    }
}
