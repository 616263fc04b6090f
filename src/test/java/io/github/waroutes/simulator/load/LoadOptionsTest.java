package io.github.waroutes.simulator.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoadOptionsTest {

    private static LoadOptions read(String... words) {
        return LoadOptions.read(List.of(words));
    }

    @Test
    void withoutOptionsAHundredUsersTalkForAMinute() {
        LoadOptions options = read();

        assertThat(options.request().toString()).isEqualTo("{\"users\":100,\"per_second\":50,\"seconds\":60}");
        assertThat(options.url()).isNull();
        assertThat(options.limits()).isFalse();
        assertThat(options.maxP99()).isNull();
    }

    @Test
    void everyOptionIsTaken() {
        LoadOptions options = read("--users", "7", "--rate", "2.5", "--seconds", "8", "--ramp", "2", "--seed", "-9000000000",
                "--voice-share", "0.5", "--answer", "any", "--drain", "5", "--settle", "1", "--max-p99", "250",
                "--fault", "{\"fault\":\"cut\"}", "--fault", "{\"fault\":\"slow\"}", "--url", "http://127.0.0.1:8080/");

        assertThat(options.request().toString()).isEqualTo("{\"users\":7,\"per_second\":2.5,\"seconds\":8,\"ramp_seconds\":2,"
                + "\"seed\":-9000000000,\"voice_share\":0.5,\"answer\":\"any\",\"drain_seconds\":5,\"settle_seconds\":1,"
                + "\"faults\":[{\"fault\":\"cut\"},{\"fault\":\"slow\"}]}");
        assertThat(options.users()).isEqualTo(7);
        assertThat(options.url()).isEqualTo("http://127.0.0.1:8080");
        assertThat(options.maxP99()).isEqualTo(250);
        assertThat(read("--limits").limits()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--user 5|There is no option --user",
        "--users|--users needs a value",
        "--users many|--users must be a number",
        "--seed 1e30|--seed must be a number",
        "--users 0|users must be a whole number",
        "--max-p99 fast|--max-p99 must be a whole number of milliseconds",
        "--fault cut|--fault must be a JSON object",
        "--url localhost|--url must be an http address",
        "--url http://127.0.0.1:1 --limits|leave it out with --url",
    })
    void whatIsWrongIsNamed(String words, String message) {
        assertThatIllegalArgumentException().isThrownBy(() -> read(words.split(" "))).withMessageContaining(message);
    }
}
