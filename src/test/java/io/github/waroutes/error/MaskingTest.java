package io.github.waroutes.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MaskingTest {

    @ParameterizedTest
    @CsvSource({
        "16505550137, ***37",
        "+1 650 555 0137, ***37",
        "US.13491208655302741937, ***37",
        "US.ENT.11815799212886844ab, ***ab",
        "'  16505550137  ', ***37",
        "abcde, ***de",
        "1234, ***",
        "7, ***"})
    void aUserKeepsOnlyTheLastTwoCharacters(String user, String masked) {
        assertThat(Masking.user(user)).isEqualTo(masked);
    }

    @Test
    void noUserStaysNoUser() {
        assertThat(Masking.user(null)).isNull();
        assertThat(Masking.user(" ")).isEqualTo(" ");
        assertThat(Masking.text(null)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "16505550137", "+16505550137", "+1 650 555 0137", "+1-650-555-0137", "1 (650) 555-0137", "(650) 555-0137", "650.555.0137",
        "+1\u00a0650\u00a0555\u00a00137", "+1\u2011650\u2011555\u20110137", "5550137",
        "US.13491208655302740137", "US.ENT.11815799212886840137", "GB.abcd37", "someone@example.37",
        "wamid.HBgLMTY1MDU1NTAxMzcVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTc37"})
    void textHidesUsersAndTheirMessages(String who) {
        assertThat(Masking.text("Recipient " + who + " is not there")).isEqualTo("Recipient ***37 is not there");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "https://example.com/voice/16505550137.ogg?signature=abc&to=16505550137",
        "EAAJZCmadeUpToken1234567890abcdef"})
    void textHidesLinksAndTokensWhole(String secret) {
        assertThat(Masking.text("Refused: " + secret + " (twice)")).isEqualTo("Refused: *** (twice)");
    }

    @Test
    void textHidesATokenThatIsNamedAsSuch() {
        assertThat(Masking.text("Malformed access token 123abcDEF456ghiJKL789mno"))
                .isEqualTo("Malformed access token ***");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "(#131047) Re-engagement message", "wait 600 seconds", "only 123456 is allowed", "limit 100, got 4096", "The OK.", "v26.0", "the API.version is old"})
    void textKeepsCodesAndShortNumbers(String text) {
        assertThat(Masking.text(text)).isEqualTo(text);
    }

    @Test
    void twoUsersSideBySideAreBothHidden() {
        assertThat(Masking.text("from US.1349120865530274 to 16505550137, +16505550142"))
                .isEqualTo("from ***74 to ***37, ***42");
    }

    @Test
    void aMaskDoesNotJoinWithTheDigitsAfterIt() {
        assertThat(Masking.text("US.1349120865530274 12345")).isEqualTo("***74 12345");
    }

    @Test
    void digitsOfOtherScriptsAreDigits() {
        assertThat(Masking.text("\u0661\u0666\u0665\u0660\u0665\u0665\u0665\u0660")).doesNotContain("\u0661\u0666");
    }

    @Test
    void longTextIsCut() {
        assertThat(Masking.text("a".repeat(100_000))).hasSizeLessThan(5_000);
    }
}
