package io.github.waroutes.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.List;
import java.util.Map;

import io.github.waroutes.number.BusinessNumber;
import io.github.waroutes.number.NumberRegistry;
import io.github.waroutes.number.NumberSettings;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

/** Numbers, accounts and apps with limits of their own, from a registry of the host's. */
class LimitsOfNumbersTest {

    private static BusinessNumber number(String name, String id, String account, String app, Map<String, String> settings) {
        return new BusinessNumber(name, id, account, app, "token", List.of("secret"), "word", settings);
    }

    private static final List<BusinessNumber> NUMBERS = List.of(number("default", "1", "10", "default", Map.of()),
            number("slow", "2", "20", "other", Map.of("whatsapp.limit.messages-per-second", "20", "whatsapp.limit.tier", "unlimited")));

    private static final NumberRegistry REGISTRY = new NumberRegistry() {

        @Override
        public BusinessNumber first() {
            return NUMBERS.get(0);
        }

        @Override
        public BusinessNumber byId(String id) {
            return NUMBERS.stream().filter(one -> one.phoneNumberId().equals(id)).findFirst().orElse(null);
        }

        @Override
        public BusinessNumber byName(String name) {
            return null;
        }

        @Override
        public Collection<BusinessNumber> all() {
            return NUMBERS;
        }
    };

    @Test
    void aNumberHasItsOwnRateItsAccountsTierAndItsAppsBudget() {
        DefaultCamelContext camel = new DefaultCamelContext();
        NumberSettings numbers = new NumberSettings();
        numbers.setCamelContext(camel);
        camel.getRegistry().bind(NumberSettings.BEAN, numbers);
        camel.getRegistry().bind(NumberRegistry.BEAN, REGISTRY);
        LimitSettings settings = new LimitSettings();
        settings.setCamelContext(camel);

        assertThat(settings.of("1").rate(false)).isEqualTo(80);
        assertThat(settings.of("2").rate(false)).isEqualTo(20);
        assertThat(settings.of("2").rate(true)).isEqualTo(1000);
        assertThat(settings.tierOf("10")).isEqualTo(250);
        assertThat(settings.tierOf("20")).isEqualTo(Tier.UNLIMITED);
        assertThat(settings.appOf("1")).isEqualTo("default");
        assertThat(settings.appOf("2")).isEqualTo("other");
        assertThat(LimitKeys.pauseOfApp(settings.appOf("2"))).isEqualTo("pause:app:other");
    }
}
