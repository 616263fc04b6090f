package io.github.waroutes.message;

import static io.github.waroutes.message.GoodMessages.PHONE;
import static io.github.waroutes.message.GoodMessages.USER;
import static io.github.waroutes.message.GoodMessages.tree;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.error.WhatsAppException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each builder writes the good message of its type, whole, and the checks refuse what it was given wrongly. */
class MessageBuildersTest {

    private static final String PNG = "https://example.com/Zebra.png";
    private static final String MP4 = "https://example.com/Zebra.mp4";
    private static final String PAGE = "https://example.com/Zebra";

    private final MessageChecks checks = new MessageChecks();

    static Stream<Arguments> built() {
        Map<String, List<String>> products = new LinkedHashMap<>();
        products.put("Zebra A", List.of("Zebra2"));
        products.put("Zebra B", List.of("Zebra3"));
        Map<String, String> named = new LinkedHashMap<>();
        named.put("zebra_name", "Zebra");
        return Stream.of(
                Arguments.of("text", Text.of("Zebra").preview(true)),
                Arguments.of("image", Media.image("Zebra1").caption("Zebra")),
                Arguments.of("image by link", Media.image(PNG)),
                Arguments.of("audio", Media.audio("Zebra1")),
                Arguments.of("audio voice", Media.voice("https://example.com/Zebra.ogg")),
                Arguments.of("video", Media.video("http://example.com/Zebra.mp4").caption("Zebra")),
                Arguments.of("document", Media.document("Zebra1").caption("Zebra").filename("Zebra.pdf")),
                Arguments.of("sticker", Media.sticker("Zebra1")),
                Arguments.of("location", Location.of(52.5, -13.25).name("Zebra house").address("Zebra street 1")),
                Arguments.of("contacts", Contacts.of("Zebra One", "Zebra").lastName("One").phone("+15555550102", "CELL")
                        .phone("+15555550103", "WORK", "15555550103").email("zebra@example.com", "WORK").url(PAGE, "WORK")
                        .organization("Zebra Ltd", "Zebra care", "Zebra keeper").and("Zebra Two", "Zebra")),
                Arguments.of("reaction", Reaction.of("wamid.Zebra", "\uD83E\uDD93")),
                Arguments.of("interactive button", Buttons.of("Zebra").header("Zebra").footer("Zebra")
                        .button("Zebra-1", "Zebra 1").button("Zebra-2", "Zebra 2")),
                Arguments.of("interactive list", ListMessage.of("Zebra", "Zebra").header("Zebra").footer("Zebra")
                        .section("Zebra A").row("Zebra-1", "Zebra", "Zebra").section("Zebra B").row("Zebra-2", "Zebra")),
                Arguments.of("interactive cta_url", CtaUrl.of("Zebra", "Zebra", PAGE).headerDocument("Zebra1", "Zebra.pdf")),
                Arguments.of("interactive flow", FlowMessage.ofId("Zebra", "Zebra1", "Zebra").headerImage(PNG).token("Zebra").draft()
                        .navigate("ZEBRA", Map.of("key", "Zebra"))),
                Arguments.of("interactive product", Product.of("Zebra", "Zebra1", "Zebra2")),
                Arguments.of("interactive product_list", ProductList.of("Zebra", "Zebra", "Zebra1")
                        .section("Zebra A").item("Zebra2").section("Zebra B").item("Zebra3")),
                Arguments.of("interactive catalog_message", CatalogMessage.of("Zebra").thumbnail("Zebra1")),
                Arguments.of("interactive location_request_message", LocationRequest.of("Zebra")),
                Arguments.of("interactive address_message", Address.of("Zebra", "IN").values(Map.of("name", "Zebra"))
                        .savedAddress("Zebra1", Map.of("city", "Zebra")).validationErrors(Map.of("city", "Zebra"))),
                Arguments.of("interactive carousel", Carousel.of("Zebra").imageCard(PNG, "Zebra", "Zebra", PAGE)
                        .videoCard(MP4, null, "Zebra", PAGE)),
                Arguments.of("interactive carousel with replies", Carousel.of("Zebra")
                        .imageCard("Zebra1", "Zebra", Map.of("Zebra-1", "Zebra"))
                        .videoCard("Zebra2", "Zebra", Map.of("Zebra-2", "Zebra"))),
                Arguments.of("template", Template.of("Zebra_hello", "en_US")),
                Arguments.of("template positional", hello().headerText("Zebra").text("Zebra").currency("Zebra", "USD", 1500)
                        .dateTime("Zebra day").quickReply(0, "Zebra").url(1, "Zebra").copyCode(2, "Zebra")),
                Arguments.of("template named", hello().headerText("zebra_title", "Zebra").texts(named)
                        .currency("zebra_price", "Zebra", "USD", 1500).dateTime("zebra_day", "Zebra day")
                        .flow(0, "Zebra", Map.of("key", "Zebra")).voiceCall(1)),
                Arguments.of("template image", hello().headerImage(PNG).limitedTimeOffer(Instant.ofEpochMilli(1_900_000_000_000L))
                        .catalog(0, "Zebra1")),
                Arguments.of("template video", hello().headerVideo("Zebra1")),
                Arguments.of("template document", hello().headerDocument("Zebra1", "Zebra.pdf")),
                Arguments.of("template location", hello().headerLocation(52.5, -13.25, "Zebra house", "Zebra street 1")),
                Arguments.of("template product", hello().headerProduct("Zebra1", "Zebra2")),
                Arguments.of("template mpm", hello().products(0, "Zebra1", products)),
                Arguments.of("template carousel", hello().text("Zebra")
                        .card(Template.card().headerImage("Zebra1").texts(List.of("Zebra")).quickReply(0, "Zebra"))
                        .card(Template.card().headerImage("Zebra2").text("Zebra").quickReply(0, "Zebra"))),
                Arguments.of("template one-time password", Template.of("Zebra_code", "en_US").oneTimePassword("Zebra")));
    }

