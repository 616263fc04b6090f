package io.github.waroutes.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MediaReferencesTest {

    private final MediaReferences references = new MediaReferences();

    private static byte[] bytes(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{'type':'image','image':{'id':'4711'}}",
        "{'type':'audio','audio':{'id':4711}}",
        "{'type':'video','video':{'id':'4711','caption':'x'}}",
        "{'type':'document','document':{'id':'4711','filename':'a.pdf'}}",
        "{'type':'sticker','sticker':{'id':'4711'}}",
        "{'type':'interactive','interactive':{'type':'button','header':{'type':'image','image':{'id':'4711'}},'action':"
                + "{'buttons':[{'type':'reply','reply':{'id':'yes','title':'Yes'}}]}}}",
        "{'type':'template','template':{'components':[{'type':'header','parameters':[{'type':'video','video':{'id':'4711'}}]}]}}",
    })
    void theIdOfAFileIsFoundAndNoOther(String message) {
        assertThat(references.in(bytes(message))).containsExactly("4711");
    }

    @Test
    void theIdsOfAllCardsAreFound() {
        String card = "{'components':[{'type':'header','parameters':[{'type':'image','image':{'id':'%s'}}]}]}";
        assertThat(references.in(bytes("{'template':{'components':[{'type':'carousel','cards':[" + card.formatted("1") + ','
                + card.formatted("2") + "]}]}}"))).containsExactly("1", "2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "null", "[1]", "{'type':'image','image':{'link':'https://example.com/a.png'}}", "{'image':{'id':{}}}"})
    void whereThereIsNoneNoneIsFound(String message) {
        assertThat(references.in(bytes(message))).isEmpty();
    }

    @Test
    void withoutAMessageThereIsNone() {
        assertThat(references.in(null)).isEmpty();
    }
}
