package io.github.waroutes.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.apache.camel.FluentProducerTemplate;
import org.apache.camel.component.whatsapp.model.Action;
import org.apache.camel.component.whatsapp.model.BaseMessage;
import org.apache.camel.component.whatsapp.model.Body;
import org.apache.camel.component.whatsapp.model.Button;
import org.apache.camel.component.whatsapp.model.ContactMessage;
import org.apache.camel.component.whatsapp.model.ContactMessageRequest;
import org.apache.camel.component.whatsapp.model.InteractiveMessage;
import org.apache.camel.component.whatsapp.model.InteractiveMessageRequest;
import org.apache.camel.component.whatsapp.model.Language;
import org.apache.camel.component.whatsapp.model.LocationMessage;
import org.apache.camel.component.whatsapp.model.LocationMessageRequest;
import org.apache.camel.component.whatsapp.model.MediaMessage;
import org.apache.camel.component.whatsapp.model.MediaMessageRequest;
import org.apache.camel.component.whatsapp.model.Name;
import org.apache.camel.component.whatsapp.model.Phone;
import org.apache.camel.component.whatsapp.model.Reply;
import org.apache.camel.component.whatsapp.model.TemplateMessage;
import org.apache.camel.component.whatsapp.model.TemplateMessageRequest;
import org.apache.camel.component.whatsapp.model.TextMessage;
import org.apache.camel.component.whatsapp.model.TextMessageRequest;
import org.apache.camel.component.whatsapp.model.UploadMedia;
import org.apache.camel.component.whatsapp.model.UploadMediaRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rows of docs/migrate-from-camel-whatsapp.md: what camel-whatsapp makes of an object at the simulated Graph, and what the migrated route makes of it. */
@WhatsAppSimulator
class MigrateTest {

    private static Recipe recipe;
    private static String before;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp, @TempDir Path directory) {
        recipe = new Recipe("migrate-from-camel-whatsapp", whatsapp, directory).start();
        before = "whatsapp:" + whatsapp.phoneNumberId() + "?authorizationToken=" + whatsapp.accessToken() + "&apiVersion=v26.0&baseUri=" + whatsapp.graphUrl();
    }

    @AfterAll
    static void stop() {
        recipe.close();
    }

    static Stream<BaseMessage> messages() {
        TextMessageRequest text = new TextMessageRequest();
        text.setText(new TextMessage());
        text.getText().setBody("Hello \"you\"");
        LocationMessage shop = new LocationMessage();
        shop.setLatitude("52.5");
        shop.setLongitude("13.4");
        shop.setName("Shop");
        LocationMessageRequest location = new LocationMessageRequest();
        location.setLocation(shop);
        MediaMessage picture = new MediaMessage();
        picture.setLink("https://shop.example/cat.png");
        picture.setCaption("a cat");
        Name name = new Name();
        name.setFormattedName("Sam Example");
        name.setFirstName("Sam");
        Phone phone = new Phone();
        phone.setPhone("+15555550102");
        ContactMessage contact = new ContactMessage();
        contact.setName(name);
        contact.setPhones(List.of(phone));
        ContactMessageRequest contacts = new ContactMessageRequest();
        contacts.setContacts(List.of(contact));
        Language language = new Language();
        language.setCode("en_US");
        TemplateMessage hello = new TemplateMessage();
        hello.setName("hello_world");
        hello.setLanguage(language);
        TemplateMessageRequest template = new TemplateMessageRequest();
        template.setTemplate(hello);
        return Stream.of(text, location, new MediaMessageRequest("image", picture), contacts, template, buttons());
    }

    private static InteractiveMessageRequest buttons() {
        Reply yes = new Reply();
        yes.setId("yes");
        yes.setTitle("Yes");
        Button button = new Button();
        button.setType("reply");
        button.setReply(yes);
        Action action = new Action();
        action.setButtons(List.of(button));
        Body words = new Body();
        words.setText("Tomorrow?");
        InteractiveMessage question = new InteractiveMessage();
        question.setType("button");
        question.setBody(words);
        question.setAction(action);
        InteractiveMessageRequest interactive = new InteractiveMessageRequest();
        interactive.setInteractive(question);
        return interactive;
    }

    @ParameterizedTest
    @MethodSource("messages")
    void whatWasSentIsSent(BaseMessage message, SimulatedUser kim, SimulatedGraph graph) {
        message.setTo(kim.id());
        FluentProducerTemplate template = recipe.camel().createFluentProducerTemplate();
        template.withBody(message).to(before).send();
        template.withBody(message).to("direct:migrated-send").send();

        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(graph.sentTo(kim)).hasSize(2));
        JsonNode theirs = graph.sentTo(kim).get(0).body();
        ObjectNode ours = graph.sentTo(kim).get(1).body().deepCopy();
        // ours, so that a status can be matched to a send whose answer was lost
        ours.remove("biz_opaque_callback_data");
        assertThat((JsonNode) ours).isEqualTo(theirs);
    }

    @Test
    void whatWasUploadedIsUploaded(SimulatedWhatsApp whatsapp, SimulatedGraph graph, @TempDir Path directory) throws Exception {
        Path file = Files.write(directory.resolve("notes.txt"), "hello".getBytes(StandardCharsets.UTF_8));
        UploadMediaRequest request = new UploadMediaRequest();
        request.setUploadMedia(new UploadMedia(file.toFile(), "text/plain"));
        FluentProducerTemplate template = recipe.camel().createFluentProducerTemplate();
        template.withBody(request).to(before).send();
        String id = template.withBody(file.toFile()).withHeaders(Map.of("WhatsAppMediaType", "text/plain")).to("direct:whatsapp-upload-media").request(String.class);

        assertThat(id).isNotBlank();
        assertThat(graph.calls()).filteredOn(call -> call.path().endsWith("/media")).hasSize(2).allMatch(call -> call.status() == 200);
    }

    @Test
    void whatWasReceivedIsReceived(SimulatedUser kim) {
        kim.sends("hello");
        kim.receives("You wrote: hello");
    }
}
