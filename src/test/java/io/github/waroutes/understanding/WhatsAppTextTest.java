package io.github.waroutes.understanding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class WhatsAppTextTest {

    static Stream<Arguments> markdown() {
        return Stream.of(
                Arguments.of("**Open** Mon-Sat. See [our site](https://x.test/a)\n# Title\n~~old~~",
                        "*Open* Mon-Sat. See our site (https://x.test/a)\n\n*Title*\n\n~old~"),
                Arguments.of("__bold__ and *italic* and _italic_ and ***both***", "*bold* and _italic_ and _italic_ and _*both*_"),
                Arguments.of("## **Hours**\n\nMon\nTue", "*Hours*\n\nMon\nTue"),
                Arguments.of("Title\n---\ntext", "*Title*\n\ntext"),
                Arguments.of("* one\n* **two**\n  - in it\n", "- one\n- *two*\n  - in it"),
                Arguments.of("1. one\n2. two\n\n   more\n", "1. one\n2. two\n   more"),
                Arguments.of("7) seven\n8) eight", "7. seven\n8. eight"),
                Arguments.of("> quoted\n> **twice**\n\nanswer", "> quoted\n> *twice*\n\nanswer"),
                Arguments.of("Use `npm i` or\n```bash\nnpm **i**\n```\n", "Use `npm i` or\n\n```\nnpm **i**\n```"),
                Arguments.of("a\n\n---\n\nb", "a\n\n———\n\nb"),
                Arguments.of("![a map](https://x.test/m.png) <https://x.test> [https://x.test](https://x.test)",
                        "a map (https://x.test/m.png) https://x.test https://x.test"),
                Arguments.of("[mail](mailto:kim@x.test) <kim@x.test>", "mail (mailto:kim@x.test) kim@x.test"),
                Arguments.of("**two\nlines**", "*two*\n*lines*"),
                Arguments.of("\\*not bold\\* &amp; a<br>b", "*not bold* & a\nb"));
    }

    @ParameterizedTest
    @MethodSource("markdown")
    void markdownIsWrittenAsWhatsAppShowsIt(String markdown, String text) {
        assertThat(WhatsAppText.of(markdown)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Hello Kim, see you at 9!", "5 * 3 = 15, 2 * 2 = 4", "snake_case_name", "a < b > c & d", "Grüße 😀\nzweite Zeile",
        "https://x.test/a_b_c?d=*&e=~1~", "Preis: 3,50 € (ab 2 Stück)", "€5~€10", "#1 of 3", "| a | b |"})
    void plainTextStaysAsItIs(String text) {
        assertThat(WhatsAppText.of(text)).isEqualTo(text);
    }

    @Test
    void nothingStaysNothing() {
        assertThat(WhatsAppText.of(null)).isEmpty();
        assertThat(WhatsAppText.of(" \n")).isEmpty();
    }
}
