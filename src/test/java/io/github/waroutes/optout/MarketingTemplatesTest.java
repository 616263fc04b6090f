package io.github.waroutes.optout;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.state.FileKeptValues;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MarketingTemplatesTest {

    @TempDir
    Path directory;

    private MarketingTemplates templates() {
        MarketingTemplates templates = new MarketingTemplates(new FileKeptValues(directory.resolve("templates.log")));
        templates.configure("summer_sale , winter_sale");
        return templates;
    }

    private void told(String json) throws IOException {
        templates().told(new ObjectMapper().readTree(json));
    }

    @Test
    void whatMetaTellsStaysKnownAndTheConfigurationHolds() throws IOException {
        assertThat(templates().isMarketing("summer_sale")).isTrue();
        assertThat(templates().isMarketing("order_ready")).isFalse();
        told("{\"message_template_name\":\"order_ready\",\"message_template_category\":\"MARKETING\"}");
        assertThat(templates().isMarketing("order_ready")).isTrue();
        told("{\"message_template_name\":\"order_ready\",\"event\":\"PAUSED\"}");
        assertThat(templates().isMarketing("order_ready")).as("nothing was said of it").isTrue();
        told("{\"message_template_name\":\"order_ready\",\"previous_category\":\"MARKETING\",\"new_category\":\"UTILITY\"}");
        assertThat(templates().isMarketing("order_ready")).isFalse();
        told("{\"name\":\"order_ready\",\"language\":\"en\",\"category\":\"MARKETING\"}");
        assertThat(templates().isMarketing("order_ready")).isTrue();
        told("{\"name\":\"summer_sale\",\"language\":\"en\",\"category\":\"UTILITY\"}");
        assertThat(templates().isMarketing("summer_sale")).isTrue();
    }

    @Test
    void whatIsNoNameIsNotKept() throws IOException {
        told("{\"name\":\"a b\\nc\",\"category\":\"MARKETING\"}");
        templates().learn(MarketingTemplates.name("no json".getBytes()));
        assertThat(directory.resolve("templates.log")).doesNotExist();
        assertThat(MarketingTemplates.name("{\"template\":{\"name\":\"order_ready\"}}".getBytes())).isEqualTo("order_ready");
    }
}
