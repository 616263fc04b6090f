package io.github.waroutes.understanding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiChatTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String COMPLETION = """
            {"id":"chatcmpl-1","object":"chat.completion","choices":[{"index":0,"finish_reason":"stop",
             "message":{"role":"assistant","content":"Grüße 😀"}}],"usage":{"total_tokens":12}}""";

    private final OpenAiChat chat = new OpenAiChat();

    @Test
    void asksWithSystemPromptEarlierTurnsAndText() throws IOException {
        String request = chat.request("small-model", "Be brief.", "and \"today\"?\n😀", List.of(Turn.user("open?"), Turn.assistant("yes")));

        assertThat(JSON.readTree(request)).isEqualTo(JSON.readTree("""
                {"model":"small-model","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"open?"},
                 {"role":"assistant","content":"yes"},{"role":"user","content":"and \\"today\\"?\\n😀"}]}"""));
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = " ")
    void leavesOutAnEmptySystemPrompt(String prompt) throws IOException {
        JsonNode request = JSON.readTree(chat.request("m", prompt, "hi", null));

        assertThat(request).isEqualTo(JSON.readTree("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"));
    }

    @Test
    void limitsTheTokensIfAsked() throws IOException {
        chat.setMaxTokens(300);

        assertThat(JSON.readTree(chat.request("m", null, "hi", List.of())).path("max_tokens").intValue()).isEqualTo(300);
    }

    @Test
    void readsTheAnswerFromWhateverTheRouteHolds() throws IOException {
        byte[] bytes = COMPLETION.getBytes(StandardCharsets.UTF_8);

        assertThat(chat.replies(COMPLETION)).containsExactly("Grüße 😀");
        assertThat(chat.replies(bytes)).containsExactly("Grüße 😀");
        assertThat(chat.replies(new ByteArrayInputStream(bytes))).containsExactly("Grüße 😀");
        assertThat(chat.replies(JSON.readValue(COMPLETION, Map.class))).containsExactly("Grüße 😀");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"content\":\" \\n\"}", "{\"content\":null}", "{\"role\":\"assistant\"}"})
    void aModelThatSaysNothingGivesNoReply(String message) {
        assertThat(chat.replies("{\"choices\":[{\"message\":" + message + "}]}")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"<think>the user wants…</think>Hello!", "the user wants…</think>Hello!", "<think>a</think> <think>b\nc</think>\n\nHello!",
        "<THINKING>x</THINKING>Hello!", "Hello!<think>cut off", "<think>a</think>Hello!\n<think>", "<think></think>Hello!"})
    void whatTheModelThoughtIsNotSaid(String content) {
        assertThat(chat.replies(Map.of("choices", List.of(Map.of("message", Map.of("content", content)))))).containsExactly("Hello!");
    }

    @ParameterizedTest
    @ValueSource(strings = {"<think>only thoughts</think>", "<think>not ended", "only thoughts</think>", "", " \n"})
    void anAnswerOfThoughtsAloneIsNone(String content) {
        assertThat(chat.replies(Map.of("choices", List.of(Map.of("message", Map.of("content", content)))))).isEmpty();
    }

    @Test
    void markdownBecomesWhatsAppsFormattingUnlessItIsSwitchedOff() {
        Object answer = Map.of("choices", List.of(Map.of("message", Map.of("content", "**Open** <think>\n"))));
        assertThat(chat.replies(answer)).containsExactly("*Open*");
        chat.setMarkdown(false);
        assertThat(chat.replies(answer)).containsExactly("**Open**");
    }

    @Test
    void anAnswerMayComeInParts() {
        assertThat(chat.replies("{\"choices\":[{\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"He\"},{\"type\":\"other\"},"
                + "{\"type\":\"text\",\"text\":\"llo\"}]}}]}")).containsExactly("Hello");
    }

    @Test
    void aLongAnswerBecomesSeveralMessages() {
        String first = "a".repeat(3000);
        String second = "b".repeat(3000);

        assertThat(chat.replies(Map.of("choices", List.of(Map.of("message", Map.of("content", first + "\n\n" + second))))))
                .containsExactly(first, second);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "\"secret\"", "null", "{\"choices\":[]}", "{\"choices\":\"secret\"}", "{\"error\":{\"message\":\"secret\"}}",
        "{\"choices\":[{\"message\":\"secret\"}]}", "{\"choices\":[{\"message\":{\"content\":[\"secret\"]}}]}", "{\"choices\":[{\"text\":\"secret\"}]}"})
    void jsonOfAnotherShapeIsRefusedWithoutRepeatingIt(String body) {
        assertThatThrownBy(() -> chat.replies(body)).isInstanceOf(IllegalArgumentException.class).hasNoCause()
                .hasMessage("The answer of the chat-completions server (whatsapp.understanding.openai.url) has no text in choices[0].message.content; "
                        + "check that the address ends in /v1 and the server speaks OpenAI's API");
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = {"<html>secret</html>", "secret", "{\"secret"})
    void whatIsNotJsonIsRefusedWithoutRepeatingIt(String body) {
        assertThatThrownBy(() -> chat.replies(body)).isInstanceOf(IllegalArgumentException.class).hasNoCause()
                .hasMessage("The answer of the chat-completions server (whatsapp.understanding.openai.url) is not JSON; check its address");
    }

    @Test
    void wrongSettingsAndEmptyTextsAreRefused() {
        assertThatThrownBy(() -> chat.request(" ", null, "hi", null)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("whatsapp.understanding.openai.model is empty");
        assertThatThrownBy(() -> chat.setMaxTokens(-1)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("give 1 or more");
        assertThatThrownBy(() -> chat.request("m", null, " ", List.of())).isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("There is no text to send");
    }
}
