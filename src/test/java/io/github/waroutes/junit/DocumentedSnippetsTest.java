package io.github.waroutes.junit;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import javax.xml.parsers.DocumentBuilderFactory;
import io.github.waroutes.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** The Java of the documentation compiles, and what can be run here runs as it is written. */
class DocumentedSnippetsTest {

    private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern ARTIFACT = Pattern.compile("<artifactId>([^<]+)</artifactId>");
    private static final long LIMIT_SECONDS = 180;

    /** What stands around a snippet that is no whole file, by a text that only that snippet has: before it, and after it. */
    private static final Map<String, String[]> AROUND = Map.of(
            "SIMULATOR = WhatsAppSimulatorExtension.create()", new String[] {"""
                    import io.github.waroutes.junit.*;
                    import org.junit.jupiter.api.BeforeEach;
                    import org.junit.jupiter.api.extension.RegisterExtension;
                    @interface SpringBootTest { enum WebEnvironment { RANDOM_PORT } WebEnvironment webEnvironment(); }
                    @interface DynamicPropertySource { }
                    @interface LocalServerPort { }
                    interface DynamicPropertyRegistry { void add(String name, java.util.function.Supplier<Object> value); }
                    """, ""},
            "SimulatedWhatsApp.start()", new String[] {"""
                    import io.github.waroutes.junit.*;
                    public class Alone { public static void main(String[] arguments) throws Exception {
                    """, "}}"},
            "getPropertiesComponent().setInitialProperties", new String[] {"""
                    import io.github.waroutes.setting.SettingsCheck;
                    import java.util.Properties;
                    import org.apache.camel.CamelContext;
                    import org.apache.camel.component.platform.http.vertx.*;
                    import org.apache.camel.support.PluginHelper;
                    class Embedded { void start(CamelContext context, Properties whatsappProperties,
                            VertxPlatformHttpServerConfiguration serverConfiguration) throws Exception {
                    """, "}}"},
            "template.sendBody(\"direct:whatsapp-send\"", new String[] {"""
                    import io.github.waroutes.message.Buttons;
                    import org.apache.camel.ProducerTemplate;
                    class Sender { void send(ProducerTemplate template) {
                    """, "}}"},
            "main.addOverrideProperty(\"whatsapp.on.text\"", new String[] {"""
                    import org.apache.camel.main.Main;
                    class Started { void start(Main main) {
                    """, "}}"},
            "void anOrderIsAnswered(", new String[] {"""
                    import io.github.waroutes.junit.*;
                    import org.junit.jupiter.api.Test;
                    class OrdersTest {
                    """, "}"},
            "class SpanishTest", new String[] {"""
                    import io.github.waroutes.junit.*;
                    import org.junit.jupiter.api.Test;
                    """, ""},
            "class DatabaseNumbers", new String[] {"""
                    import io.github.waroutes.number.*;
                    import java.sql.*;
                    import java.util.*;
                    import javax.sql.DataSource;
                    """, ""});

    /** The snippets of all guides: where each begins, and its text. */
    private static Map<String, String> snippets() throws IOException {
        List<Path> guides;
        try (Stream<Path> docs = Files.list(Path.of("docs"))) {
            guides = Stream.concat(Stream.of(Path.of("README.md")), docs.filter(file -> file.toString().endsWith(".md")).sorted()).toList();
        }
        Map<String, String> found = new LinkedHashMap<>();
        for (Path guide : guides) {
            Matcher java = JAVA.matcher(Files.readString(guide));
            while (java.find()) {
                found.put(guide + " at " + java.start(), java.group(1));
            }
        }
        return found;
    }

    private static String whole(String where, String snippet) {
        if (snippet.startsWith("package ")) {
            return snippet;
        }
        String[] around = AROUND.entrySet().stream().filter(entry -> snippet.contains(entry.getKey())).map(Map.Entry::getValue).findFirst()
                .orElseThrow(() -> new AssertionError("Nobody has said what stands around the snippet in " + where));
        return around[0] + snippet + around[1];
    }

    @Test
    void everySnippetCompiles(@TempDir Path folder) throws IOException {
        Map<String, String> snippets = snippets();
        assertThat(snippets).hasSizeGreaterThan(4);
        int count = 0;
        for (Map.Entry<String, String> one : snippets.entrySet()) {
            assertThat(compile(whole(one.getKey(), one.getValue()), folder.resolve("snippet-" + count++), classPath())).as(one.getKey()).isEmpty();
        }
    }

