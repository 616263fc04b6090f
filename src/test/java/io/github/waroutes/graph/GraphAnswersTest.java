package io.github.waroutes.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppServiceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class GraphAnswersTest {

    private final GraphAnswers answers = new GraphAnswers();

    @Test
    void anAnswerIsRead() {
        Map<String, Object> answer = answers.read("{\"url\":\"https://x\",\"file_size\":3}".getBytes(StandardCharsets.UTF_8));
        assertThat(answer).containsEntry("url", "https://x").containsEntry("file_size", 3);
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = {"<html>secret</html>", "null", "[]", "\"secret\"", "{\"secret\":"})
    void anAnswerThatIsNoObjectIsAnUnknownOutcomeAndIsNotQuoted(String body) {
        assertThatThrownBy(() -> answers.read(body == null ? null : body.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOfSatisfying(WhatsAppServiceException.class, e -> {
                    assertThat(e.isOutcomeUnknown()).isTrue();
                    assertThat(e.getStatusCode()).isEqualTo(200);
                    assertThat(e.getRetryClass()).isEqualTo(RetryClass.TRANSIENT);
                    assertThat(e.toJson()).doesNotContain("secret");
                }).hasNoCause();
    }

    @Test
    void theIdOfTheAcceptedMessageIsFound() {
        assertThat(answers.messageId(Map.of("messages", List.of(Map.of("id", "wamid.S"))))).isEqualTo("wamid.S");
    }

    @Test
    void anAnswerWithoutAnIdHasNone() {
        assertThat(answers.messageId(Map.of())).isNull();
        assertThat(answers.messageId(Map.of("messages", List.of()))).isNull();
        assertThat(answers.messageId(Map.of("messages", "x"))).isNull();
        assertThat(answers.messageId(Map.of("messages", List.of("x")))).isNull();
        assertThat(answers.messageId(Map.of("messages", List.of(Map.of("status", "x"))))).isNull();
    }
}
