package io.github.waroutes.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.UserMessage;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the PostgreSQL of the machine. */
@WhatsAppSimulator(statusDelay = 20)
class DatabaseTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static Postgres postgres;
    private static Recipe recipe;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp, @TempDir Path directory) throws Exception {
        postgres = Postgres.started();
        recipe = new Recipe("database", whatsapp, directory).with("database.url", postgres.url()).with("database.user", Postgres.USER).with("database.password", "");
        try (Connection connection = postgres.connection(); Statement statement = connection.createStatement()) {
            statement.execute(Files.readString(recipe.folder().resolve("schema.sql")));
        }
        recipe.start();
    }

    @AfterAll
    static void stop() throws Exception {
        if (recipe != null) {
            recipe.close();
        }
        if (postgres != null) {
            postgres.close();
        }
    }

    @Test
    void everyUpdateIsARowOnce(SimulatedUser kim, SimulatedGraph graph) throws Exception {
        graph.repeatsWebhooks().always();
        UserMessage question = kim.sends("when do you open, at 9' or \"10\"?");
        kim.receives();
        UserMessage picture = kim.sendsImage("hello");
        kim.receives();

        await().atMost(LIMIT).untilAsserted(() -> assertThat(rows("select kind, type from whatsapp_update where whatsapp_user = '" + kim.id() + "' order by kind, type"))
                .containsExactlyInAnyOrder("message image", "message text",
                        "status delivered", "status delivered", "status read", "status read", "status sent", "status sent"));
        assertThat(rows("select payload #>> '{entry,0,changes,0,value,messages,0,text,body}', phone_number_id = payload #>> '{entry,0,changes,0,value,metadata,phone_number_id}' and happened > now() - interval '1 hour'"
                + " from whatsapp_update where message_id = '" + question.id() + '\'')).containsExactly("when do you open, at 9' or \"10\"? t");
        assertThat(rows("select count(*), count(distinct conversation) from whatsapp_update where message_id = '" + picture.id() + '\'')).containsExactly("1 1");
    }

    @Test
    void aDatabaseThatIsDownDelaysNoAnswerAndLosesNothing(SimulatedUser kim) throws Exception {
        postgres.stop();
        UserMessage message;
        try {
            message = kim.sends("hello");
            kim.receives();
        } finally {
            postgres.start();
        }

        await().atMost(LIMIT).ignoreExceptions().untilAsserted(() -> assertThat(rows("select kind, type from whatsapp_update where message_id = '" + message.id() + '\''))
                .containsExactly("message text"));
    }

    private static List<String> rows(String query) throws Exception {
        List<String> rows = new ArrayList<>();
        try (Connection connection = postgres.connection(); Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(query)) {
            while (result.next()) {
                rows.add(result.getString(1) + ' ' + result.getString(2));
            }
        }
        return rows;
    }
}
