package io.github.waroutes;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Properties;

import io.github.waroutes.operate.ClientCertificateServer;
import io.github.waroutes.operate.Commands;
import io.github.waroutes.operate.Extensions;
import io.github.waroutes.operate.FreePorts;
import io.github.waroutes.operate.HealthServer;
import io.github.waroutes.operate.HeapDefaults;
import io.github.waroutes.operate.ManagementServer;
import io.github.waroutes.operate.ProcessEnd;
import io.github.waroutes.operate.QuietRouteMetrics;
import io.github.waroutes.operate.RouteReload;
import io.github.waroutes.operate.RouteTargets;
import io.github.waroutes.operate.RoutesFolder;
import io.github.waroutes.operate.StartFailure;
import io.github.waroutes.operate.WebhookSelfTest;
import io.github.waroutes.setting.SettingsCheck;
import io.github.waroutes.setting.TrimmedValues;
import io.github.waroutes.setting.Usage;
import io.github.waroutes.trace.Tracing;
import org.apache.camel.CamelContext;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.DefaultMainShutdownStrategy;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.main.MainShutdownStrategy;
import org.apache.camel.main.SimpleMainShutdownStrategy;

/**
 * The stand-alone gateway: Camel Main with the routes, an HTTP server, a management server and JSON logs.
 * <p>
 * Configuration comes from {@code ./application.properties} and the environment; the environment wins.
 */
public final class WhatsAppApplication {

    private static final String DEFAULTS = "whatsapp/application-defaults.properties";
    private static final String DEBUG = "--debug";
    private static final String LOGBACK = "logback.configurationFile";
    private static final Map<String, String> PORTS = Map.of(
            "CAMEL_SERVER_PORT", "camel.server.port",
            "CAMEL_MANAGEMENT_PORT", "camel.management.port");

    private WhatsAppApplication() {
    }

    public static void main(String... args) {
        if (Commands.isOne(args)) {
            if (System.getProperty(LOGBACK) == null) {
                System.setProperty(LOGBACK, "whatsapp/logback-commands.xml");
            }
            System.exit(Commands.run(new PrintWriter(System.out, true), new PrintWriter(System.err, true),
                    () -> configured("file:application.properties;optional=true"), args));
        }
        if (Usage.isAsked(args)) {
            Usage.print(System.out, args);
            return;
        }
        RoutesFolder own = RoutesFolder.of(args);
        Main main = newMain("file:application.properties;optional=true", own);
        extend(main);
        run(main, RoutesFolder.others(args));
        // threads of the broker's client would keep the process for another minute
        System.exit(0);
    }

    /**
     * A Camel Main that is ready to run.
     *
     * @param locations property files, as Camel takes them, with commas between; later defaults come from this jar
     */
    public static Main newMain(String locations) {
        return newMain(locations, null);
    }

    /** @param own routes of the user's, or null */
    public static Main newMain(String locations, RoutesFolder own) {
        if (System.getProperty(LOGBACK) == null) {
            System.setProperty(LOGBACK, "whatsapp/logback.xml");
        }
        Main main = new CheckedMain();
        main.setPropertyPlaceholderLocations(own == null ? locations : own.properties(locations));
        main.setInitialProperties(load(DEFAULTS));
        portsFromEnvironment(main, System.getenv());
        main.bind("whatsappHttpServer", new ClientCertificateServer());
        if (own != null) {
            main.addMainListener(own);
        }
        main.addMainListener(new MainListenerSupport() {
            @Override
            public void beforeConfigure(BaseMainSupport starting) {
                SettingsCheck.check(starting.getCamelContext());
            }
        });
        main.addMainListener(new HeapDefaults());
        main.addMainListener(new Tracing());
        main.addMainListener(new FreePorts());
        main.addMainListener(new ManagementServer());
        main.addMainListener(new HealthServer());
        main.addMainListener(new RouteReload());
        main.addMainListener(new WebhookSelfTest());
        main.addMainListener(new QuietRouteMetrics());
        return main;
    }

    /** Takes what is in the folder {@code ext} beside the gateway's jar, if there is one. */
    public static void extend(Main main) {
        Extensions extensions = Extensions.beside(WhatsAppApplication.class);
        if (extensions != null) {
            extensions.useInThisThread();
            main.addMainListener(extensions);
        }
    }

