package io.github.waroutes.simulator;

import static io.github.waroutes.simulator.SimulatorServer.ACCOUNT;
import static io.github.waroutes.simulator.SimulatorServer.NUMBER;
import static io.github.waroutes.simulator.SimulatorServer.PATIENCE;
import static io.github.waroutes.simulator.SimulatorServer.json;
import static io.github.waroutes.simulator.SimulatorServer.parse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.simulator.media.Uploads;
import java.io.ByteArrayInputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Uploads, templates, the account, everything a user can say, and Meta's limits, over real HTTP. */
class SimulatorApiFlowTest {

    private static final String USER = "15555550101";
    private static final String USER_ID = "US.13491208655302741918";
    private static SimulatorServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new SimulatorServer(Map.of("whatsapp.simulator.limits", "true", "whatsapp.simulator.tier", "3",
                "whatsapp.simulator.messages-per-second", "1000"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void forget() {
        server.webhooks.clear();
    }

    @Test
    void anUploadedFileIsFoundDownloadedSentAndDeleted() throws Exception {
        byte[] file = new byte[3 * 1024 * 1024];
        file[7] = 7;
        String id = json(server.upload("application/pdf", file), 200).path("id").asText();

        JsonNode media = json(server.graph("GET", id, null), 200);
        assertThat(media.path("file_size").asLong()).isEqualTo(file.length);
        HttpResponse<byte[]> bytes = server.download(media.path("url").asText());
        assertThat(bytes.headers().firstValue("Content-Type")).hasValue("application/pdf");
        assertThat(bytes.body()).isEqualTo(file);
        assertThat(json(server.graph("DELETE", id, null), 200)).isEqualTo(parse("{\"success\":true}"));
        assertThat(json(server.graph("GET", id, null), 400).at("/error/error_subcode").asInt()).isEqualTo(33);
        json(server.graph("DELETE", id, null), 400);
        assertThat(server.download(media.path("url").asText()).statusCode()).isEqualTo(404);
    }

    @Test
    void anUploadOfAWrongTypeOrSizeIsRefused() throws Exception {
        assertThat(json(server.upload("image/gif", new byte[10]), 400).at("/error/message").asText())
                .contains("image/png");
        assertThat(json(server.upload("image/webp", new byte[512_001]), 400).at("/error/code").asInt()).isEqualTo(131053);
        assertThat(json(server.graph("POST", NUMBER + "/media", "{}"), 400).at("/error/code").asInt()).isEqualTo(100);
    }

    @Test
    void templatesAreCreatedListedRejectedAndDeleted() throws Exception {
        String path = ACCOUNT + "/message_templates";
        JsonNode created = json(server.graph("POST", path, template("parcel_sent", "UTILITY")), 200);
        assertThat(created.path("status").asText()).isEqualTo("APPROVED");
        assertThat(json(server.graph("POST", path, template("reject_me", "UTILITY")), 200).path("status").asText())
                .isEqualTo("REJECTED");

        assertThat(json(server.graph("GET", path, null), 200).path("data").findValuesAsText("name"))
                .contains("hello_world", "parcel_sent", "reject_me");
        assertThat(json(server.graph("GET", path + "?name=parcel_sent", null), 200).path("data")).hasSize(1);
        json(server.graph("POST", path, template("parcel_sent", "UTILITY")), 400);
        json(server.say(USER, "{\"text\":\"hi\"}"), 200);
        json(server.graph("POST", NUMBER + "/messages", send("parcel_sent")), 200);
        assertThat(json(server.graph("POST", NUMBER + "/messages", send("reject_me")), 404).at("/error/code").asInt())
                .isEqualTo(132001);
        json(server.graph("DELETE", path + "?name=parcel_sent", null), 200);
        json(server.graph("POST", NUMBER + "/messages", send("parcel_sent")), 404);
    }

    @Test
    void marketingMessagesTakeMarketingTemplatesOnlyAndHaveTheirOwnPrice() throws Exception {
        json(server.graph("POST", ACCOUNT + "/message_templates", template("spring_sale", "MARKETING")), 200);
        json(server.say(USER, "{\"text\":\"hi\"}"), 200);
        JsonNode sent = json(server.graph("POST", NUMBER + "/marketing_messages", send("spring_sale")), 200);

        await().atMost(PATIENCE).until(() -> server.statusesOf(USER).stream()
                .anyMatch(status -> status.path("id").equals(sent.at("/messages/0/id"))));
        assertThat(server.statusesOf(USER)).anyMatch(status -> status.path("id").equals(sent.at("/messages/0/id"))
                && status.at("/pricing/category").asText().equals("marketing_lite"));
        assertThat(json(server.graph("POST", NUMBER + "/marketing_messages", send("hello_world")), 400).at("/error/code").asInt())
                .isEqualTo(134100);
        assertThat(json(server.graph("POST", NUMBER + "/marketing_messages",
                "{\"messaging_product\":\"whatsapp\",\"type\":\"text\"}"), 400).at("/error/code").asInt()).isEqualTo(131055);
    }

    @Test
    void theNumberTheAccountAndTheSubscribedAppsCanBeAskedFor() throws Exception {
        JsonNode number = json(server.graph("GET", NUMBER, null), 200);
        assertThat(number.path("id").asText()).isEqualTo(NUMBER);
        assertThat(number.path("verified_name").asText()).isNotBlank();
        assertThat(json(server.graph("GET", NUMBER + "?fields=quality_rating,throughput", null), 200))
                .isEqualTo(parse("{\"quality_rating\":\"GREEN\",\"throughput\":{\"level\":\"HIGH\"},\"id\":\"" + NUMBER + "\"}"));
        assertThat(json(server.graph("GET", ACCOUNT, null), 200).path("id").asText()).isEqualTo(ACCOUNT);

        String apps = ACCOUNT + "/subscribed_apps";
        assertThat(json(server.graph("GET", apps, null), 200).path("data")).isEmpty();
        json(server.graph("POST", apps, null), 200);
        assertThat(json(server.graph("GET", apps, null), 200).path("data")).hasSize(1);
        json(server.graph("DELETE", apps, null), 200);
        json(server.graph("GET", "1/subscribed_apps", null), 400);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', value = {
        "{\"list\":{\"id\":\"r1\",\"title\":\"Row\"}}|interactive|/interactive/list_reply/id|r1",
        "{\"quick_reply\":{\"payload\":\"p\",\"text\":\"Yes\"}}|button|/button/payload|p",
        "{\"location\":{\"latitude\":1.5,\"longitude\":2,\"name\":\"Here\"}}|location|/location/latitude|1.5",
        "{\"contacts\":[{\"name\":{\"formatted_name\":\"Kim\"}}]}|contacts|/contacts/0/name/formatted_name|Kim",
        "{\"order\":{\"catalog_id\":\"c\",\"product_items\":[{\"quantity\":1}]}}|order|/order/product_items/0/quantity|1",
        "{\"reaction\":{\"message_id\":\"wamid.x\",\"emoji\":\"!\"}}|reaction|/reaction/message_id|wamid.x",
        "{\"edit\":{\"original_message_id\":\"wamid.x\",\"text\":\"new\"}}|edit|/edit/message/text/body|new",
        "{\"revoke\":{\"original_message_id\":\"wamid.x\"}}|revoke|/revoke/original_message_id|wamid.x",
        "{\"unsupported\":{\"code\":131060}}|unsupported|/errors/0/code|131060",
        "{\"raw\":{\"type\":\"hologram\",\"id\":\"wamid.mine\",\"hologram\":{\"x\":1}}}|hologram|/hologram/x|1"})
    void aUserCanSayAnything(String said, String type, String pointer, String value) throws Exception {
        String id = json(server.say(USER, said), 200).path("message_id").asText();

        JsonNode message = said(id);
        assertThat(message.path("type").asText()).isEqualTo(type);
        assertThat(message.at(pointer).asText()).isEqualTo(value);
        assertThat(message.path("from").asText()).isEqualTo(USER);
    }

    @ParameterizedTest
    @CsvSource({"image,image/png", "video,video/mp4", "document,application/pdf", "sticker,image/webp"})
    void filesOfAUserCanBeDownloaded(String kind, String mimeType) throws Exception {
        JsonNode file = said(json(server.say(USER, "{\"" + kind + "\":true}"), 200).path("message_id").asText()).path(kind);

        assertThat(file.path("mime_type").asText()).isEqualTo(mimeType);
        byte[] bytes = server.download(file.path("url").asText()).body();
        switch (kind) {
            case "image" -> assertThat(ImageIO.read(new ByteArrayInputStream(bytes)).getWidth()).isEqualTo(1);
            case "video" -> assertThat(new String(bytes, StandardCharsets.ISO_8859_1)).contains("ftypisom", "moov", "mvhd");
            case "document" -> assertThat(new String(bytes, StandardCharsets.ISO_8859_1)).startsWith("%PDF-1.4").endsWith("%%EOF\n");
            default -> assertThat(new String(bytes, StandardCharsets.ISO_8859_1)).startsWith("RIFF").contains("WEBPVP8L");
        }
    }

    @Test
    void aSystemMessageHasNoContacts() throws Exception {
        String id = json(server.say(USER, "{\"system\":{\"body\":\"Kim has a new number\",\"wa_id\":\"15555550199\"}}"), 200)
                .path("message_id").asText();

        assertThat(said(id).at("/system/type").asText()).isEqualTo("user_changed_number");
        assertThat(server.webhooks).filteredOn(webhook -> webhook.message().path("id").asText().equals(id))
                .noneMatch(webhook -> webhook.value().has("contacts"));
    }

    @Test
    void severalMessagesComeInOneWebhookAndMayBeMixed() throws Exception {
        String batch = "{\"batch\":[{\"text\":\"one\"},{\"text\":\"two\"},{\"image\":{\"caption\":\"three\"}}],\"username\":\"kim\"}";
        JsonNode answer = json(server.say(USER_ID, batch), 200);
        assertThat(answer.path("message_ids")).hasSize(3);
        JsonNode value = server.webhooks.stream().filter(webhook -> webhook.value().path("messages").size() == 3).findFirst()
                .orElseThrow().value();
        assertThat(value.at("/contacts/0/profile/username").asText()).isEqualTo("kim");
        assertThat(value.at("/contacts/0").has("wa_id")).isFalse();
        assertThat(value.at("/messages/0/text/body").asText()).isEqualTo("one");
        assertThat(value.at("/messages/2/image/caption").asText()).isEqualTo("three");

        forget();
        server.fault("{\"fault\":\"reordered-webhooks\",\"recipient\":\"" + USER_ID + "\"}");
        json(server.say(USER_ID, batch), 200);
        assertThat(server.webhooks.stream().filter(webhook -> webhook.value().path("messages").size() == 3).findFirst()
                .orElseThrow().value().at("/messages/0/text/body").asText()).isNotEqualTo("one");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"batch\":[]}", "{\"batch\":[1]}", "{\"batch\":[{\"text\":\"a\"}],\"text\":\"b\"}", "{\"raw\":{}}",
        "{\"location\":{\"latitude\":91,\"longitude\":0}}", "{\"image\":false}", "{\"image\":{\"id\":\"1\"}}", "{\"contacts\":[]}",
        "{\"order\":{\"catalog_id\":\"c\"}}"})
    void whatNobodyCanSayIsRefused(String said) throws Exception {
        assertThat(json(server.say(USER, said), 400).path("error").asText()).isNotBlank();
    }