    @Test
    void theGatewayUnderATestStartsAndAnswersWithExactlyTheDependenciesOfTheGuide(@TempDir Path folder) throws Exception {
        String guide = Files.readString(Path.of("docs", "simulator-junit.md"));
        String test = snippets().values().stream().filter(snippet -> snippet.contains("class GatewayTest")).findFirst().orElseThrow();
        String main = """
                package com.example.shop;
                public class Runs {
                    public static void main(String[] arguments) throws Exception {
                        try (io.github.waroutes.junit.SimulatedWhatsApp whatsapp = io.github.waroutes.junit.SimulatedWhatsApp.start()) {
                            GatewayTest.start(whatsapp, java.nio.file.Path.of(arguments[0]));
                            new GatewayTest().itAnswers(whatsapp.newUser("Kim"));
                            GatewayTest.stop();
                        }
                        System.exit(0);
                    }
                }
                """;
        List<String> artifacts = new ArrayList<>(List.of("junit-jupiter-api"));
        Matcher named = ARTIFACT.matcher(guide);
        while (named.find()) {
            artifacts.add(named.group(1));
        }
        List<String> path = broughtBy(artifacts);
        assertThat(path).noneMatch(jar -> jar.contains("logback") || jar.contains("wiremock"));
        Path classes = folder.resolve("classes");
        assertThat(compile(test, classes, path)).isEmpty();
        List<String> withTest = new ArrayList<>(path);
        withTest.add(classes.toString());
        assertThat(compile(main, classes, withTest)).isEmpty();

        run("com.example.shop.Runs", withTest, folder);
    }

    @Test
    void theSimulatorWithoutTheAnnotationRuns(@TempDir Path folder) throws Exception {
        String snippet = snippets().values().stream().filter(one -> one.startsWith("try (SimulatedWhatsApp")).findFirst().orElseThrow();
        HttpServer app = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        app.createContext("/hooks/whatsapp", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        app.start();
        try {
            String source = whole("", snippet).replace("127.0.0.1:3000", "127.0.0.1:" + app.getAddress().getPort());
            List<String> path = new ArrayList<>(classPath());
            assertThat(compile(source, folder.resolve("classes"), path)).isEmpty();
            path.add(folder.resolve("classes").toString());
            run("Alone", path, folder);
        } finally {
            app.stop(0);
        }
    }

    private static void run(String main, List<String> path, Path folder) throws Exception {
        Path output = folder.resolve("output.txt");
        Process java = new ProcessBuilder(ChildJvm.command("-cp", String.join(File.pathSeparator, path), main, folder.toString())).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        try {
            assertThat(java.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).as("ends in time").isTrue();
            assertThat(java.exitValue()).as(Files.readString(output, StandardCharsets.UTF_8)).isZero();
        } finally {
            java.destroyForcibly();
        }
    }

    /** @return what the compiler says; empty if nothing */
    private static String compile(String source, Path to, List<String> path) throws IOException {
        Matcher name = Pattern.compile("(?m)^(?:public )?(?:final )?class (\\w+)").matcher(source);
        assertThat(name.find()).isTrue();
        Path file = Files.writeString(Files.createDirectories(to).resolve(name.group(1) + ".java"), source);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            boolean done = compiler.getTask(said, files, null, List.of("-d", to.toString(), "-proc:none", "-cp",
                    String.join(File.pathSeparator, path)), null, files.getJavaFileObjects(file)).call();
            return done ? "" : said.toString();
        }
    }

    private static List<String> classPath() {
        return Arrays.asList(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")).split(File.pathSeparator));
    }

    /** Our own classes, and the jars that Maven brings with us and with these artifacts: what their poms ask for, neither optional nor for tests. */
    private static List<String> broughtBy(List<String> artifacts) throws Exception {
        Map<String, List<Path>> jars = new TreeMap<>();
        for (String entry : classPath()) {
            if (entry.endsWith(".jar") && Path.of(entry).getNameCount() > 3) {
                jars.computeIfAbsent(Path.of(entry).getParent().getParent().getFileName().toString(), key -> new ArrayList<>()).add(Path.of(entry));
            }
        }
        List<String> path = new ArrayList<>(List.of(Path.of("target", "classes").toAbsolutePath().toString()));
        Deque<String> wanted = new ArrayDeque<>(artifacts);
        wanted.addAll(dependencies(Path.of("pom.xml")));
        List<String> seen = new ArrayList<>();
        while (!wanted.isEmpty()) {
            String artifact = wanted.remove();
            if (seen.contains(artifact)) {
                continue;
            }
            seen.add(artifact);
            for (Path jar : jars.getOrDefault(artifact, List.of())) {
                path.add(jar.toString());
                String version = jar.getParent().getFileName().toString();
                wanted.addAll(dependencies(jar.resolveSibling(artifact + "-" + version + ".pom")));
            }
        }
        return path;
    }

    private static List<String> dependencies(Path pom) throws Exception {
        List<String> artifacts = new ArrayList<>();
        Element project = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(pom.toFile()).getDocumentElement();
        for (Element dependencies : children(project, "dependencies")) {
            for (Element dependency : children(dependencies, "dependency")) {
                String scope = text(dependency, "scope");
                if (!text(dependency, "optional").equals("true") && (scope.isEmpty() || scope.equals("compile") || scope.equals("runtime"))) {
                    artifacts.add(text(dependency, "artifactId"));
                }
            }
        }
        return artifacts;
    }

    private static List<Element> children(Element parent, String name) {
        List<Element> found = new ArrayList<>();
        NodeList nodes = parent.getChildNodes();
        for (int i = 0; i < nodes.getLength(); i++) {
            Node node = nodes.item(i);
            if (node instanceof Element element && element.getTagName().equals(name)) {
                found.add(element);
            }
        }
        return found;
    }

    private static String text(Element parent, String name) {
        return children(parent, name).stream().findFirst().map(element -> element.getTextContent().strip()).orElse("");
    }
}
