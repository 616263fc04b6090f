package io.github.waroutes.number;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;

import io.github.waroutes.operate.RouteTargets;
import io.github.waroutes.setting.Settings;
import io.github.waroutes.setting.SettingsException;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfiguredNumbersTest {

    private static final String FILE = """
            apps:
              shop:
                app-secret: "{{one.secret}},old"
                verify-token: shops-word
                access-token: apps-token
            accounts:
              spain:
                id: 7001
                app: shop
                reply:
                  apology: Lo siento
            numbers:
              es:
                phone-number-id: 5001
                account: spain
                on.text: direct:es
              es-2:
                phone-number-id: 5002
                account: spain
                access-token: own-token
                reply.apology: Perdona
            """;

    @TempDir
    Path directory;

    private final Properties properties = new Properties();
    private final CamelContext context = new DefaultCamelContext();
    private Path file;

    @BeforeEach
    void first() {
        file = directory.resolve("numbers.yaml");
        properties.putAll(Map.of("whatsapp.phone-number-id", "1001", "whatsapp.access-token", "token", "whatsapp.app-secret", "secret",
                "whatsapp.verify-token", "word", "one.secret", "hidden"));
    }

    private ConfiguredNumbers numbers() {
        context.getPropertiesComponent().setInitialProperties(properties);
        return new ConfiguredNumbers(context, Settings.load(), Map.of());
    }

    private ConfiguredNumbers withFile(String text) throws IOException {
        Files.writeString(file, text);
        properties.put("whatsapp.numbers.file", file.toString());
        return numbers();
    }

    @Test
    void thePlainPropertiesAreTheFirstNumberAndServeAll() {
        ConfiguredNumbers numbers = numbers();
        assertThat(numbers.first()).isSameAs(numbers.byId("1001")).isSameAs(numbers.byName("default"));
        assertThat(numbers.first().appSecrets()).containsExactly("secret");
        assertThat(numbers.byId("1002")).isNull();
        assertThat(numbers.servesUnknown()).isTrue();
    }

    @Test
    void aNumberOfThePropertiesHasWhatItNamesAndTheRestOfTheFirst() {
        properties.putAll(Map.of("whatsapp.numbers.es.phone-number-id", "5001", "whatsapp.numbers.es.access-token", "estoken",
                "whatsapp.numbers.es.on.text", "direct:es"));
        ConfiguredNumbers numbers = numbers();
        BusinessNumber es = numbers.byName("es");
        assertThat(es.accessToken()).isEqualTo("estoken");
        assertThat(es.verifyToken()).isEqualTo("word");
        assertThat(es.app()).as("the same secret is the same app").isEqualTo("default");
        assertThat(es.settings()).containsEntry("whatsapp.on.text", "direct:es");
        assertThat(es.toString()).isEqualTo("es");
        assertThat(numbers.servesUnknown()).isFalse();
    }

    @Test
    void aNumberOfTheFileInheritsFromItsAccountAndThatFromItsApp() throws IOException {
        ConfiguredNumbers numbers = withFile(FILE);
        BusinessNumber es = numbers.byId("5001");
        assertThat(es).isEqualTo(new BusinessNumber("es", "5001", "7001", "shop", "apps-token", List.of("hidden", "old"), "shops-word",
                es.settings()));
        assertThat(es.settings()).containsEntry("whatsapp.reply.apology", "Lo siento").containsEntry("whatsapp.on.text", "direct:es");
        BusinessNumber other = numbers.byName("es-2");
        assertThat(other.accessToken()).isEqualTo("own-token");
        assertThat(other.settings()).containsEntry("whatsapp.reply.apology", "Perdona").doesNotContainKey("whatsapp.on.text");
        assertThat(other.app()).isEqualTo("shop");
    }

    @Test
    void allThatIsWrongWithTheFileIsToldWithItsLineAndNoSecret() {
        SettingsException wrong = catchThrowableOfType(SettingsException.class, () -> withFile("""
                numbers:
                  es:
                    phone-number-id: 50x1
                    acces-token: very-secret
                    account: spain
                  default:
                    phone-number-id: "{{nowhere}}"
                """));
        assertThat(wrong).hasMessageContaining("line 3: phone-number-id is wrong: copy it")
                .hasMessageContaining("line 4: acces-token is no setting of numbers; did you mean access-token?")
                .hasMessageContaining("line 5: there is no spain in accounts")
                .hasMessageContaining("line 6: default is no name")
                .hasMessageContaining("line 7: phone-number-id refers to what there is not.");
        assertThat(wrong.getMessage()).doesNotContain("very-secret");
        assertThat(catchThrowableOfType(SettingsException.class, () -> withFile("numbers:\n  es: [very-secret"))).hasMessageContaining(" line ")
                .hasMessageContaining("is not valid YAML").hasMessageNotContaining("very-secret");
    }

    @Test
    void anIdIsThereOnce() {
        assertThat(catchThrowableOfType(SettingsException.class, () -> withFile("numbers: {es: {phone-number-id: 1001}}")))
                .hasMessage("the numbers default and es have the same phone-number-id.");
    }

    @Test
    void aChangedFileTakesEffectAtOnceAndABrokenOneNotAtAll() throws IOException {
        ConfiguredNumbers numbers = withFile(FILE);
        Collection<BusinessNumber> before = numbers.all();
        numbers.look();
        assertThat(numbers.all()).isSameAs(before);

        Files.writeString(file, FILE.replace("own-token", "new-token"));
        numbers.look();
        assertThat(numbers.byName("es-2").accessToken()).isEqualTo("new-token");

        Collection<BusinessNumber> renewed = numbers.all();
        Files.writeString(file, "numbers: [");
        numbers.look();
        Files.delete(file);
        numbers.look();
        assertThat(numbers.all()).isSameAs(renewed);

        Files.writeString(file, "");
        numbers.look();
        assertThat(numbers.byId("5001")).isNull();
        assertThat(numbers.all()).hasSize(1);
        assertThat(numbers.servesUnknown()).as("what was removed is not sent with another's token").isFalse();
    }

    @Test
    void aChangedFileThatNamesARouteThatIsNotThereIsRefusedAsAWhole() throws Exception {
        ConfiguredNumbers numbers = withFile(FILE);
        hosts(numbers);
        new RouteTargets().setCamelContext(context);
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:es").setBody(constant("hola"));
                from("direct:es-new").setBody(constant("hola"));
            }
        });
        try (context) {
            context.start();
            Collection<BusinessNumber> before = numbers.all();
            Files.writeString(file, FILE.replace("direct:es", "direct:nowhere").replace("own-token", "new-token"));
            numbers.look();
            assertThat(numbers.all()).isSameAs(before);

            Files.writeString(file, FILE.replace("direct:es", "direct:es-new").replace("own-token", "new-token"));
            numbers.look();
            assertThat(numbers.byName("es").settings()).containsEntry("whatsapp.on.text", "direct:es-new");
            assertThat(numbers.byName("es-2").accessToken()).isEqualTo("new-token");
        }
    }

    @Test
    void aRegistryOfTheHostIsAskedInPlaceOfTheConfiguredNumbers() {
        properties.putAll(Map.of("whatsapp.numbers.es.phone-number-id", "5001"));
        context.getPropertiesComponent().setInitialProperties(properties);
        BusinessNumber of = new BusinessNumber("shop", "9001", "7009", "app", "hosts-token", List.of("hosts-secret"), "hosts-word",
                Map.of("whatsapp.reply.apology", "Sorry"));
        NumberSettings settings = hosts(new NumberRegistry() {
            @Override
            public BusinessNumber first() {
                return of;
            }

            @Override
            public BusinessNumber byId(String phoneNumberId) {
                return phoneNumberId.equals("9001") ? of : null;
            }

            @Override
            public BusinessNumber byName(String name) {
                return name.equals("shop") ? of : null;
            }

            @Override
            public Collection<BusinessNumber> all() {
                return List.of(of);
            }
        });
        settings.read();
        assertThat(settings.of(null)).isSameAs(of);
        assertThat(settings.of("9001")).isSameAs(of);
        assertThat(settings.of("5001")).as("one of the properties").isNull();
        assertThat(settings.of("1001")).as("that of the plain properties").isNull();
        assertThat(settings.idOf("shop")).isEqualTo("9001");
        Exchange message = new DefaultExchange(context);
        message.getMessage().setHeader("WhatsAppPhoneNumberId", "9001");
        assertThat(settings.text("whatsapp.reply.apology", message)).isEqualTo("Sorry");
    }

    private NumberSettings hosts(NumberRegistry registry) {
        NumberSettings settings = new NumberSettings();
        settings.setCamelContext(context);
        context.getRegistry().bind(NumberRegistry.BEAN, registry);
        context.getRegistry().bind(NumberSettings.BEAN, settings);
        return settings;
    }
}
