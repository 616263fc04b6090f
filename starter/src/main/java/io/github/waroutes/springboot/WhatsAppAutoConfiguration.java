package io.github.waroutes.springboot;

import org.apache.camel.CamelContext;
import org.apache.camel.spi.CamelContextCustomizer;
import org.apache.camel.spring.boot.CamelAutoConfiguration;
import org.apache.camel.spring.boot.CamelConfigurationProperties;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.health.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.actuate.health.CompositeHealthContributor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;

/** Puts the routes of the bundle into the application's CamelContext, beside its own; what is wrong with the settings stops the start before. */
@AutoConfiguration(before = CamelAutoConfiguration.class)
@ConditionalOnClass(CamelContext.class)
public class WhatsAppAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = "whatsAppSettings")
    static CamelContextCustomizer whatsAppSettings(ConfigurableEnvironment environment) {
        return new SettingsOfTheEnvironment(environment);
    }

    @Bean
    @ConditionalOnMissingBean(name = "whatsAppRoutes")
    static CamelContextConfiguration whatsAppRoutes(CamelConfigurationProperties camel) {
        return new BundledRoutes(camel.getMain().getRoutesExcludePattern());
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({CompositeHealthContributor.class, ConditionalOnEnabledHealthIndicator.class})
    static class Health {

        /** Its name is that of the component: {@code whatsapp}. */
        @Bean
        @ConditionalOnEnabledHealthIndicator("whatsapp")
        @ConditionalOnMissingBean(name = "whatsappHealthContributor")
        CompositeHealthContributor whatsappHealthContributor(CamelContext context) {
            return new WhatsAppHealth(context);
        }
    }
}
