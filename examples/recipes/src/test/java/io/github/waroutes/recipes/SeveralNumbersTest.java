package io.github.waroutes.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;

import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppNumber;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.junit.WhatsAppUser;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@WhatsAppSimulator(numbers = "es=5001:34600000001")
class SeveralNumbersTest {

    private static Recipe recipe;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp, @TempDir Path directory) {
        recipe = new Recipe("several-numbers", whatsapp, directory).start();
    }

    @AfterAll
    static void stop() {
        recipe.close();
    }

    @Test
    void eachNumberAnswersInItsLanguage(@WhatsAppUser(name = "Kim") SimulatedUser kim, @WhatsAppNumber("es") @WhatsAppUser(name = "Ana") SimulatedUser ana, SimulatedGraph graph) {
        ana.sends("¿a qué hora abrís el sábado?");
        ana.receives("Abrimos de lunes a sábado, de 9 a 18 horas.");
        ana.sendsVoice("dónde está mi pedido");
        ana.receives("Mándame el número de pedido, por favor.");
        ana.sendsLocation(40.4, -3.7);
        ana.receives("Tu tienda más cercana: Calle Mayor, 1.");
        ana.sendsImage();
        ana.receives("De momento solo entiendo texto y mensajes de voz.");
        kim.sends("when do you open on Saturday?");
        kim.receivesMatching(".*Saturday.*");
        kim.sendsLocation(51.5, -0.1);
        kim.receives("Your nearest shop: 1 High Street.");

        assertThat(graph.sentTo(ana)).allMatch(call -> call.path().endsWith("/5001/messages"));
        assertThat(graph.sentTo(kim)).noneMatch(call -> call.path().contains("/5001/"));
    }
}
