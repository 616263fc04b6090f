package io.github.waroutes.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeapShareTest {

    @ParameterizedTest(name = "{0}, heap {1} MB: {2}")
    @CsvSource({"0, 16, 7500", "0, 256, 30000", "0, 1024, 120000", "0, 100000, 1920000", "7, 16, 7", "7, 1024, 7"})
    void whatIsSetHoldsAndElseTheHeapDecides(long size, long heapMegabytes, long entries) {
        assertThat(HeapShare.entries(size, 30_000, "whatsapp.delivery.size", heapMegabytes << 20)).isEqualTo(entries);
    }

    @Test
    void aNegativeSizeIsRefusedByItsName() {
        assertThatIllegalArgumentException().isThrownBy(() -> HeapShare.entries(-1, 30_000, "whatsapp.delivery.size"))
                .withMessage("whatsapp.delivery.size is -1; give 1 or more, or 0 to go by the heap");
    }
}
