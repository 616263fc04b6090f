package io.github.waroutes.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.LocalDate;

import io.github.waroutes.junit.ReceivedMessage;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.junit.WhatsAppUser;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@WhatsAppSimulator
class AppointmentTest {

    private static Recipe recipe;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp, @TempDir Path directory) {
        recipe = new Recipe("appointment", whatsapp, directory).with("appointment.directory", directory.resolve("appointments")).start();
    }

    @AfterAll
    static void stop() {
        recipe.close();
    }

    /** What is written and said, and what is tapped in a list or on a button, by people whom Meta names by phone number or by id. */
    @Test
    void aTimeIsBookedOnce(@WhatsAppUser(name = "Kim") SimulatedUser kim, @WhatsAppUser(name = "Sam", phone = "US.13491208655302741918") SimulatedUser sam) {
        String day = LocalDate.now().plusDays(2).toString();
        kim.sends("I would like an appointment");
        String title = toTimes(kim);
        kim.taps("10:00");
        ReceivedMessage question = kim.receives("Shall I book " + day + " at 10:00?");
        assertThat(question.choices()).containsExactly("Book it", "Another day");
        kim.taps("Another day");
        assertThat(toTimes(kim)).isEqualTo(title);
        kim.taps("10:00");
        kim.receives("Shall I book " + day + " at 10:00?");
        kim.taps("Book it");
        kim.receives("Booked: " + day + " at 10:00. See you then!");
        assertThat(recipe.directory().resolve("appointments").resolve(day).resolve("10.00.txt")).hasContent(kim.id() + " Kim");

        sam.sendsVoice("an appointment please");
        toTimes(sam);
        sam.taps("10:00");
        sam.receives("Shall I book " + day + " at 10:00?");
        sam.taps("Book it");
        sam.receives("Sorry, " + day + " at 10:00 has just been taken. Please choose another time.");
        assertThat(sam.receives("At what time on " + day + '?').choices()).contains("14:00");
        sam.taps("14:00");
        sam.receives("Shall I book " + day + " at 14:00?");
        sam.taps("Book it");
        sam.receives("Booked: " + day + " at 14:00. See you then!");
    }

    @Test
    void aListOfLastWeekLeadsToTheNextDays(@WhatsAppUser(name = "Kim") SimulatedUser kim) {
        kim.says("{\"list\":{\"id\":\"day/2026-01-05\",\"title\":\"Monday 5 January\"}}");
        kim.receives("When would you like to come?");
    }

    /** Chooses the second day. */
    private static String toTimes(SimulatedUser user) {
        ReceivedMessage days = user.receives("When would you like to come?");
        assertThat(days.choices()).hasSize(5).doesNotHaveDuplicates();
        user.taps(days.choices().get(1));
        assertThat(user.receives("At what time on " + LocalDate.now().plusDays(2) + '?').choices())
                .containsExactly("9:00", "10:00", "11:00", "14:00", "15:00", "16:00");
        return days.choices().get(1);
    }
}
