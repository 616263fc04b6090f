package io.github.waroutes.understanding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IntentsFileTest {

    private static final String VALID = """
            threshold: 0.4
            language: de
            fallback: wie bitte
            intents:
              - intent: hours
                examples: [when open, hours]
                reply: at nine
              - intent: price
                examples: [how much, price, 1234]
                reply: [ten, in cash]
            """;

    @TempDir
    Path folder;

    @Test
    void readsWhatTheFileSays() throws IOException {
        IntentsFile file = IntentsFile.read(written(VALID).toString());

        assertThat(file.threshold()).isEqualTo(0.4);
        assertThat(file.language()).isEqualTo("de");
        assertThat(file.fallback()).containsExactly("wie bitte");
        assertThat(file.intents()).containsExactly(
                new Intent("hours", List.of("when open", "hours"), List.of("at nine")),
                new Intent("price", List.of("how much", "price", "1234"), List.of("ten", "in cash")));
    }

    @Test
    void thresholdAndLanguageMayBeLeftOut() throws IOException {
        IntentsFile file = IntentsFile.read(written(VALID.replace("threshold: 0.4\n", "").replace("language: de\n", "")).toString());

        assertThat(file.threshold()).isEqualTo(0.5);
        assertThat(file.language()).isEqualTo("en");
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:%s", "file://%s", "%s", " file:%s "})
    void readsAFileByPathOrFileUri(String form) throws IOException {
        assertThat(IntentsFile.read(form.formatted(written(VALID).toAbsolutePath())).intents()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"classpath:whatsapp/intents.yaml", "classpath:/whatsapp/intents.yaml"})
    void readsTheShippedFileFromTheClassPath(String location) {
        IntentsFile file = IntentsFile.read(location);

        assertThat(file.intents()).hasSizeGreaterThanOrEqualTo(15)
                .allSatisfy(intent -> assertThat(intent.examples()).hasSizeBetween(12, 18));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "threshold: 0.4 | threshold: 1 | the threshold 1.0 is not between 0 and 1; 0.5 is a good start",
        "threshold: 0.4 | threshold: 0 | the threshold 0.0 is not between 0 and 1; 0.5 is a good start",
        "threshold: 0.4 | threshold: .nan | the threshold NaN is not between 0 and 1; 0.5 is a good start",
        "threshold: 0.4 | threshold: high | the threshold is not a number; write one between 0 and 1, such as 0.5",
        "language: de | language: German | the language is not an ISO 639 code; write two or three small letters, such as en",
        "language: de | locale: de | the key \"locale\" is unknown; known are fallback, intents, language, threshold",
        "fallback: wie bitte | fallback: ' ' | fallback is empty; write a text",
        "fallback: wie bitte | # | has no fallback; add a line fallback: and the text to answer",
        "intents: | intends: | the key \"intends\" is unknown; known are fallback, intents, language, threshold",
        "intent: price | intent: hours | intent \"hours\": is there twice; rename one of them or put their examples together",
        "- intent: price | - name: price | entry 2 of intents: has no name; add a line such as intent: opening_hours",
        "reply: at nine | reply: '' | intent \"hours\": reply is empty; write a text",
        "reply: at nine | reply: | intent \"hours\": has no reply; add a line reply: and the text to answer",
        "reply: at nine | reply: [] | intent \"hours\": the reply is an empty list; write the text to answer",
        "reply: at nine | replies: at nine | intent \"hours\": the key \"replies\" is unknown; known are examples, intent, reply",
        "reply: at nine | reply: {at: nine} | intent \"hours\": reply is not a text; put it in quotes if it has a colon or starts with a bracket",
        "[when open, hours] | [hours] | intent \"hours\": has fewer than 2 examples; give it at least 2, better 12 to 18",
        "[when open, hours] | hours | intent \"hours\": has no list of examples; add examples: and below it one line for each, starting with a dash",
        "[when open, hours] | [hours, ''] | intent \"hours\": an example is empty; write a text",
        "[when open, hours] | [hours, 👍] | intent \"hours\": the example \"👍\" has neither letter nor digit; write it in words or take it out",
        "price, 1234] | price, Hours!] | intent \"price\": the example \"Hours!\" is also one of intent \"hours\"; keep it in one of them",
    })
    void aMistakeIsOneLineWithFileIntentAndAdvice(String right, String wrong, String message) throws IOException {
        String location = written(VALID.replace(right, wrong)).toString();

        assertThatThrownBy(() -> IntentsFile.read(location)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage(location + ": " + message);
    }

    @Test
    void aReplyLongerThanWhatsAppTakesIsAMistake() throws IOException {
        String location = written(VALID.replace("at nine", "x".repeat(4097))).toString();

        assertThatThrownBy(() -> IntentsFile.read(location)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage(location + ": intent \"hours\": a text of reply is longer than WhatsApp's 4096 characters; make it a list of shorter ones");
    }

    @Test
    void oneIntentIsTooFew() throws IOException {
        String location = written(VALID.substring(0, VALID.indexOf("  - intent: price"))).toString();

        assertThatThrownBy(() -> IntentsFile.read(location)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage(location + ": has fewer than 2 intents; a classifier needs at least 2 to choose from");
    }

    @ParameterizedTest
    @ValueSource(strings = {"fallback: [unclosed", "a: b: c", "fallback: x\n\tintents: y", "fallback: x\nfallback: y", "fallback: !!java.lang.Runtime {}"})
    void whatIsNotYamlIsAMistakeWithItsLine(String text) throws IOException {
        String location = written(text).toString();

        assertThatThrownBy(() -> IntentsFile.read(location)).isInstanceOf(IllegalArgumentException.class)
                .message().startsWith(location + ": is not valid YAML in line ").doesNotContain("\n").endsWith("check indentation, colons and quotes there");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "just words", "- a\n- b"})
    void yamlOfAnotherShapeIsAMistake(String text) throws IOException {
        String location = written(text).toString();

        assertThatThrownBy(() -> IntentsFile.read(location)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage(location + ": is not a map of keys and values; start it with the keys threshold, fallback and intents");
    }

    @Test
    void bytesThatAreNotUtf8AreAMistake() throws IOException {
        Path file = Files.write(folder.resolve("latin1.yaml"), new byte[] {'a', ':', ' ', (byte) 0xe9, (byte) 0xff});

        assertThatThrownBy(() -> IntentsFile.read(file.toString())).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file + ": is not valid YAML").message().doesNotContain("\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"classpath:nowhere.yaml", "file:/nowhere/intents.yaml", "nowhere/intents.yaml"})
    void aFileThatIsNotThereIsAMistake(String location) {
        assertThatThrownBy(() -> IntentsFile.read(location)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage(location + ": there is no such file; check the place, or use classpath:whatsapp/intents.yaml");
    }

    @Test
    void aFolderIsAMistake() {
        assertThatThrownBy(() -> IntentsFile.read(folder.toString())).isInstanceOf(IllegalArgumentException.class)
                .hasMessage(folder + ": cannot be read; check that it is a file and may be read");
    }

    @Test
    void noLocationIsAMistake() {
        assertThatThrownBy(() -> IntentsFile.read(" ")).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("No intents file is set; give its place, such as classpath:whatsapp/intents.yaml or file:intents.yaml");
    }

    private Path written(String text) throws IOException {
        return Files.writeString(folder.resolve("intents.yaml"), text);
    }
}
