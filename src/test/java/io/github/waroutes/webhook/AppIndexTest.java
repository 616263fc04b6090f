package io.github.waroutes.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import io.github.waroutes.TestGateway;
import io.github.waroutes.number.BusinessNumber;
import io.github.waroutes.webhook.AppIndex.Owner;
import org.junit.jupiter.api.Test;

class AppIndexTest {

    private final AppIndex apps = new AppIndex(IntStream.range(0, 500).mapToObj(AppIndexTest::number).toList());

    private static BusinessNumber number(int i) {
        return new BusinessNumber("n" + i, String.valueOf(50_000 + i), String.valueOf(70_000 + i), "app" + i, "token", List.of("secret" + i), "word",
                Map.of());
    }

    private static byte[] signature(int app, byte[] body) {
        return HexFormat.of().parseHex(TestGateway.signature("secret" + app, body).substring("sha256=".length()));
    }

    @Test
    void theAppOfAnIdInALongBodyIsFoundWithoutTryingAll() {
        byte[] body = ("{\"entry\":[{\"id\":\"70499\"}]" + " ".repeat(3_000_000) + '}').getBytes(StandardCharsets.UTF_8);
        assertThat(apps.signer(body, signature(499, body))).isEqualTo("app499");
    }

    @Test
    void withoutAKnownIdAllAreTriedForAShortBodyAndAFewForALongOne() {
        byte[] small = "{}".getBytes(StandardCharsets.UTF_8);
        assertThat(apps.signer(small, signature(499, small))).isEqualTo("app499");
        byte[] large = new byte[3_000_000];
        assertThat(apps.signer(large, signature(499, large))).isNull();
        assertThat(apps.signer(small, new byte[32])).isNull();
    }

    @Test
    void anUpdateIsOfTheAppThatSignedOrForeignOrUnknown() {
        assertThat(apps.owner("app1", "50001", "70001")).isEqualTo(Owner.OWN);
        assertThat(apps.owner("app1", "50001", "99999")).isEqualTo(Owner.OWN);
        assertThat(apps.owner("app1", "50002", "70002")).isEqualTo(Owner.FOREIGN);
        assertThat(apps.owner("app1", "50002", "70001")).isEqualTo(Owner.FOREIGN);
        assertThat(apps.owner("app1", "50001", "70002")).isEqualTo(Owner.FOREIGN);
        assertThat(apps.owner("app1", "59999", "70001")).isEqualTo(Owner.UNKNOWN);
        assertThat(apps.owner("app1", "59999", "70002")).isEqualTo(Owner.FOREIGN);
        assertThat(apps.owner("app1", null, "70001")).isEqualTo(Owner.OWN);
        assertThat(apps.owner("app1", null, "70002")).isEqualTo(Owner.FOREIGN);
        assertThat(apps.owner("app1", null, "79999")).isEqualTo(Owner.UNKNOWN);
        assertThat(apps.owner("app1", null, null)).isEqualTo(Owner.UNKNOWN);
    }
}
