package io.github.waroutes.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.Payloads;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.queue.QueueMessage;
import io.github.waroutes.update.UpdateHeaders;
import io.github.waroutes.webhook.UpdateSplitter;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutboundQueueingTest {

    private static final String OURS = "106540352242922";

    private final ObjectMapper json = new ObjectMapper();
    private final DefaultCamelContext context = new DefaultCamelContext();
    private final OutboundQueueing queueing = new OutboundQueueing();

    @BeforeEach
    void configure() {
        queueing.setMessages(new OutboundMessages());
        queueing.setPhoneNumberId(OURS);
    }

    private Exchange exchange(Object body) {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody(body);
        return exchange;
    }

    /** As it is in the middle of an update. */
    private Exchange update(Object body) {
        Exchange exchange = exchange(body);
        exchange.getMessage().setHeader(UpdateHeaders.ID, "message:wamid.A");
        exchange.getMessage().setHeader(UpdateHeaders.USER, "15555550101");
        exchange.getMessage().setHeader(UpdateHeaders.CONVERSATION, OURS + ":15555550101");
        queueing.beginUpdate(exchange);
        return exchange;
    }

    private static List<String> ids(List<? extends QueueMessage> messages) {
        return messages.stream().map(QueueMessage::queueId).toList();
    }

    private String text(QueueMessage message) throws Exception {
        return json.readTree(message.queueBody()).at("/text/body").asText();
    }

    @Test
    void repliesToOneUpdateAreNumberedThroughSeveralCalls() {
        Exchange exchange = update(List.of("one", "two"));
        List<String> ids = new ArrayList<>(ids(queueing.replies(exchange)));
        exchange.getMessage().setBody("three");
        ids.addAll(ids(queueing.replies(exchange)));

        assertThat(ids).containsExactly("message:wamid.A:reply:0", "message:wamid.A:reply:1", "message:wamid.A:reply:2");
    }

    @Test
    void aMessageThatNamesNobodyAnswersTheUpdate() throws Exception {
        Exchange exchange = update("{\"messaging_product\":\"whatsapp\",\"type\":\"text\",\"text\":{\"body\":\"one\"}}");
        queueing.setChecks(new MessageChecks());

        QueueMessage toPhone = queueing.message(exchange);
        exchange.getMessage().setHeader(UpdateHeaders.USER, "US.13491208655302741918");
        QueueMessage toId = queueing.message(exchange);
        exchange.getMessage().setHeader(UpdateHeaders.GROUP_ID, "group-1");
        QueueMessage toGroup = queueing.message(exchange);

        assertThat(json.readTree(toPhone.queueBody()).path("to").asText()).isEqualTo("+15555550101");
        assertThat(json.readTree(toId.queueBody()).path("recipient").asText()).isEqualTo("US.13491208655302741918");
        assertThat(json.readTree(toGroup.queueBody()).path("to").asText()).isEqualTo("group-1");
        assertThat(ids(List.of(toPhone, toId, toGroup)))
                .containsExactly("message:wamid.A:reply:0", "message:wamid.A:reply:1", "message:wamid.A:reply:2");
        assertThat(toPhone.queueGroup()).isEqualTo(OURS + ":15555550101");
    }

    @Test
    void anUpdateThatBeginsAnewNumbersItsRepliesAsBefore() {
        Exchange exchange = update(List.of("one", "two"));
        List<String> first = ids(queueing.replies(exchange));
        queueing.beginUpdate(exchange);

        assertThat(ids(queueing.replies(exchange))).isEqualTo(first);
    }

    @Test
    void aGivenIdWins() {
        Exchange exchange = update("one");
        exchange.getMessage().setHeader(OutboundHeaders.ID, "mine");
        assertThat(ids(queueing.replies(exchange))).containsExactly("mine");
    }

    @Test
    void aReplyOutsideAnUpdateHasAnIdOfItsOwn() {
        Exchange exchange = exchange("one");
        exchange.getMessage().setHeader(UpdateHeaders.USER, "15555550101");
        assertThat(ids(queueing.replies(exchange))).doesNotContainNull().isNotEqualTo(ids(queueing.replies(exchange)));
    }

    @Test
    void repliesKeepTheirOrderAndBlankOnesAreLeftOut() throws Exception {
        List<QueueMessage> replies = queueing.replies(update(Arrays.asList("one", "  ", null, "", "two")));
        assertThat(replies).hasSize(2);
        assertThat(text(replies.get(0))).isEqualTo("one");
        assertThat(text(replies.get(1))).isEqualTo("two");
    }

    @Test
    void noRepliesAreNoMessages() {
        assertThat(queueing.replies(update(List.of()))).isEmpty();
        assertThat(queueing.replies(update(""))).isEmpty();
    }

    @Test
    void aReplyWithoutABodyIsNoMessage() {
        assertThat(queueing.replies(update(null))).isEmpty();
    }

    @Test
    void aReplyStaysInItsUpdatesConversationAndCarriesItsHeaders() {
        Exchange exchange = update("one");
        exchange.getMessage().setHeader(UpdateHeaders.PHONE_NUMBER_ID, "555");
        exchange.getMessage().setHeader("Authorization", "Bearer secret");
        exchange.getMessage().setHeader("CamelHttpUri", "https://evil.example");
        QueueMessage reply = queueing.replies(exchange).get(0);

        assertThat(reply.queueGroup()).isEqualTo(OURS + ":15555550101");
        assertThat(reply.queueHeaders()).containsEntry(OutboundHeaders.ID, "message:wamid.A:reply:0")
                .containsEntry(OutboundHeaders.TYPE, "text")
                .containsEntry(UpdateHeaders.PHONE_NUMBER_ID, "555")
                .containsEntry(UpdateHeaders.CONVERSATION, OURS + ":15555550101")
                .containsEntry(UpdateHeaders.ID, "message:wamid.A")
                .doesNotContainKeys("Authorization", "CamelHttpUri");
    }

    @Test
    void aReplyWithoutANumberIsSentByOurs() {
        assertThat(queueing.replies(update("one")).get(0).queueHeaders()).containsEntry(UpdateHeaders.PHONE_NUMBER_ID, OURS);
    }

    @Test
    void aReplyQuotesWhatTheHeaderNames() throws Exception {
        Exchange exchange = update("one");
        exchange.getMessage().setHeader(OutboundHeaders.QUOTE, "wamid.Q");
        assertThat(json.readTree(queueing.replies(exchange).get(0).queueBody()).at("/context/message_id").asText()).isEqualTo("wamid.Q");
    }

    @ParameterizedTest
    @ValueSource(strings = {"15555550101", "US.13491208655302741918"})
    void aMessageSharesTheLaneOfWhatItsUserWrites(String user) throws Exception {
        ObjectNode inbound = Payloads.text("wamid.IN", user, "hello");
        String lane = new UpdateSplitter().split(Payloads.messages(inbound).getBytes(StandardCharsets.UTF_8)).get(0).queueGroup();
        byte[] body = new OutboundMessages().text(user, null, "x", null).getBytes(StandardCharsets.UTF_8);

        QueueMessage message = queueing.message(exchange(body));

        assertThat(message.queueGroup()).isEqualTo(lane);
        assertThat(message.queueHeaders()).containsEntry(UpdateHeaders.CONVERSATION, lane).containsEntry(OutboundHeaders.TYPE, "text");
        ObjectNode queued = (ObjectNode) new ObjectMapper().readTree(message.queueBody());
        assertThat(queued.remove("biz_opaque_callback_data").asText()).as("Meta's statuses bring our id back").isEqualTo(message.queueId());
        assertThat(queued).isEqualTo(new ObjectMapper().readTree(body));
    }

    @ParameterizedTest
    @ValueSource(strings = {"US.abc_def", "us.123", "550e8400-e29b-41d4-a716-446655440000", "5678", "12345678901234567"})
    void whomAnUpdateCameFromIsAnsweredWhateverTheIdLooksLike(String user) {
        queueing.setChecks(new MessageChecks());
        byte[] body = new OutboundMessages().text(user, null, "x", null).getBytes(StandardCharsets.UTF_8);
        Exchange answer = exchange(body);
        answer.getMessage().setHeader(UpdateHeaders.USER, user);
        answer.getMessage().setHeader(UpdateHeaders.ID, "message:wamid.IN");
        assertThat(queueing.message(answer).queueHeaders()).containsEntry(OutboundHeaders.TYPE, "text");
        Exchange toAnother = exchange(body);
        toAnother.getMessage().setHeader(UpdateHeaders.USER, "15555550101");
        toAnother.getMessage().setHeader(UpdateHeaders.ID, "message:wamid.IN");
        assertThatThrownBy(() -> queueing.message(toAnother)).isInstanceOf(WhatsAppMessageException.class);
    }

    @Test
    void nullsAreAbsent() throws Exception {
        queueing.setChecks(new MessageChecks());
        QueueMessage message = queueing.message(exchange(("{\"messaging_product\":\"whatsapp\",\"to\":\"15555550101\",\"recipient\":null,"
                + "\"status\":null,\"type\":\"text\",\"category\":null,\"text\":{\"body\":\"x\"},\"biz_opaque_callback_data\":null}")
                .getBytes(StandardCharsets.UTF_8)));
        assertThat(message.queueHeaders()).containsEntry(OutboundHeaders.TYPE, "text").doesNotContainKey(OutboundHeaders.CATEGORY);
        assertThat(new ObjectMapper().readTree(message.queueBody()).path("biz_opaque_callback_data").asText()).isEqualTo(message.queueId());
        assertThat(message.queueHeaders()).containsEntry(UpdateHeaders.USER, "15555550101");
    }

    @Test
    void aMessageOfDirectSendIsKnownByItsHeader() {
        String body = "{\"messaging_product\":\"whatsapp\",\"to\":\"15555550101\",\"type\":\"%s\",\"category\":\"Utility\"}";
        assertThat(queueing.message(exchange(body.formatted("text").getBytes(StandardCharsets.UTF_8))).queueHeaders())
                .containsEntry(OutboundHeaders.CATEGORY, "utility");
        Exchange image = exchange(body.formatted("image").getBytes(StandardCharsets.UTF_8));
        image.getMessage().setHeader(OutboundHeaders.CATEGORY, "utility");
        assertThat(queueing.message(image).queueHeaders()).doesNotContainKey(OutboundHeaders.CATEGORY);
    }

    @Test
    void aCallersOwnCallbackDataStays() {
        byte[] body = "{\"messaging_product\":\"whatsapp\",\"to\":\"+15555550101\",\"type\":\"text\",\"text\":{\"body\":\"x\"},\"biz_opaque_callback_data\":\"theirs\"}"
                .getBytes(StandardCharsets.UTF_8);
        assertThat(queueing.message(exchange(body)).queueBody()).isEqualTo(body);
    }

    private static final String TEXT = "{\"to\":\"+1 (555) 555-0101\",\"type\":\"text\",\"text\":{\"body\":\"Hello\"}%s}";

    private QueueMessage referring(String members, Object header) {
        Exchange exchange = exchange(TEXT.formatted(members));
        exchange.getMessage().setHeader(OutboundHeaders.REFERENCE, header);
        return queueing.message(exchange);
    }

    @Test
    void aCallersReferenceIsKeptBesideTheMessageAndDoesNotGoToMeta() throws Exception {
        QueueMessage message = referring(",\"reference\":\"order-4711\"", "of the header");
        assertThat(message.queueHeaders()).containsEntry(OutboundHeaders.REFERENCE, "order-4711").containsEntry(OutboundHeaders.TO, "+1 (555) 555-0101");
        assertThat(json.readTree(message.queueBody()).has("reference")).isFalse();
        assertThat(json.readTree(message.queueBody()).path("biz_opaque_callback_data").asText()).as("statuses are matched by our id").isEqualTo(message.queueId());

        assertThat(referring("", 4711).queueHeaders()).containsEntry(OutboundHeaders.REFERENCE, "4711");
        assertThat(referring(",\"biz_opaque_callback_data\":\"mine\"", null).queueHeaders()).containsEntry(OutboundHeaders.REFERENCE, "mine");
        assertThat(referring("", null).queueHeaders()).doesNotContainKey(OutboundHeaders.REFERENCE);
        QueueMessage both = referring(",\"biz_opaque_callback_data\":\"mine\",\"reference\":4711", null);
        assertThat(both.queueHeaders()).containsEntry(OutboundHeaders.REFERENCE, "4711");
        assertThat(json.readTree(both.queueBody()).path("biz_opaque_callback_data").asText()).isEqualTo("mine");
    }

    @Test
    void aReferenceThatIsTooLongOrNoTextIsRefusedAndNotQuoted() {
        for (String wrong : List.of(",\"reference\":{\"a\":\"secret\"}", ",\"reference\":\"" + "secret".repeat(100) + "\"")) {
            assertThatThrownBy(() -> referring(wrong, null)).isInstanceOf(WhatsAppMessageException.class).hasMessageContaining("reference")
                    .hasMessageNotContaining("secret");
        }
        assertThatThrownBy(() -> referring("", "x".repeat(513))).hasMessageContaining("512 characters");
    }

    @Test
    void aReplyNamesNobodyAsTheCallerDidAndKeepsTheReferenceOfItsRoute() {
        Exchange update = update("one");
        update.getMessage().setHeader(OutboundHeaders.TO, "+15555550199");
        update.getMessage().setHeader(OutboundHeaders.REFERENCE, "ticket-1");
        assertThat(queueing.replies(update).get(0).queueHeaders()).doesNotContainKey(OutboundHeaders.TO).containsEntry(OutboundHeaders.REFERENCE, "ticket-1");
        Exchange built = exchange(Text.of("Hello").to("+15555550101").reference("order-1"));
        assertThat(queueing.message(built).queueHeaders()).containsEntry(OutboundHeaders.REFERENCE, "order-1");
    }

    @Test
    void aMessageOfAGroupSharesTheGroupsLane() {
        QueueMessage message = queueing.message(exchange(new OutboundMessages().text("15555550101", "GROUP1", "x", null)));
        assertThat(message.queueGroup()).isEqualTo(OURS + ":GROUP1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"+15555550777", "15555550777", "+1 (555) 555-0777", "+1.555.555.0777"})
    void aUserHasOneLaneAndOneNameHoweverTheNumberIsWritten(String to) throws Exception {
        QueueMessage message = queueing.message(exchange("{\"to\":\"" + to + "\",\"type\":\"text\"}"));
        assertThat(message.queueGroup()).isEqualTo(OURS + ":15555550777");
        assertThat(message.queueHeaders()).containsEntry(UpdateHeaders.CONVERSATION, OURS + ":15555550777")
                .containsEntry(UpdateHeaders.USER, "15555550777");
        assertThat(json.readTree(message.queueBody()).path("to").asText()).as("Meta reads it as it was written, but for dots, which it does not take")
                .isEqualTo(to.replace(".", ""));
    }

    @Test
    void aBusinessScopedIdStaysAsItIs() {
        assertThat(queueing.message(exchange("{\"recipient\":\"US.1349\",\"type\":\"text\"}")).queueHeaders())
                .containsEntry(UpdateHeaders.CONVERSATION, OURS + ":US.1349").containsEntry(UpdateHeaders.USER, "US.1349");
    }

    @Test
    void aMessageToSomebodyElseNamesThemAndNotWhoWroteTheUpdateInHand() {
        Exchange exchange = update("{\"to\":\"+15555550202\",\"type\":\"text\"}");
        exchange.getMessage().setHeader(UpdateHeaders.GROUP_ID, "GROUP1");
        assertThat(queueing.message(exchange).queueHeaders()).containsEntry(UpdateHeaders.USER, "15555550202")
                .doesNotContainKey(UpdateHeaders.GROUP_ID);
        assertThat(exchange.getMessage().getHeader(UpdateHeaders.USER)).as("the update can still be answered").isEqualTo("15555550101");
        assertThat(exchange.getMessage().getHeader(UpdateHeaders.GROUP_ID)).isEqualTo("GROUP1");
    }

    @Test
    void aMessageToAGroupNamesTheGroupAndNobodyInIt() {
        Exchange exchange = update("{\"to\":\"GROUP 2\",\"recipient_type\":\"group\",\"type\":\"text\"}");
        QueueMessage message = queueing.message(exchange);
        assertThat(message.queueGroup()).isEqualTo(OURS + ":GROUP 2");
        assertThat(message.queueHeaders()).containsEntry(UpdateHeaders.GROUP_ID, "GROUP 2").doesNotContainKey(UpdateHeaders.USER);
    }

    @Test
    void aMessageTellsItsType() {
        assertThat(queueing.message(exchange("{\"to\":\"+15555550101\",\"type\":\"image\"}")).queueHeaders())
                .containsEntry(OutboundHeaders.TYPE, "image");
        assertThat(queueing.message(exchange("{\"to\":\"+15555550101\",\"text\":{\"body\":\"x\"}}")).queueHeaders())
                .containsEntry(OutboundHeaders.TYPE, "text");
        assertThat(queueing.message(exchange("{\"status\":\"read\",\"message_id\":\"wamid.X\"}")).queueHeaders())
                .containsEntry(OutboundHeaders.TYPE, "read");
    }

    @Test
    void aMessageKeepsTheIdItWasGivenAndGetsOneOtherwise() {
        Exchange exchange = exchange("{\"to\":\"+15555550101\"}");
        assertThat(queueing.message(exchange).queueId()).isNotBlank().isNotEqualTo(queueing.message(exchange).queueId());
        exchange.getMessage().setHeader(OutboundHeaders.ID, "mine");
        assertThat(queueing.message(exchange).queueId()).isEqualTo("mine");
        assertThat(queueing.message(exchange).queueHeaders()).containsEntry(OutboundHeaders.ID, "mine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hello 15555550101", "{\"to\":\"15555550101\"", "[1]", "\"15555550101\"", "null", "{\"to\":\"15555550101\"} x15555550101 {"})
    void whatIsNoJsonObjectIsRefusedAndNotQuoted(String body) {
        assertThatThrownBy(() -> queueing.message(exchange(body))).isInstanceOf(WhatsAppMessageException.class)
                .hasMessageContaining("not a JSON object").hasNoCause()
                .satisfies(e -> assertThat(((WhatsAppException) e).toJson()).doesNotContain("15555550101"));
    }

    @Test
    void aMissingBodyIsRefused() {
        assertThatThrownBy(() -> queueing.message(exchange(null))).isInstanceOf(WhatsAppMessageException.class);
    }

    @Test
    void aMessageToNobodyIsRefused() {
        assertThatThrownBy(() -> queueing.message(exchange("{\"type\":\"text\"}"))).isInstanceOf(WhatsAppMessageException.class)
                .hasMessageContaining("needs the key to, or recipient");
    }
}
