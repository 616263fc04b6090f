package io.github.waroutes.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GraphErrorCatalogueTest {

    private static final String GOOD =
            "{\"code\": 7, \"title\": \"Seven\", \"exception\": \"message\", \"retry\": \"NEVER\", \"scope\": \"MESSAGE\"}";

    private final GraphErrorCatalogue catalogue = GraphErrorCatalogue.load();

    @ParameterizedTest
    @ValueSource(ints = {200, 250, 299, 131201, 131207, 138000, 138018, 139000, 139004, 139100, 139103, 147001, 147005,
        2388000, 2388999, 2593107, 2593108})
    void aRangeHoldsItsEdges(int code) {
        assertThat(catalogue.lookup(code).known()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 5, 199, 300, 131200, 131209, 137999, 138019, 138999, 139005, 139099, 139104, 147000, 147006,
        2387999, 2389000, 2593106, 2593109, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void beyondTheEdgesACodeIsUnknownAndNeverRetried(int code) {
        ErrorKind kind = catalogue.lookup(code);

        assertThat(kind.known()).isFalse();
        assertThat(kind.retryClass()).isEqualTo(RetryClass.NEVER);
        assertThat(kind.scope()).isEqualTo(ErrorScope.MESSAGE);
    }

    @ParameterizedTest
    @CsvSource({"131057, 60", "131049, 86400", "133015, 300", "134101, 600"})
    void someCodesHaveAWait(int code, int seconds) {
        assertThat(catalogue.lookup(code).minimumWait()).isEqualTo(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 80007, 130429, 131056})
    void theLimitsThatMoveHaveNone(int code) {
        assertThat(catalogue.lookup(code).minimumWait()).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 131053})
    void someCodesAreRetriedTwiceAtMost(int code) {
        assertThat(catalogue.lookup(code).maximumRetries()).isEqualTo(2);
    }

    @Test
    void aSubcodeMayMeanSomethingElse() {
        assertThat(catalogue.lookup(100, 33).scope()).isEqualTo(ErrorScope.NUMBER);
        assertThat(catalogue.lookup(100, 33).retryClass()).isEqualTo(RetryClass.ALARM);
        assertThat(List.of(catalogue.lookup(100), catalogue.lookup(100, null), catalogue.lookup(100, 34)))
                .extracting(ErrorKind::scope).containsOnly(ErrorScope.MESSAGE);
    }

    @Test
    void aSubcodeNeedsACodeAndIsNamedOnce() {
        String row = GOOD.replace("{", "{\"subcode\":1,");
        assertThatThrownBy(() -> read("[" + row + "," + row + "]")).hasMessageContaining("row 2").hasMessageContaining("subcode 1 has a row");
        assertThatThrownBy(() -> read("[" + range(1, 2, "x").replace("{", "{\"subcode\":1,") + "]")).hasMessageContaining("'subcode' needs 'code'");
    }

    @Test
    void aRowForOneCodeWinsOverARange() {
        GraphErrorCatalogue read = read("[" + GOOD + "," + range(5, 9, "Five to nine") + "]");

        assertThat(read.lookup(7).title()).isEqualTo("Seven");
        assertThat(List.of(read.lookup(5), read.lookup(6), read.lookup(8), read.lookup(9)))
                .extracting(ErrorKind::title).containsOnly("Five to nine");
        assertThat(read.kinds()).hasSize(2);
    }

    @Test
    void titlesHoldNothingThatMaskingWouldHide() {
        assertThat(catalogue.kinds()).allSatisfy(kind -> assertThat(Masking.text(kind.title())).isEqualTo(kind.title()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "\"retry\": \"NEVER\"     | \"retry\": \"SOON\"          | 'retry' is 'SOON' but must be one of THROTTLE, TRANSIENT, WAIT_LONG, NEVER, ALARM",
        "\"scope\": \"MESSAGE\"   | \"scope\": \"WORLD\"         | 'scope' is 'WORLD' but must be one of MESSAGE, PAIR",
        "\"exception\": \"message\" | \"exception\": \"oops\"    | 'exception' is 'oops' but must be one of rate-limit, auth",
        "\"title\": \"Seven\"     | \"title\": \" \"             | 'title' must be a text",
        "\"title\": \"Seven\"     | \"titel\": \"Seven\"         | 'titel' is not a field; the fields are code,",
        "\"code\": 7              | \"code\": \"7\"              | 'code' must be a whole number",
        "\"code\": 7              | \"code\": 99999999999        | 'code' must be a whole number",
        "\"code\": 7              | \"code\": 7, \"from\": 7     | needs either 'code', or 'from' and 'to'",
        "\"code\": 7,             | \"note\": \"n\",             | needs either 'code', or 'from' and 'to'",
        "\"code\": 7              | \"from\": 7                  | 'to' must be a whole number",
        "\"code\": 7              | \"from\": 7, \"to\": 6       | 'to' is below 'from'",
        "\"code\": 7              | \"code\": 7, \"minimum_wait_seconds\": 0 | 'minimum_wait_seconds' must be a whole number of at least 1",
        "\"code\": 7              | \"code\": 7, \"maximum_retries\": -1     | 'maximum_retries' must be a whole number of at least 0"})
    void aBadRowIsNamedWithWhatIsWrong(String good, String bad, String complaint) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("[" + range(1, 3, "First") + "," + GOOD.replace(good, bad) + "]"))
                .withMessageContaining("row 2")
                .withMessageContaining(complaint);
    }

    @Test
    void aCodeHasOneRowOnly() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("[" + GOOD + "," + GOOD + "]"))
                .withMessage("Error catalogue, row 2: code 7 has a row already");
    }

    @ParameterizedTest
    @CsvSource({"3, 6", "5, 9", "6, 7", "9, 12", "1, 20"})
    void rangesDoNotOverlap(int from, int to) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("[" + range(5, 9, "A") + "," + range(from, to, "B") + "]"))
                .withMessage("Error catalogue, row 2: the range " + from + " to " + to + " overlaps the range 5 to 9");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "[            | is not JSON",
        "{}           | must be a JSON array",
        "[]           | must be a JSON array",
        "[7]          | row 1: must be a JSON object",
        "''           | must be a JSON array"})
    void aFileThatIsNoListOfRowsIsRefused(String json, String complaint) {
        assertThatIllegalArgumentException().isThrownBy(() -> read(json)).withMessageContaining(complaint);
    }

    private static String range(int from, int to, String title) {
        return GOOD.replace("\"code\": 7", "\"from\": " + from + ", \"to\": " + to).replace("Seven", title);
    }

    private static GraphErrorCatalogue read(String json) {
        return new GraphErrorCatalogue(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), new ObjectMapper());
    }
}
