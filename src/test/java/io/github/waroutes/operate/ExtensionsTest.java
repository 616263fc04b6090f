package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

import javax.tools.ToolProvider;

import org.apache.camel.main.Main;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Classes are compiled into a folder of their own, which no other class path has. */
class ExtensionsTest {

    @TempDir
    Path directory;

    private Path compiled(String name, String source) throws IOException {
        Path sources = Files.createDirectories(directory.resolve("src"));
        Path file = Files.writeString(sources.resolve(name + ".java"), source);
        Path classes = Files.createDirectories(directory.resolve("classes-" + name));
        int code = ToolProvider.getSystemJavaCompiler().run(null, null, null, "-d", classes.toString(), "-cp", System.getProperty("java.class.path"), file.toString());
        assertThat(code).isZero();
        return classes;
    }

    private void jar(Path classes, Path jar) throws IOException {
        try (OutputStream out = Files.newOutputStream(jar); JarOutputStream entries = new JarOutputStream(out); Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                entries.putNextEntry(new JarEntry(classes.relativize(file).toString().replace('\\', '/')));
                Files.copy(file, entries);
                entries.closeEntry();
            }
        }
    }

    @Test
    void routesBeansAndComponentsAreFound() throws Exception {
        Path ext = Files.createDirectories(directory.resolve("ext"));
        Path classes = compiled("Shop", """
                package shop;
                import org.apache.camel.BindToRegistry;
                import org.apache.camel.builder.RouteBuilder;
                public class Shop extends RouteBuilder {
                    @Override public void configure() { from("direct:shop").routeId("shop").bean("prices").to("nowhere:x"); }
                    public abstract static class Half extends RouteBuilder { }
                    @BindToRegistry("prices") public static class Prices { public String of(String what) { return what + " costs 3"; } }
                }
                """);
        Files.createDirectories(ext.resolve("shop"));
        try (Stream<Path> files = Files.list(classes.resolve("shop"))) {
            for (Path file : files.toList()) {
                Files.copy(file, ext.resolve("shop").resolve(file.getFileName().toString()));
            }
        }
        Path component = compiled("Nowhere", """
                package nowhere;
                import java.util.Map;
                import org.apache.camel.*;
                import org.apache.camel.support.*;
                public class Nowhere extends DefaultComponent {
                    @Override protected Endpoint createEndpoint(String uri, String rest, Map<String, Object> parameters) {
                        return new DefaultEndpoint(uri, this) {
                            @Override public Producer createProducer() {
                                return new DefaultProducer(this) { @Override public void process(Exchange exchange) { exchange.getMessage().setHeader("to", "nowhere"); } };
                            }
                            @Override public Consumer createConsumer(Processor processor) { throw new UnsupportedOperationException(); }
                        };
                    }
                }
                """);
        Path service = Files.createDirectories(component.resolve("META-INF/services/org/apache/camel/component")).resolve("nowhere");
        Files.writeString(service, "class=nowhere.Nowhere\n");
        jar(component, ext.resolve("nowhere.jar"));

        Main main = new Main();
        main.configure().withBasePackageScanEnabled(false);
        main.addMainListener(Extensions.in(ext));
        main.start();
        try {
            var answer = main.getCamelContext().createFluentProducerTemplate().to("direct:shop").withBody("tea").send();
            assertThat(answer.getException()).isNull();
            assertThat(answer.getMessage().getBody()).isEqualTo("tea costs 3");
            assertThat(answer.getMessage().getHeader("to")).isEqualTo("nowhere");
            assertThat(main.getCamelContext().getRoutes()).hasSize(1);
        } finally {
            main.stop();
        }
    }

    @Test
    void aClassThatCannotBeUsedIsNamed() throws Exception {
        Path ext = Files.createDirectories(directory.resolve("ext"));
        jar(compiled("Picky", "public class Picky extends org.apache.camel.builder.RouteBuilder { public Picky(int size) { } public void configure() { } }"),
                ext.resolve("picky.jar"));
        Main main = new Main();
        main.addMainListener(Extensions.in(ext));
        assertThatThrownBy(main::start).hasMessageContaining("ext: the class Picky cannot be used").hasMessageContaining("constructor without parameters");
        main.stop();
    }

    @Test
    void withoutTheFolderThereIsNothing() {
        assertThat(Extensions.in(directory.resolve("ext"))).isNull();
        assertThat(Extensions.beside(ExtensionsTest.class)).as("no jar").isNull();
    }
}