    private static Template hello() {
        return Template.of("Zebra_hello", "en_US");
    }

    private void passes(String json) {
        checks.check(json.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @MethodSource("built")
    void aBuilderWritesTheWholeMessageAndItPasses(String name, OutboundMessage<?> message) {
        String json = message.to(PHONE).quote("wamid.Zebra").callbackData("Zebra").toJson();
        assertThat(tree(json)).isEqualTo(GoodMessages.message(name));
        passes(json);
    }

    @Test
    void theReadMarkIsWrittenWithAndWithoutTyping() {
        Read read = Read.of("wamid.Zebra");
        assertThat(tree(read.typing().toJson())).isEqualTo(GoodMessages.read());
        assertThat(tree(read.toJson()).has("typing_indicator")).isFalse();
        passes(read.toJson());
        passes(read.typing().toJson());
    }

    @ParameterizedTest
    @ValueSource(strings = {"15555550101", "+15555550101"})
    void aPhoneNumberGoesOutWithItsPlus(String phone) {
        JsonNode message = tree(Text.of("x").to(USER).to(phone).toJson());
        assertThat(message.path("to").asText()).isEqualTo("+15555550101");
        assertThat(message.has("recipient")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"US.13491208655302741918", "US.ENT.11815799212886844830"})
    void aBusinessScopedUserIsTheRecipient(String user) {
        String json = Text.of("x").to(PHONE).to(user).toJson();
        assertThat(tree(json).path("recipient").asText()).isEqualTo(user);
        assertThat(tree(json).has("to")).isFalse();
        passes(json);
    }

    @Test
    void aGroupIsWrittenToAsAGroup() {
        String json = Text.of("x").to(USER).toGroup("group-1").toJson();
        assertThat(tree(json).path("recipient_type").asText()).isEqualTo("group");
        assertThat(tree(json).path("to").asText()).isEqualTo("group-1");
        assertThat(tree(json).has("recipient")).isFalse();
        passes(json);
        assertThat(tree(Text.of("x").toGroup("group-1").to(PHONE).toJson()).path("recipient_type").asText()).isEqualTo("individual");
    }

    @Test
    void aMessageDoesNotChangeAndCanBeSentToMany() {
        Template prepared = hello().text("Zebra");
        String before = prepared.toJson();
        String one = prepared.to("15555550102").toJson();
        String other = prepared.text("more").to("15555550103").toJson();
        assertThat(prepared.toJson()).isEqualTo(before);
        assertThat(one).contains("+15555550102").doesNotContain("more");
        assertThat(other).contains("+15555550103", "more");
    }

    @Test
    void aReactionIsTakenBackByAnEmptyEmoji() {
        String json = Reaction.none("wamid.Zebra").to(PHONE).toJson();
        assertThat(tree(json).at("/reaction/emoji").asText("missing")).isEmpty();
        passes(json);
    }

    @Test
    void theOtherFormsOfAMessagePassToo() {
        passes(FlowMessage.ofName("x", "flow", "Open").dataExchange().to(PHONE).toJson());
        passes(FlowMessage.ofName("x", "flow", "Open").navigate("FIRST", Map.of()).to(PHONE).toJson());
        passes(Product.of("1", "2").to(PHONE).toJson());
        passes(ListMessage.of("x", "Menu").row("1", "One").to(PHONE).toJson());
        passes(ProductList.of("x", "x", "1").item("2").to(PHONE).toJson());
        passes(Buttons.of("x").headerVideo("1").button("1", "One").to(PHONE).toJson());
        passes(hello().texts(List.of()).texts(Map.of()).to(PHONE).toJson());
        passes(hello().flow(0, "token", Map.of()).to(PHONE).toJson());
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                Arguments.of(Text.of(null), "text.body is missing"),
                Arguments.of(Text.of(""), "text.body must not be empty"),
                Arguments.of(Media.image(null), "image needs either id or link, and not both"),
                Arguments.of(Media.sticker("1").caption("x"), "sticker.caption must be left out"),
                Arguments.of(Location.of(91, 0), "location.latitude may be at most 90"),
                Arguments.of(Contacts.of(null, "x"), "contacts[0].name.formatted_name is missing"),
                Arguments.of(Reaction.of("", "x"), "reaction.message_id must not be empty"),
                Arguments.of(Buttons.of("x"), "interactive.action.buttons needs at least 1 entry"),
                Arguments.of(Buttons.of(null).button("1", "x"), "interactive.body is missing"),
                Arguments.of(ListMessage.of("x", "x").section("x"), "interactive.action.sections[0].rows needs at least 1 entry"),
                Arguments.of(ListMessage.of("x", "x").headerImage("1").row("1", "x"), "interactive.header.type must be text"),
                Arguments.of(CtaUrl.of("x", "x", "example.com"), "interactive.action.parameters.url must be an http or https address"),
                Arguments.of(FlowMessage.ofId("x", "1", "x".repeat(31)), "interactive.action.parameters.flow_cta may have 30"),
                Arguments.of(Product.of("1", null), "interactive.action.product_retailer_id is missing"),
                Arguments.of(ProductList.of("", "x", "1").item("1"), "interactive.header.text must not be empty"),
                Arguments.of(CatalogMessage.of(""), "interactive.body.text must not be empty"),
                Arguments.of(LocationRequest.of("x").header("x".repeat(61)), "interactive.header.text may have 60"),
                Arguments.of(Address.of("x", "India"), "interactive.action.parameters.country must be a country code"),
                Arguments.of(Carousel.of("x").imageCard("1", "x", "x", PAGE), "interactive.action.cards needs at least 2 entries"),
                Arguments.of(Template.of("x", null), "template.language.code is missing"),
                Arguments.of(hello().text("x").text("name", "x"), "template.components[0].parameters[1].parameter_name must be on all"),
                Arguments.of(hello().headerText("x").headerText("x"), "template.components[0].parameters may have 1 entry, and has 2"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void whatABuilderIsGivenWronglyIsRefusedByTheChecks(OutboundMessage<?> message, String words) {
        assertThatThrownBy(() -> passes(message.to(PHONE).toJson())).isInstanceOf(WhatsAppException.class)
                .hasMessageContaining(words);
    }

    @Test
    void aMessageThatIsAddressedWronglyIsRefusedByTheChecks() {
        assertThatThrownBy(() -> passes(Text.of("x").toJson())).hasMessageContaining("is missing");
        assertThatThrownBy(() -> passes(Text.of("x").to(null).toJson())).hasMessageContaining("is missing");
        assertThatThrownBy(() -> passes(Text.of("x").to("kim").toJson())).hasMessageStartingWith("to must be a phone number");
        assertThatThrownBy(() -> passes(Text.of("x").to("123").toJson())).hasMessageStartingWith("to must be a phone number");
        assertThatThrownBy(() -> passes(Text.of("x").to(PHONE).callbackData("x".repeat(513)).toJson()))
                .hasMessageStartingWith("biz_opaque_callback_data may have 512");
        assertThatThrownBy(() -> passes(Text.of("x").to(PHONE).quote("").toJson()))
                .hasMessageStartingWith("context.message_id must not be empty");
        assertThatThrownBy(() -> passes(Read.of(null).toJson())).hasMessageStartingWith("message_id is missing");
    }

    @Test
    void aMessageAsTextTellsItsTypeOnly() {
        assertThat(Text.of("Zebra").to(PHONE)).hasToString("Text");
    }
}
