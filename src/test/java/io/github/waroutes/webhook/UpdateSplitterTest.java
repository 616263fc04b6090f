package io.github.waroutes.webhook;

import static io.github.waroutes.TestGateway.ACCOUNT;
import static io.github.waroutes.TestGateway.NUMBER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.Payloads;
import io.github.waroutes.error.WhatsAppWebhookException;
import io.github.waroutes.update.Update;
import io.github.waroutes.update.UpdateHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpdateSplitterTest {

    private static final String KIM = "15555550101";
    private static final String SAM = "15555550102";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final UpdateSplitter splitter = new UpdateSplitter();

    private List<Update> split(String payload) {
        return splitter.split(payload.getBytes(StandardCharsets.UTF_8));
    }

    private Update only(String payload) {
        List<Update> updates = split(payload);
        assertThat(updates).hasSize(1);
        return updates.get(0);
    }

    /** A payload of one change of the field messages; the value is written with single quotes. */
    private static String payload(String value) {
        return envelope("{'field':'messages','value':" + value + "}");
    }

    private static String envelope(String... changes) {
        return ("{'object':'whatsapp_business_account','entry':[{'id':'" + ACCOUNT + "','changes':["
                + String.join(",", changes) + "]}]}").replace('\'', '"');
    }

    private static String metadata() {
        return "'metadata':{'phone_number_id':'" + NUMBER + "'}";
    }

    private static JsonNode json(Update update) {
        try {
            return JSON.readTree(update.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode value(Update update) {
        return json(update).at("/entry/0/changes/0/value");
    }

    @Test
    void aTextMessageHasEveryHeaderThatApplies() {
        Update update = only(payload("{'messaging_product':'whatsapp'," + metadata()
                + ",'contacts':[{'profile':{'name':'Kim Example'},'wa_id':'" + KIM + "'}]"
                + ",'messages':[{'from':'" + KIM + "','id':'wamid.A','timestamp':'1760000000','type':'text'"
                + ",'context':{'from':'15550783881','id':'wamid.QUOTED'},'text':{'body':'hello'}}]}"));
        assertThat(update.headers()).containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                Map.entry(UpdateHeaders.KIND, "message"),
                Map.entry(UpdateHeaders.TYPE, "text"),
                Map.entry(UpdateHeaders.ID, "message:wamid.A"),
                Map.entry(UpdateHeaders.MESSAGE_ID, "wamid.A"),
                Map.entry(UpdateHeaders.ACCOUNT_ID, ACCOUNT),
                Map.entry(UpdateHeaders.PHONE_NUMBER_ID, NUMBER),
                Map.entry(UpdateHeaders.USER, KIM),
                Map.entry(UpdateHeaders.PROFILE_NAME, "Kim Example"),
                Map.entry(UpdateHeaders.REPLY_TO, "wamid.QUOTED"),
                Map.entry(UpdateHeaders.TIMESTAMP, 1760000000L),
                Map.entry(UpdateHeaders.CONVERSATION, NUMBER + ':' + KIM)));
        assertThat(update.kind()).isEqualTo("message");
        assertThat(update.type()).isEqualTo("text");
        assertThat(update.queueId()).isEqualTo("message:wamid.A");
        assertThat(update.queueGroup()).isEqualTo(NUMBER + ':' + KIM);
    }

    @Test
    void everyEntryChangeMessageStatusAndErrorIsAnUpdateInMetasOrder() {
        String first = "{'field':'messages','value':{" + metadata() + ",'messages':[" + text("a1", KIM) + "," + text("a2", SAM)
                + "],'statuses':[" + status("b1", "sent") + "],'errors':[{'code':130429},{'code':131000}]}}";
        String second = "{'field':'messages','value':{" + metadata() + ",'statuses':[" + status("b2", "read") + ","
                + status("b2", "delivered") + "]}}";
        String other = "{'field':'account_update','value':{'event':'VERIFIED_ACCOUNT'}}";
        String third = "{'field':'messages','value':{" + metadata() + ",'messages':[" + text("a3", KIM) + "]}}";
        String payload = ("{'object':'whatsapp_business_account','entry':[{'id':'1','changes':[" + first + "," + second
                + "]},{'id':'2','changes':[" + other + "," + third + "]}]}").replace('\'', '"');

        List<Update> updates = split(payload);

        assertThat(updates).extracting(u -> u.kind() + ' ' + u.type()).containsExactly("message text", "message text",
                "status sent", "error 130429", "error 131000", "status read", "status delivered", "change account_update",
                "message text");
        assertThat(updates).filteredOn(u -> !u.kind().equals("error") && !u.kind().equals("change")).extracting(Update::id)
                .containsExactly("message:a1", "message:a2", "status:b1:sent", "status:b2:read", "status:b2:delivered",
                        "message:a3");
        assertThat(updates).extracting(u -> u.headers().get(UpdateHeaders.ACCOUNT_ID))
                .containsExactly("1", "1", "1", "1", "1", "1", "1", "2", "2");
        assertThat(updates).allSatisfy(u -> {
            assertThat(json(u).path("entry")).hasSize(1);
            assertThat(json(u).at("/entry/0/changes")).hasSize(1);
            assertThat(value(u).path("messages").size() + value(u).path("statuses").size() + value(u).path("errors").size())
                    .isEqualTo(u.kind().equals("change") ? 0 : 1);
        });
        assertThat(value(updates.get(1)).at("/messages/0/id").asText()).isEqualTo("a2");
        assertThat(value(updates.get(4)).at("/errors/0/code").asInt()).isEqualTo(131000);
        assertThat(json(updates.get(7)).at("/entry/0/id").asText()).isEqualTo("2");
        assertThat(value(updates.get(7)).path("event").asText()).isEqualTo("VERIFIED_ACCOUNT");
    }

    private static String text(String id, String from) {
        return "{'id':'" + id + "','from':'" + from + "','timestamp':'1760000000','type':'text','text':{'body':'x'}}";
    }

    private static String status(String id, String status) {
        return "{'id':'" + id + "','status':'" + status + "','timestamp':'1760000000','recipient_id':'" + KIM + "'}";
    }

    @Test
    void idsAndTimestampsMayBeNumbers() {
        Update update = only(("{'object':'whatsapp_business_account','entry':[{'id':102290129340398,'changes':[{'field':'messages',"
                + "'value':{'metadata':{'phone_number_id':106540352242922},'contacts':[{'profile':{'name':7},'wa_id':15555550101}],"
                + "'messages':[{'from':15555550101,'id':12345678901234567890,'timestamp':1760000000,'type':'image',"
                + "'image':{'id':1234567890123456,'mime_type':'image/jpeg'}}]}}]}]}").replace('\'', '"'));
        assertThat(update.headers())
                .containsEntry(UpdateHeaders.ACCOUNT_ID, ACCOUNT)
                .containsEntry(UpdateHeaders.PHONE_NUMBER_ID, NUMBER)
                .containsEntry(UpdateHeaders.USER, KIM)
                .containsEntry(UpdateHeaders.PROFILE_NAME, "7")
                .containsEntry(UpdateHeaders.MESSAGE_ID, "12345678901234567890")
                .containsEntry(UpdateHeaders.MEDIA_ID, "1234567890123456")
                .containsEntry(UpdateHeaders.TIMESTAMP, 1760000000L)
                .containsEntry(UpdateHeaders.CONVERSATION, NUMBER + ':' + KIM);
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({"'1760000000', 1760000000", "1760000000123, 1760000000", "99999999999, 99999999999", "100000000000, 100000000"})
    void millisecondsBecomeSeconds(String given, long seconds) {
        Update update = only(payload("{'messages':[{'id':'a','type':'text','timestamp':'" + given + "'}]}"));
        assertThat(update.headers()).containsEntry(UpdateHeaders.TIMESTAMP, seconds);
    }

    @ParameterizedTest
    @ValueSource(strings = {"''", "'soon'", "-1", "0", "null", "{}", "[1760000000]"})
    void aTimestampThatIsNoneIsLeftOut(String timestamp) {
        Update update = only(payload("{'messages':[{'id':'a','type':'text','timestamp':" + timestamp + "}]}"));
        assertThat(update.headers()).doesNotContainKey(UpdateHeaders.TIMESTAMP).containsEntry(UpdateHeaders.ID, "message:a");
    }

    @Test
    void withoutContactsTheUserIsTheSender() {
        Update update = only(payload("{" + metadata() + ",'messages':[" + text("a", KIM) + "]}"));
        assertThat(update.headers()).containsEntry(UpdateHeaders.USER, KIM)
                .containsEntry(UpdateHeaders.CONVERSATION, NUMBER + ':' + KIM)
                .doesNotContainKey(UpdateHeaders.PROFILE_NAME);
    }

    @Test
    void aUserWithoutAPhoneNumberIsKnownByTheBusinessScopedId() {
        Update update = only(payload("{" + metadata() + ",'contacts':[{'profile':{'name':'Kim'},'user_id':'US.13491208655302741918'}]"
                + ",'messages':[{'id':'a','from_user_id':'US.13491208655302741918','type':'text','text':{'body':'x'}}]}"));
        assertThat(update.headers()).containsEntry(UpdateHeaders.USER, "US.13491208655302741918")
                .containsEntry(UpdateHeaders.PROFILE_NAME, "Kim")
                .containsEntry(UpdateHeaders.CONVERSATION, NUMBER + ":US.13491208655302741918");
    }

    @Test
    void theBusinessScopedIdGoesBeforeThePhoneNumber() {
        Update inMessage = only(payload("{" + metadata() + ",'messages':[{'id':'a','from':'" + KIM
                + "','from_user_id':'US.1349','type':'text'}]}"));
        Update inContact = only(payload("{" + metadata() + ",'contacts':[{'wa_id':'" + KIM + "','user_id':'US.1349'}],'messages':["
                + text("a", KIM) + "]}"));
        Update inStatus = only(payload("{" + metadata() + ",'statuses':[{'id':'a','status':'sent','recipient_id':'" + KIM
                + "','recipient_user_id':'US.1349'}]}"));
        assertThat(List.of(inMessage, inContact, inStatus)).allSatisfy(update -> assertThat(update.headers())
                .containsEntry(UpdateHeaders.USER, "US.1349").containsEntry(UpdateHeaders.CONVERSATION, NUMBER + ":US.1349"));
    }

    @Test
    void eachMessageGetsItsOwnContactAndNoOther() {
        List<Update> updates = split(payload("{" + metadata() + ",'contacts':[{'profile':{'name':'Sam'},'wa_id':'" + SAM
                + "'},{'profile':{'name':'Kim'},'wa_id':'" + KIM + "'},{'profile':{'name':'Lee'},'user_id':'GB.77'}],'messages':["
                + text("a", KIM) + "," + text("b", SAM) + ",{'id':'c','from_user_id':'GB.77','type':'text'},"
                + text("d", "15555550199") + ",{'id':'e','type':'text'}]}"));
        assertThat(updates).extracting(u -> u.headers().get(UpdateHeaders.PROFILE_NAME))
                .containsExactly("Kim", "Sam", "Lee", null, null);
        assertThat(updates).extracting(u -> value(u).at("/contacts/0/profile/name").asText())
                .containsExactly("Kim", "Sam", "Lee", "", "");
        assertThat(updates.get(0).headers()).containsEntry(UpdateHeaders.USER, KIM);
        assertThat(updates.get(4).headers()).doesNotContainKey(UpdateHeaders.USER);
        assertThat(new String(updates.get(0).body(), StandardCharsets.UTF_8)).doesNotContain(SAM);
    }

    @Test
    void aSingleMessageThatNamesNobodyBelongsToTheSingleContact() {
        Update update = only(payload("{" + metadata() + ",'contacts':[{'wa_id':'" + KIM + "'}],'messages':[{'id':'a','type':'text'}]}"));
        assertThat(update.headers()).containsEntry(UpdateHeaders.USER, KIM);
    }

    @Test
    void aGroupMessageKeepsItsSenderAndSharesTheGroupsConversation() {
        Update update = only(payload("{" + metadata() + ",'contacts':[{'profile':{'name':'Kim'},'wa_id':'" + KIM
                + "'}],'messages':[{'id':'a','from':'" + KIM + "','group_id':'Y2FwaV9ncm91cA','type':'text'}]}"));
        assertThat(update.headers()).containsEntry(UpdateHeaders.USER, KIM)
                .containsEntry(UpdateHeaders.GROUP_ID, "Y2FwaV9ncm91cA")
                .containsEntry(UpdateHeaders.CONVERSATION, NUMBER + ":Y2FwaV9ncm91cA");
    }

    @Test
    void statusesOfOneGroupMessageAreOneUpdateForEachParticipant() {
        String status = "{'id':'b','status':'read','recipient_id':'GROUP','recipient_type':'group','recipient_participant_id':'%s'}";
        List<Update> updates = split(payload("{" + metadata() + ",'statuses':[" + status.formatted(KIM) + ","
                + status.formatted(SAM) + "]}"));
        assertThat(updates).extracting(Update::id).containsExactly("status:b:read:" + KIM, "status:b:read:" + SAM);
        assertThat(updates).extracting(u -> u.headers().get(UpdateHeaders.GROUP_ID)).containsOnly("GROUP");
        assertThat(updates).extracting(Update::queueGroup).containsOnly(NUMBER + ":GROUP");
        assertThat(updates).extracting(u -> u.headers().get(UpdateHeaders.USER)).containsExactly(KIM, SAM);
    }

    @Test
    void aPlaceholderDoesNotHideTheMessageThatFollowsUnderItsId() {
        Update placeholder = only(payload("{'messages':[{'id':'a','type':'unsupported','errors':[{'code':131060}]}]}"));
        Update later = only(payload("{'messages':[" + text("a", KIM) + "]}"));
        assertThat(placeholder.id()).isNotEqualTo(later.id());
        assertThat(later.id()).isEqualTo("message:a");
        assertThat(placeholder.headers().get(UpdateHeaders.MESSAGE_ID)).isEqualTo("a");
    }

    @Test
    void anErrorInPlaceOfAMessageDoesNotHideTheOneThatFollowsUnderItsId() {
        Update empty = only(payload("{'messages':[{'id':'a','from':'" + KIM + "','type':'text','errors':[{'code':131000}]}]}"));
        assertThat(empty.id()).isEqualTo("message:a:unsupported");
        assertThat(only(payload("{'messages':[" + text("a", KIM) + "]}")).id()).isEqualTo("message:a");
    }

    @Test
    void aPaymentsStatusIsKnownByItsContentAndSaysNothingAboutDelivery() {
        String captured = "{'id':'p','status':'%s','type':'payment','recipient_id':'" + KIM + "','payment':{'reference_id':'ord-1'%s}}";
        Update first = only(payload("{'statuses':[" + captured.formatted("captured", "") + "]}"));
        Update again = only(payload("{'statuses':[" + captured.formatted("captured", "") + "],'contacts':[]}"));
        Update refunded = only(payload("{'statuses':[" + captured.formatted("captured", ",'refunds':[{'id':'r1'}]") + "]}"));
        Update failed = only(payload("{'statuses':[" + captured.formatted("failed", "") + "]}"));
        assertThat(again.id()).isEqualTo(first.id());
        assertThat(List.of(first.id(), refunded.id(), failed.id(), "status:p:captured")).doesNotHaveDuplicates();
        assertThat(List.of(first, refunded, failed)).allSatisfy(update -> {
            assertThat(update.kind()).isEqualTo("status");
            assertThat(update.type()).isEqualTo("payment");
            assertThat(update.headers()).containsEntry(UpdateHeaders.MESSAGE_ID, "p").containsEntry(UpdateHeaders.USER, KIM);
        });
        assertThat(only(payload("{'statuses':[{'id':'p','status':'read','type':'message'}]}")).headers())
                .containsEntry(UpdateHeaders.TYPE, "read").containsEntry(UpdateHeaders.ID, "status:p:read");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'profile':{'name':'Kim'},'wa_id':'" + KIM + "'}", "[{'profile':{'name':'Kim'},'wa_id':'" + KIM + "'}]"})
    void aSingleContactMayStandWithoutItsList(String contact) {
        Update update = only(payload("{" + metadata() + ",'contacts':" + contact + ",'messages':[" + text("a", KIM) + "]}"));
        assertThat(update.headers()).containsEntry(UpdateHeaders.PROFILE_NAME, "Kim").containsEntry(UpdateHeaders.USER, KIM);
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "'x'", "null", "{}", "[7]", "[null]", "[[]]"})
    void contactsOfAnyShapeHideNoMessage(String contacts) {
        assertThat(split(payload("{" + metadata() + ",'contacts':" + contacts + ",'messages':[" + text("a", KIM) + "," + text("b", SAM)
                + "]}"))).extracting(Update::id).containsExactly("message:a", "message:b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'id':'s','status':'read'}", "7", "'x'", "[7]", "[null,'x']"})
    void statusesThatAreNoListOfObjectsAreKeptBesideWhatCanBeRead(String statuses) {
        List<Update> updates = split(payload("{" + metadata() + ",'statuses':" + statuses + ",'messages':[" + text("a", KIM) + "]}"));
        assertThat(updates).extracting(Update::kind).containsExactly("message", "change");
        assertThat(value(updates.get(1)).path("statuses").toString()).isEqualTo(statuses.replace('\'', '"'));
        assertThat(value(updates.get(1)).has("messages")).isFalse();
        assertThat(updates.get(1).headers()).containsEntry(UpdateHeaders.PHONE_NUMBER_ID, NUMBER);
        assertThat(value(updates.get(0)).has("statuses")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"'statuses':{'id':'s'}", "'messages':{'id':'m'}", "'errors':{'code':1}", "'errors':'x'", "'statuses':[null]"})
    void aValueInWhichNothingCanBeReadIsOneChange(String value) {
        String payload = payload("{" + metadata() + "," + value + "}");
        assertThat(new String(only(payload).body(), StandardCharsets.UTF_8)).isEqualTo(payload);
        assertThat(only(payload).kind()).isEqualTo("change");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'id':'1'}", "{'id':'1','changes':{'field':'messages'}}", "{'changes':null}", "{}", "7", "null", "'x'", "[]"})
    void anEntryOfAnyShapeIsKeptAndHidesNoOther(String entry) {
        String good = payload("{" + metadata() + ",'messages':[" + text("a", KIM) + "]}");
        List<Update> updates = split(good.replace("'entry':[".replace('\'', '"'), ("'entry':[" + entry + ",").replace('\'', '"')));
        assertThat(updates).extracting(Update::kind).containsExactly("change", "message");
        assertThat(updates.get(0).type()).isEqualTo("unknown");
        assertThat(json(updates.get(0)).at("/entry/0").toString()).isEqualTo(entry.replace('\'', '"'));
        assertThat(only("{'object':'o','entry':[" .replace('\'', '"') + entry.replace('\'', '"') + "]}").kind()).isEqualTo("change");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'id':'1'}", "7", "null"})
    void entriesThatAreNoListAreKept(String entries) {
        String payload = ("{'object':'o','entry':" + entries + "}").replace('\'', '"');
        assertThat(new String(only(payload).body(), StandardCharsets.UTF_8)).isEqualTo(payload);
    }

    @Test
    void aChangedIdIsHandledInTheOldConversation() {
        String system = "{'messages':[{'from':'" + KIM + "','id':'s','type':'system','system':{'type':'x',%s}}]," + metadata() + "}";
        assertThat(only(payload(system.formatted("'user_id':'US.2','previous_user_id':'US.1'"))).headers())
                .containsEntry(UpdateHeaders.PREVIOUS_USER, "US.1").containsEntry(UpdateHeaders.USER, "US.2")
                .containsEntry(UpdateHeaders.CONVERSATION, NUMBER + ":US.1");
        assertThat(only(payload(system.formatted("'wa_id':'" + SAM + "'"))).headers())
                .containsEntry(UpdateHeaders.PREVIOUS_USER, KIM).containsEntry(UpdateHeaders.USER, SAM)
                .containsEntry(UpdateHeaders.CONVERSATION, NUMBER + ":" + KIM);
        for (String none : List.of("'body':'b'", "'wa_id':'" + KIM + "'", "'user_id':'US.1','previous_user_id':'US.1'", "'user_id':'US.1'")) {
            assertThat(only(payload(system.formatted(none))).headers()).doesNotContainKey(UpdateHeaders.PREVIOUS_USER);
        }
    }

    @Test
    void anUnknownFieldIsOneChange() {
        Update update = only(envelope("{'field':'flows','value':{'messages':[1,2],'event':'FLOW_STATUS_CHANGE'}}"));
        assertThat(update.headers()).containsEntry(UpdateHeaders.KIND, "change").containsEntry(UpdateHeaders.TYPE, "flows")
                .containsEntry(UpdateHeaders.CONVERSATION, ACCOUNT).doesNotContainKey(UpdateHeaders.USER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "null", "7", "'x'", "[]", "{'messages':[]}", "{'calls':[{'id':'c'}]}"})
    void aMessagesChangeWithNothingKnownInItIsKeptAsAChange(String value) {
        Update update = only(payload(value));
        assertThat(update.kind()).isEqualTo("change");
        assertThat(update.type()).isEqualTo("messages");
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "'x'", "null", "[]", "{}", "{'field':7}"})
    void aChangeOfAnyShapeIsKept(String change) {
        assertThat(only(envelope(change)).kind()).isEqualTo("change");
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "'x'", "null", "[]", "{}", "{'id':{}}", "{'id':' '}", "{'type':{}}", "{'errors':7,'text':7}"})
    void aMessageOfAnyShapeIsKept(String message) {
        Update update = only(payload("{'messages':[" + message + "]}"));
        assertThat(update.kind()).isEqualTo("message");
        assertThat(update.type()).isEqualTo("unknown");
        assertThat(update.id()).matches("message:[0-9a-f]{64}");
    }

    @Test
    void equalChangesHaveTheSameIdAndOthersHaveNot() {
        String change = "{'field':'account_update','value':{'event':'%s','n':1}}";
        String one = only(envelope(change.formatted("A"))).id();
        assertThat(only(envelope(change.formatted("A"))).id()).isEqualTo(one);
        assertThat(only(envelope(change.formatted("A")).replace(":{", ": {")).id()).isEqualTo(one);
        assertThat(split(envelope(change.formatted("B"), change.formatted("A"))).get(1).id()).isEqualTo(one);
        assertThat(only(envelope(change.formatted("B"))).id()).isNotEqualTo(one);
        assertThat(only(envelope(change.formatted("A")).replace(ACCOUNT, "2")).id()).isNotEqualTo(one);
    }

    @Test
    void theIdOfAnErrorAndOfANamelessMessageIsStableToo() {
        String errors = "{" + metadata() + ",'errors':[{'code':130429,'title':'%s'}]}";
        assertThat(only(payload(errors.formatted("x"))).id()).startsWith("error:").isEqualTo(only(payload(errors.formatted("x"))).id())
                .isNotEqualTo(only(payload(errors.formatted("y"))).id());
        String nameless = "{'messages':[{'from':'" + KIM + "','type':'text','text':{'body':'%s'}}]}";
        assertThat(only(payload(nameless.formatted("x"))).id()).isEqualTo(only(payload(nameless.formatted("x"))).id())
                .isNotEqualTo(only(payload(nameless.formatted("y"))).id());
    }

    @Test
    void theIdOfAMessageIsTheSameAloneAndInABatch() {
        String alone = only(payload("{" + metadata() + ",'messages':[" + text("a", KIM) + "]}")).id();
        assertThat(split(payload("{" + metadata() + ",'messages':[" + text("b", SAM) + "," + text("a", KIM) + "]}")).get(1).id())
                .isEqualTo(alone);
    }

    @Test
    void aSingleUpdateKeepsTheBytesAsTheyCame() {
        String payload = "\n  " + payload("{'messages':[{'id':'a','type':'text','n':1.10,'text':{'body':'\\u00e4 \u00e4'}}]}") + " ";
        assertThat(new String(only(payload).body(), StandardCharsets.UTF_8)).isEqualTo(payload);
    }

    @Test
    void keysThatNobodyKnowsStayInTheBody() throws IOException {
        String payload = ("{'object':'whatsapp_business_account','new1':[1],'entry':[{'id':'1','new2':{'a':null},'changes':["
                + "{'field':'messages','new3':12345678901234567890,'value':{'new4':0.12345678901234567890123,'contacts':[{'wa_id':'" + KIM
                + "','new5':true}],'messages':[{'id':'a','from':'" + KIM + "','type':'text','new6':'\\u00e4'},{'id':'b','type':'text'}]}}]}]}")
                .replace('\'', '"');
        JsonNode body = json(split(payload).get(0));
        ObjectNode expected = (ObjectNode) JSON.readTree(payload);
        ((com.fasterxml.jackson.databind.node.ArrayNode) expected.at("/entry/0/changes/0/value/messages")).remove(1);
        assertThat(body).isEqualTo(expected);
        assertThat(new String(split(payload).get(0).body(), StandardCharsets.UTF_8)).contains("0.12345678901234567890123").contains("12345678901234567890");
    }

    @Test
    void onlyMediaHasAMediaId() {
        Update audio = only(Payloads.messages(Payloads.audio("a", KIM, "1234567890", "abc")));
        Update order = only(payload("{'messages':[{'id':'a','type':'order','order':{'id':'not-media'}}]}"));
        assertThat(audio.headers()).containsEntry(UpdateHeaders.MEDIA_ID, "1234567890");
        assertThat(order.headers()).doesNotContainKey(UpdateHeaders.MEDIA_ID);
        assertThat(only(payload("{'messages':[{'id':'a','type':'image','image':{'id':7}}]}")).headers())
                .containsEntry(UpdateHeaders.MEDIA_ID, "7");
    }

    @Test
    void overlongValuesAreCutInHeadersAndStayDistinctAndWholeInTheBody() {
        String same = "x".repeat(5000);
        List<Update> updates = split(payload("{'metadata':{'phone_number_id':'" + same + "'},'contacts':[{'wa_id':'" + same + "1','profile':{'name':'"
                + same + "'}}],'messages':[{'id':'" + same + "1','from':'" + same + "1','group_id':'" + same + "g','type':'" + same
                + "','context':{'id':'" + same + "'}},{'id':'" + same + "2','from':'" + same + "2','type':'" + same + "2'}],'statuses':[{'id':'"
                + same + "','status':'" + same + "'}]}"));
        assertThat(updates).allSatisfy(update -> assertThat(update.headers().values()).allSatisfy(
                header -> assertThat(header.toString()).hasSizeLessThan(1200)));
        assertThat(updates.get(0).id()).isNotEqualTo(updates.get(1).id());
        assertThat(updates.get(0).headers().get(UpdateHeaders.USER)).isNotEqualTo(updates.get(1).headers().get(UpdateHeaders.USER));
        assertThat(updates.get(0).queueGroup()).isNotEqualTo(updates.get(1).queueGroup());
        assertThat(value(updates.get(0)).at("/messages/0/id").asText()).isEqualTo(same + "1");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", " ", "secretword", "\"secretword\"", "7", "null", "true", "[\"secretword\"]", "{\"secretword\":", "{}",
        "{'object':'whatsapp_business_account','secretword':1}",
        "{'object':7,'entry':[{'changes':['secretword']}]}",
        "{'entry':[{'changes':['secretword']}]}",
        "{'object':'whatsapp_business_account','entry':[]} secretword",
        "{'object':'whatsapp_business_account','entry':[]}{'secretword':1}",
        "{'object':'whatsapp_business_account','entry':[],}",
    })
    void whatIsNoWhatsAppWebhookIsRefusedWith400AndNotQuoted(String payload) {
        assertThatThrownBy(() -> split(payload.replace('\'', '"')))
                .isInstanceOfSatisfying(WhatsAppWebhookException.class, e -> {
                    assertThat(e.getStatusCode()).isEqualTo(400);
                    assertThat(e.toMap().toString()).doesNotContain("secretword");
                    assertThat(e).hasNoCause();
                })
                .hasMessageStartingWith("The webhook's ").hasMessageNotContaining("secretword");
    }

    @Test
    void bytesThatAreNoUtf8AreRefusedWith400() {
        byte[] payload = payload("{'x':'?'}").getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < payload.length; i++) {
            payload[i] = payload[i] == '?' ? (byte) 0xff : payload[i];
        }
        assertThatThrownBy(() -> splitter.split(payload)).isInstanceOfSatisfying(WhatsAppWebhookException.class,
                e -> assertThat(e.getStatusCode()).isEqualTo(400));
    }

    @Test
    void deepNestingIsRefusedWith400AndNotWithAnError() {
        String deep = "[".repeat(100_000);
        assertThatThrownBy(() -> split("{\"object\":\"o\",\"entry\":" + deep)).isInstanceOf(WhatsAppWebhookException.class);
    }
}
