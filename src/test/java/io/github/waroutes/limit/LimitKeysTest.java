package io.github.waroutes.limit;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LimitKeysTest {

    /** Nodes of different versions share them in Redis while one after another is renewed. */
    @Test
    void theKeysStayAsTheyAre() {
        String pair = "1:" + Long.toHexString(UserHash.of("1", "user"));
        assertThat(LimitKeys.pair("1", "user")).isEqualTo(pair);
        assertThat(LimitKeys.block(pair)).isEqualTo("block:" + pair);
        assertThat(LimitKeys.pauseOfApp(LimitSettings.FIRST_APP)).isEqualTo("pause:app");
        assertThat(LimitKeys.pauseOfAccount("2")).isEqualTo("pause:account:2");
        assertThat(LimitKeys.cut("1")).isEqualTo("cut:1");
        assertThat(LimitKeys.throughput("1")).isEqualTo("throughput:1");
        assertThat(LimitKeys.account("1")).isEqualTo("account:1");
        assertThat(LimitKeys.tier("2")).isEqualTo("tier:2");
    }

    @Test
    void aDisplayNumberIsItsDigitsAsAHash() {
        String hash = "display:" + Long.toHexString(UserHash.of("display", "15550783881"));
        assertThat(LimitKeys.displayHash("+1 555-078-3881")).isEqualTo(hash).isEqualTo(LimitKeys.displayHash("15550783881"));
        assertThat(LimitKeys.displayHash(" ")).isNull();
        assertThat(LimitKeys.displayHash(null)).isNull();
    }
}
