package io.github.waroutes.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Properties;

import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.setting.SettingsException;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class HopServerTest {

    private static final String URL = "whatsapp.transcription.url";
    private static final String KEY = "whatsapp.transcription.api-key";
    private static final String SPANISH = "whatsapp.numbers.es.";

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final Properties properties = new Properties();

    /** Properties come as key, value, key, value. */
    private Message addressed(String phoneNumberId, String... values) {
        for (int i = 0; i < values.length; i += 2) {
            properties.setProperty(values[i], values[i + 1]);
        }
        properties.setProperty("whatsapp.phone-number-id", "106540352242922");
        properties.setProperty(SPANISH + "phone-number-id", "106540352242999");
        context.getPropertiesComponent().setInitialProperties(properties);
        NumberSettings settings = new NumberSettings();
        settings.setCamelContext(context);
        settings.read();
        context.getRegistry().bind(NumberSettings.BEAN, settings);

        HopServer server = new HopServer();
        server.setUrlSetting(URL);
        server.setKeySetting(KEY);
        server.setPath("/audio");
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setHeader("WhatsAppPhoneNumberId", phoneNumberId);
        server.choose(exchange);
        exchange.getMessage().removeHeaders("*");
        server.address(exchange);
        assertThat(exchange.getVariables().values()).as("no key stays").noneMatch(value -> value.toString().contains("key-"));
        return exchange.getMessage();
    }

    private static void assertAddress(Message message, String address, String authorization) {
        assertThat(message.getHeader(Exchange.HTTP_URI)).isEqualTo(address);
        assertThat(message.getHeader("Authorization")).isEqualTo(authorization);
    }

    @Test
    void aKeyIsSentAsABearer() {
        assertAddress(addressed("106540352242922", URL, "https://speech.example", KEY, " key-1 "), "https://speech.example/audio", "Bearer key-1");
    }

    @Test
    void withoutAKeyThereIsNoHeaderAndAnyAddressWillDo() {
        assertAddress(addressed("106540352242922", URL, "http://speech.internal:9000", KEY, " "), "http://speech.internal:9000/audio", null);
    }

    @Test
    void aKeyGoesOverHttpToThisMachineOnly() {
        assertThatCode(() -> addressed("106540352242922", URL, "http://localhost:9000", KEY, "key-1")).doesNotThrowAnyException();
        assertThatThrownBy(() -> addressed("106540352242922", URL, "http://speech.internal:9000", KEY, "key-1"))
                .isInstanceOf(SettingsException.class).hasMessageContaining("whatsapp.transcription.url must begin with https://")
                .hasMessageNotContaining("key-1");
    }

    @Test
    void aNumberHasTheGatewaysServerOrItsOwnAndTheGatewaysKeyGoesToTheGatewaysServerOnly() {
        assertAddress(addressed("106540352242999", URL, "https://speech.example", KEY, "key-1"), "https://speech.example/audio", "Bearer key-1");
        assertAddress(addressed("106540352242999", SPANISH + "transcription.api-key", "key-es"), "https://speech.example/audio", "Bearer key-es");
        assertAddress(addressed("106540352242999", SPANISH + "transcription.url", "https://voz.example"), "https://voz.example/audio", "Bearer key-es");
        properties.remove(SPANISH + "transcription.api-key");
        assertAddress(addressed("106540352242999"), "https://voz.example/audio", null);
        assertAddress(addressed("106540352242922"), "https://speech.example/audio", "Bearer key-1");
    }

    @Test
    void aNumbersKeyGoesOverHttpToThisMachineOnly() {
        assertThatThrownBy(() -> addressed("106540352242999", SPANISH + "transcription.url", "http://voz.internal", SPANISH + "transcription.api-key",
                "key-es")).isInstanceOf(SettingsException.class).hasMessageContaining("the number es").hasMessageNotContaining("key-es");
    }

    @Test
    void whatARegistryOfAHostSaysIsCheckedWhenItIsUsed() {
        HopServer server = new HopServer();
        server.setUrlSetting(URL);
        server.setKeySetting(KEY);
        Exchange exchange = new DefaultExchange(context);
        exchange.setVariable("whatsappHopAddress", "http://voz.internal");
        exchange.setVariable("whatsappHopKey", "key-es");
        assertThatIllegalArgumentException().isThrownBy(() -> server.address(exchange)).withMessageNotContaining("key-es");
        assertThat(exchange.getMessage().getHeader("Authorization")).isNull();
    }
}
