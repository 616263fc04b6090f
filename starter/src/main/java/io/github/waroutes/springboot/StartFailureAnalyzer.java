package io.github.waroutes.springboot;

import java.util.List;
import java.util.stream.Collectors;

import io.github.waroutes.error.Causes;
import io.github.waroutes.operate.StartFailure;
import io.github.waroutes.setting.SettingsException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.env.Environment;

/**
 * Says why an application with these routes did not start: every wrong setting with its place, never with the value of a secret; or the route, the
 * step and the line that Camel could not make.
 */
final class StartFailureAnalyzer implements FailureAnalyzer {

    private final Environment environment;

    StartFailureAnalyzer(Environment environment) {
        this.environment = environment;
    }

    @Override
    public FailureAnalysis analyze(Throwable failure) {
        SettingsException wrong = Causes.find(SettingsException.class, failure);
        if (wrong != null) {
            return new FailureAnalysis(settings(wrong.getProblems()), "Correct them where they are set: in application.properties, application.yaml"
                    + " or the environment. Editors show the description of each, and docs/properties.md of whatsapp-cloud-routes has them all.", failure);
        }
        String line = StartFailure.explainOursOrARoute(failure);
        return line == null ? null : new FailureAnalysis(line, "Change what the description names; the stack trace is in the log at level DEBUG.", failure);
    }

    private String settings(List<String> problems) {
        String head = problems.size() == 1 ? "A setting of whatsapp-cloud-routes is wrong:" : problems.size() + " settings of whatsapp-cloud-routes are wrong:";
        return problems.stream().map(problem -> "    " + problem + origin(problem)).collect(Collectors.joining("\n\n", head + "\n\n", "\n"));
    }

    /** Each problem begins with the name of its setting; where that is set is told as Spring Boot does, its value is not. */
    private String origin(String problem) {
        ConfigurationPropertyName name = ConfigurationPropertyName.ofIfValid(problem.split("[\\s:;,]", 2)[0]);
        if (environment == null || name == null) {
            return "";
        }
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            ConfigurationProperty property = source.getConfigurationProperty(name);
            if (property != null) {
                return property.getOrigin() == null ? "" : "\n    Origin: " + property.getOrigin();
            }
        }
        return "";
    }
}