    @Test
    void aPairMaySendABurstOf45() throws Exception {
        json(server.say("15555550130", "{\"text\":\"hi\"}"), 200);
        for (int message = 0; message < 45; message++) {
            json(server.send("15555550130", "hi"), 200);
        }
        HttpResponse<String> next = server.send("15555550130", "hi");

        assertThat(json(next, 400).at("/error/code").asInt()).isEqualTo(131056);
    }

    @Test
    void theTierCountsUsersWhoHaveNotWritten() throws Exception {
        for (String user : List.of("15555550140", "15555550141", "15555550142", "15555550140")) {
            json(server.send(user, "hi"), 200);
        }
        assertThat(json(server.send("15555550143", "hi"), 400).at("/error/code").asInt()).isEqualTo(131048);

        json(server.say("15555550143", "{\"text\":\"hi\"}"), 200);
        json(server.send("15555550143", "hi"), 200);
    }

    private static JsonNode said(String id) {
        return server.webhooks.stream().map(SimulatorServer.Webhook::message)
                .filter(message -> id.equals(message.path("id").asText())).findFirst().orElseThrow();
    }

    private static String template(String name, String category) {
        return "{\"name\":\"" + name + "\",\"language\":\"en_US\",\"category\":\"" + category
                + "\",\"components\":[{\"type\":\"BODY\",\"text\":\"Hello\"}]}";
    }

