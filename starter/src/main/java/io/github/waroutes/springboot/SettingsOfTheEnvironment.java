package io.github.waroutes.springboot;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import io.github.waroutes.setting.Setting;
import io.github.waroutes.setting.Settings;
import io.github.waroutes.setting.SettingsCheck;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.CamelContextCustomizer;
import org.apache.camel.spi.LoadablePropertiesSource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * The settings as Spring's environment has them, for the check before the start and for whoever looks for all that there are, as the numbers do
 * ({@code whatsapp.numbers.NAME.…}): Camel's own bridge only finds a value by its name. Names may be written in any of Spring Boot's relaxed forms.
 */
final class SettingsOfTheEnvironment implements CamelContextCustomizer, LoadablePropertiesSource {

    private static final String OURS = "whatsapp.";

    private final ConfigurableEnvironment environment;
    private final Settings settings = Settings.load();
    private final Map<String, String> byUniformName = settings.all().map(Setting::name)
            .collect(Collectors.toMap(SettingsOfTheEnvironment::uniform, name -> name, (one, other) -> one));
    private final Map<String, String> byUniformNumberKey = settings.numberKeys().stream()
            .collect(Collectors.toMap(SettingsOfTheEnvironment::uniform, key -> key, (one, other) -> one));

    SettingsOfTheEnvironment(ConfigurableEnvironment environment) {
        this.environment = environment;
    }

    @Override
    public void configure(CamelContext context) {
        context.getPropertiesComponent().addPropertiesSource(this);
        SettingsCheck.check(context, variables(System.getenv().keySet()));
    }

    /** Without those that are a setting in Spring Boot's form: {@code WHATSAPP_APPSECRET} is {@code whatsapp.app-secret}. */
    Set<String> variables(Set<String> names) {
        return names.stream().filter(name -> !byUniformName.containsKey(uniform(name.replace('_', '.')))).collect(Collectors.toSet());
    }

    @Override
    public String getName() {
        return "spring-environment-whatsapp";
    }

    @Override
    public String getProperty(String name) {
        return name.startsWith(OURS) ? value(name) : null;
    }

    @Override
    public Properties loadProperties() {
        return loadProperties(name -> true);
    }

    @Override
    public Properties loadProperties(Predicate<String> wanted) {
        Properties properties = new Properties();
        for (String name : names()) {
            String value = wanted.test(name) ? value(name) : null;
            if (value != null) {
                properties.setProperty(name, value);
            }
        }
        return properties;
    }

    @Override
    public void reloadProperties(String location) {
        // values are read when they are asked for
    }

    /** A source may hold other objects than texts, such as a path. */
    private String value(String name) {
        Object value = environment.getProperty(name, Object.class);
        return value == null ? null : value.toString();
    }

    private Set<String> names() {
        Set<String> names = new TreeSet<>();
        environment.getPropertySources().stream()
                .filter(source -> source instanceof EnumerablePropertySource
                        // names of variables are looked at as such
                        && !source.getName().equals(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME))
                .flatMap(source -> Arrays.stream(((EnumerablePropertySource<?>) source).getPropertyNames()))
                .filter(name -> name.startsWith(OURS)).map(this::canonical).forEach(names::add);
        return names;
    }

    /** As settings.json has it; a name that is not there stays as it is, and is told. */
    private String canonical(String name) {
        String[] number = name.split("\\.", 4);
        if (number.length == 4 && number[1].equals("numbers") && byUniformNumberKey.containsKey(uniform(number[3]))) {
            return OURS + "numbers." + number[2] + '.' + byUniformNumberKey.get(uniform(number[3]));
        }
        return byUniformName.getOrDefault(uniform(name), name);
    }

    private static String uniform(String name) {
        return name.replaceAll("[-._]", "").toLowerCase(Locale.ROOT);
    }
}
