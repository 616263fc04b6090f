package io.github.waroutes.understanding;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.camel.Variable;

/**
 * The bodies of {@code POST {base}/chat/completions}, as OpenAI's API reference ("Create chat completion") describes them and vLLM,
 * Ollama, llama.cpp and others understand them. Safe for concurrent use.
 */
public final class OpenAiChat {

    private static final String WHOSE = "the chat-completions server (whatsapp.understanding.openai.url)";

    private static final Pattern THOUGHT = Pattern.compile("<think(?:ing)?\\b[^>]*>.*?</think(?:ing)?\\s*>",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    /** The template of some models writes the first tag itself; an answer that was cut off has no last one. */
    private static final Pattern BEGUN_BEFORE = Pattern.compile("\\A.*</think(?:ing)?\\s*>", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final Pattern NOT_ENDED = Pattern.compile("<think(?:ing)?\\b[^>]*>.*\\z", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private final ReplySplitter splitter = new ReplySplitter(ReplySplitter.WHATSAPP_TEXT_LIMIT);
    private volatile int maxTokens;
    private volatile boolean markdown = true;

    /** @param markdown whether the model writes Markdown, which becomes WhatsApp's formatting; else its answer stays as it is */
    public void setMarkdown(boolean markdown) {
        this.markdown = markdown;
    }

    /** Limits an answer to so many tokens ({@code max_tokens}); 0, which is the default, leaves it to the server. */
    public void setMaxTokens(int maxTokens) {
        if (maxTokens < 0) {
            throw new IllegalArgumentException("The limit of tokens is " + maxTokens + "; give 1 or more, or 0 for the server's own");
        }
        this.maxTokens = maxTokens;
    }

    /**
     * The request body: system prompt, earlier turns, the user's text.
     *
     * @param text  what the user wrote
     * @param turns what was said before, oldest first; null or empty for nothing
     * @return JSON
     */
    public String request(@Variable("whatsappModel") String model, @Variable("whatsappPrompt") String systemPrompt,
            @Variable("whatsappSaid") String text, @Variable("whatsappTurns") List<Turn> turns) {
        if (model == null || model.isBlank()) {
            throw new IllegalArgumentException("whatsapp.understanding.openai.model is empty. Give a name that the server knows.");
        }
        if (text == null || text.isBlank()) {
            throw new IllegalArgumentException("There is no text to send to " + WHOSE + "; send only messages that have one");
        }
        ObjectNode body = JsonBody.JSON.createObjectNode().put("model", model);
        ArrayNode messages = body.putArray("messages");
        if (systemPrompt != null && !systemPrompt.isBlank()) {
            message(messages, "system", systemPrompt);
        }
        if (turns != null) {
            turns.forEach(turn -> message(messages, turn.role(), turn.content()));
        }
        message(messages, Turn.USER, text);
        if (maxTokens > 0) {
            body.put("max_tokens", maxTokens);
        }
        return body.toString();
    }

    private static void message(ArrayNode messages, String role, String content) {
        messages.addObject().put("role", role).put("content", content);
    }

    /**
     * The answer, in WhatsApp's formatting and without what the model thought, cut into messages that WhatsApp accepts.
     *
     * @param responseBody the response as bytes, String, InputStream or Map
     * @return the messages in order; none if the model said nothing
     * @throws IllegalArgumentException if the body is not a chat completion; the message does not repeat it
     */
    public List<String> replies(Object responseBody) {
        JsonNode message = JsonBody.read(responseBody, WHOSE).path("choices").path(0).path("message");
        JsonNode content = message.path("content");
        // null, or left out, is how a model says nothing, as when it calls a tool
        if (!message.isObject() || !(content.isTextual() || content.isNull() || content.isMissingNode() || isParts(content))) {
            throw new IllegalArgumentException("The answer of " + WHOSE
                    + " has no text in choices[0].message.content; check that the address ends in /v1 and the server speaks OpenAI's API");
        }
        String said = withoutThoughts(text(content));
        return splitter.split(markdown ? WhatsAppText.of(said) : said);
    }

    /** Some servers give the text in parts: {@code [{"type": "text", "text": "…"}]}. */
    private static String text(JsonNode content) {
        StringBuilder text = new StringBuilder(content.asText(""));
        if (content.isArray()) {
            content.forEach(part -> text.append(part.path("text").asText("")));
        }
        return text.toString();
    }

    private static boolean isParts(JsonNode content) {
        return content.isArray() && StreamSupport.stream(content.spliterator(), false).allMatch(JsonNode::isObject);
    }

    private static String withoutThoughts(String said) {
        String rest = BEGUN_BEFORE.matcher(THOUGHT.matcher(said).replaceAll("")).replaceFirst("");
        return NOT_ENDED.matcher(rest).replaceFirst("").strip();
    }
}