    private static String send(String template) {
        return "{\"messaging_product\":\"whatsapp\",\"to\":\"+" + USER + "\",\"type\":\"template\",\"template\":{\"name\":\""
                + template + "\",\"language\":{\"code\":\"en_US\"}}}";
    }

    @Test
    void thoseWhoWaitForTheirWebhookDoNotTakeAllWorkersOfTheServer() throws Exception {
        server.fault("{\"fault\":\"slow\",\"endpoint\":\"webhook\",\"delay_ms\":3000,\"times\":16}");
        ExecutorService talking = Executors.newFixedThreadPool(16);
        try {
            List<Future<HttpResponse<String>>> said = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                String user = "155555502" + (10 + i);
                said.add(talking.submit(() -> server.say(user, "{\"text\":\"hello\"}")));
            }
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(server.faults().toString()).contains("\"hits\":16"));
            HttpResponse<String> oneMore = server.say("15555550299", "{\"text\":\"hello\"}");
            assertThat(oneMore.statusCode()).isEqualTo(503);
            assertThat(oneMore.headers().firstValue("Retry-After")).hasValue("1");
            for (Future<HttpResponse<String>> one : said) {
                assertThat(one.get().statusCode()).isEqualTo(200);
            }
            assertThat(server.say("15555550299", "{\"text\":\"hello\"}").statusCode()).isEqualTo(200);
        } finally {
            talking.shutdownNow();
        }
    }
}
