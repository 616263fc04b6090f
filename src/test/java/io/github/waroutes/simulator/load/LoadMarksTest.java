package io.github.waroutes.simulator.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LoadMarksTest {

    private final LoadMarks marks = new LoadMarks(new SplittableRandom(1));
    private final LoadMarks others = new LoadMarks(new SplittableRandom(2));

    private static ObjectNode text(String body) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("type", "text");
        json.putObject("text").put("body", body);
        return json;
    }

    private static JsonNode quoting(String id) {
        ObjectNode json = text("yes");
        json.putObject("context").put("message_id", id);
        return json;
    }

    private int[] marked(JsonNode answer) {
        assertThat(marks.read(answer)).isInstanceOf(LoadMarks.Marked.class);
        return ((LoadMarks.Marked) marks.read(answer)).numbers();
    }

    @Test
    void anIdHasMetasFormAndGivesItsNumberBackWhenItIsQuoted() {
        assertThat(marks.id(17)).matches("wamid\\.[A-Za-z0-9+/]{42}==");
        assertThat(marked(quoting(marks.id(4_999_999)))).containsExactly(4_999_999);
    }

    @Test
    void everyMarkInAnAnswerCountsOnce() {
        assertThat(marked(text("re: " + marks.mark(3) + " hi, " + marks.mark(12) + ' ' + marks.mark(3)))).containsExactly(3, 12);
    }

    @Test
    void aMarkIsFoundInAnyTypeOfMessage() {
        ObjectNode image = JsonNodeFactory.instance.objectNode().put("type", "image");
        image.putObject("image").put("id", "1").put("caption", "for " + marks.mark(9));

        assertThat(marked(image)).containsExactly(9);
    }

    @Test
    void anotherLoadsMarkIsForeign() {
        assertThat(marks.read(text("re: " + others.mark(3)))).isInstanceOf(LoadMarks.Foreign.class);
    }

    @Test
    void aNumberWithoutTheLoadsPartIsOnlyANumber() {
        assertThat(marks.read(text("re: #17 hello"))).isInstanceOfSatisfying(LoadMarks.Numbered.class,
                numbered -> assertThat(numbered.numbers()).containsExactly(17));
    }

    @Test
    void anAnswerWithoutAnyReferenceHasNoNumbers() {
        for (JsonNode answer : new JsonNode[] {text("hello"), quoting(others.id(3)), quoting("wamid.x!"), quoting("nonsense")}) {
            assertThat(marks.read(answer)).isInstanceOfSatisfying(LoadMarks.Numbered.class,
                    numbered -> assertThat(numbered.numbers()).isEmpty());
        }
    }
}
