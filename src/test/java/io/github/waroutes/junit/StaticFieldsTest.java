package io.github.waroutes.junit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A static field is that of the simulator that runs now, not of one before: two classes have the same one, as a class that is run again. */
class StaticFieldsTest {

    abstract static class Both {

        private static SimulatedWhatsApp running;

        @Test
        void itIsTheOneThatRuns(SimulatedWhatsApp whatsapp) {
            assertThat(running).isSameAs(whatsapp);
        }
    }

    @Nested
    @WhatsAppSimulator
    class First extends Both {
    }

    @Nested
    @WhatsAppSimulator
    class Second extends Both {
    }
}