    /**
     * Takes the ports from the environment. Camel 4.17.0 passes over every variable that ends in {@code _PORT}, as Kubernetes injects
     * such ones for its services ({@code MainHelper.loadEnvironmentVariablesAsProperties}), though placeholders do resolve them.
     */
    static void portsFromEnvironment(Main main, Map<String, String> environment) {
        PORTS.forEach((variable, property) -> {
            String port = environment.get(variable);
            // Kubernetes' own are addresses, as in tcp://10.0.0.1:8080
            if (port != null && port.matches("\\d{1,5}")) {
                main.addOverrideProperty(property, port);
            }
        });
    }

    /** Runs until the process is told to stop; a start that fails ends it with one line that says what to do. */
    public static void run(Main main, String... args) {
        main.bind(ProcessEnd.NAME, ProcessEnd.ending());
        int code = run(main, System.err, args);
        if (code != 0) {
            System.exit(code);
        }
    }

    /** @return the exit code */
    static int run(Main main, PrintStream err, String... args) {
        try {
            int code = main.run(Arrays.stream(args).filter(arg -> !DEBUG.equals(arg)).toArray(String[]::new));
            if (main instanceof CheckedMain checked && checked.failure != null) {
                throw checked.failure;
            }
            return code;
        } catch (Exception e) {
            err.println("whatsapp-cloud-routes cannot start: " + StartFailure.explain(e, main.getCamelContext()));
            if (isDebug(args)) {
                e.printStackTrace(err);
            }
            return StartFailure.code(e);
        }
    }

    /** Whether a failed start shows its whole stack: {@code --debug}, or the system property {@code whatsapp.debug=true}. */
    static boolean isDebug(String... args) {
        return Boolean.getBoolean("whatsapp.debug") || Arrays.asList(args).contains(DEBUG);
    }

    /** A context that is not started, with the properties that {@link #newMain} would have. */
    static CamelContext configured(String locations) {
        CamelContext context = new DefaultCamelContext(false);
        PropertiesComponent properties = asPeopleWrite(context);
        properties.setLocation(locations);
        properties.setInitialProperties(load(DEFAULTS));
        context.build();
        return context;
    }

    /** Property files are read as UTF-8, as people write them, where Camel by itself reads ISO-8859-1; and values without blanks around them. */
    private static PropertiesComponent asPeopleWrite(CamelContext context) {
        PropertiesComponent properties = (PropertiesComponent) context.getPropertiesComponent();
        properties.setEncoding(StandardCharsets.UTF_8.name());
        properties.setPropertiesParser(new TrimmedValues(properties));
        return properties;
    }

    /** Loads a property file from this jar. */
    public static Properties load(String resource) {
        Properties properties = new Properties();
        try (Reader in = new InputStreamReader(WhatsAppApplication.class.getClassLoader().getResourceAsStream(resource),
                StandardCharsets.UTF_8)) {
            properties.load(in);
            return properties;
        } catch (IOException e) {
            throw new IllegalStateException(resource, e);
        }
    }

    /**
     * Camel Main logs a failure of a check made after the start, and runs on; this one stops and keeps it.
     */
    private static final class CheckedMain extends Main {

        private volatile Exception failure;
        private final MainShutdownStrategy withoutHook = new SimpleMainShutdownStrategy();

        CheckedMain() {
            setShutdownStrategy(withoutHook);
        }

        /** Only a run until the process is told to stop wants Camel's hook in the JVM, which keeps this Main in memory to the end. */
        @Override
        public void run() throws Exception {
            if (getShutdownStrategy() == withoutHook) {
                setShutdownStrategy(new DefaultMainShutdownStrategy(this));
            }
            super.run();
        }

        @Override
        protected void configurePropertiesService(CamelContext context) throws Exception {
            asPeopleWrite(context);
            super.configurePropertiesService(context);
            // everything here is this program's: a wrong target in a user's route is found at start as well
            RouteTargets targets = new RouteTargets();
            targets.setEverybodys(true);
            targets.setCamelContext(context);
        }

        @Override
        protected void afterStart() {
            try {
                super.afterStart();
            } catch (Exception e) {
                failure = e;
                completed();
            }
        }
    }
}
