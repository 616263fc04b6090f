package io.github.waroutes.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.junit.WhatsAppUser;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@WhatsAppSimulator(statusDelay = 20, templates = "spring_sale:en")
class CampaignTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static Recipe recipe;
    private static Path campaigns;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp, @TempDir Path directory) {
        recipe = new Recipe("campaign", whatsapp, directory);
        campaigns = directory.resolve("campaigns");
        recipe.with("campaign.directory", campaigns)
                .with("campaign.database.url", "jdbc:h2:mem:campaign;DB_CLOSE_DELAY=-1;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH;INIT=RUNSCRIPT FROM '"
                        + recipe.folder().resolve("schema.sql") + '\'').start();
    }

    @AfterAll
    static void stop() {
        recipe.close();
    }

    @Test
    void theProgressOfACampaignIsInAFile(@WhatsAppUser(name = "Kim", phone = "4915550101001") SimulatedUser kim, @WhatsAppUser(name = "Sam", phone = "15555550102") SimulatedUser sam,
            @WhatsAppUser(name = "Ana", phone = "34600000103") SimulatedUser ana, SimulatedGraph graph) throws Exception {
        graph.failsLater(131026).forUser(ana).always();
        write("spring", line("+49 1555 0101001"), line("+15555550102"), "", line("+34600000103"), "{\"type\":\"template\"}", "no JSON");

        kim.receivesTemplate("spring_sale");
        sam.receivesTemplate("spring_sale");
        await().atMost(LIMIT).ignoreExceptions().untilAsserted(() -> {
            JsonNode progress = JSON.readTree(campaigns.resolve("spring.progress.json").toFile());
            assertThat(progress.toString()).isEqualTo("{\"campaign\":\"spring\",\"messages\":5,\"queued\":3,\"sent\":2,\"delivered\":2,\"read\":2,\"failed\":1,\"refused\":2,"
                    + "\"cost\":" + progress.path("cost") + ",\"without_rate\":0}");
            // utility, as the simulator's templates are
            assertThat(progress.path("cost").decimalValue()).isEqualByComparingTo("0.0584");
        });
        assertThat(campaigns.resolve("spring.ndjson")).doesNotExist();

        // as after a crash before it was moved
        Files.move(campaigns.resolve(".done/spring.ndjson"), campaigns.resolve("spring.ndjson"));
        await().atMost(LIMIT).until(() -> Files.exists(campaigns.resolve(".done/spring.ndjson")));
        write("last", line("+15555550102"));
        sam.receivesTemplate("spring_sale");
        kim.receivesNothingFor(Duration.ofMillis(100));
    }

    private static String line(String to) {
        return "{\"messaging_product\":\"whatsapp\",\"to\":\"" + to + "\",\"type\":\"template\",\"template\":{\"name\":\"spring_sale\",\"language\":{\"code\":\"en\"}}}";
    }

    private static void write(String name, String... lines) throws Exception {
        Files.createDirectories(campaigns);
        Files.writeString(campaigns.resolve(name + ".ndjson"), String.join("\n", lines) + '\n');
    }
}
