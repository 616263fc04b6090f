package io.github.waroutes.simulator.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PageGuardTest {

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {"localhost,8080,-", "LocalHost,-1,-", "127.0.0.1,8080,http://127.0.0.1:8080",
        "[::1],8080,http://[::1]:8080", "-,-1,-", "127.0.0.1,-1,http://127.0.0.1"})
    void namesOfThisMachineAreServed(String host, int port, String origin) {
        assertThat(PageGuard.refusal(host, port, host != null, origin)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {"simulator.example.com,8080,-", "192.0.2.1,-1,-", "'',-1,-", "localhost.example.com,-1,-",
        "127.0.0.1,8080,https://example.com", "127.0.0.1,8080,null", "127.0.0.1,8080,http://localhost:3000", "[::1,-1,-"})
    void aBrowserThatWasLedHereByAnotherNameOrSiteIsNot(String host, int port, String origin) {
        assertThat(PageGuard.refusal(host, port, true, origin)).isPresent();
    }
}
