package io.github.waroutes.operate;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

import io.github.waroutes.setting.SettingsException;
import org.apache.camel.BindToRegistry;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;

/**
 * The folder {@code ext} beside the gateway's jar: its jars and classes are on the class path, so Camel finds components, beans and type
 * converters in them. Routes in Java ({@link RoutesBuilder}) and beans ({@link BindToRegistry}) among them are taken without being named.
 */
public final class Extensions extends MainListenerSupport {

    private static final String CLASS = ".class";
    /** A class that is none of these does not mention them, and is not loaded: a library has thousands. */
    private static final List<String> MENTIONED = List.of("org/apache/camel/builder/RouteBuilder", "org/apache/camel/RoutesBuilder", "org/apache/camel/BindToRegistry");

    private final Path folder;
    private final URLClassLoader loader;

    private Extensions(Path folder, URLClassLoader loader) {
        this.folder = folder;
        this.loader = loader;
    }

    /** Null: the program is no jar, or there is no such folder. */
    public static Extensions beside(Class<?> program) {
        try {
            Path jar = Path.of(program.getProtectionDomain().getCodeSource().getLocation().toURI());
            return Files.isRegularFile(jar) ? in(jar.resolveSibling("ext")) : null;
        } catch (URISyntaxException e) {
            return null;
        }
    }

    /** Null: there is no such folder. */
    static Extensions in(Path folder) {
        if (!Files.isDirectory(folder)) {
            return null;
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<URL> urls = new ArrayList<>(List.of(folder.toUri().toURL()));
            for (Path jar : files.filter(file -> file.toString().endsWith(".jar")).sorted().toList()) {
                urls.add(jar.toUri().toURL());
            }
            return new Extensions(folder, new URLClassLoader("ext", urls.toArray(URL[]::new), Extensions.class.getClassLoader()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For what looks classes up by the thread, as {@code ServiceLoader} does; threads that are made later inherit it. */
    public void useInThisThread() {
        Thread.currentThread().setContextClassLoader(loader);
    }

    @Override
    public void beforeInitialize(BaseMainSupport main) {
        main.getCamelContext().setApplicationContextClassLoader(loader);
    }

    /** @throws SettingsException if a class among them cannot be used */
    @Override
    public void beforeConfigure(BaseMainSupport main) {
        for (String name : mentioning()) {
            try {
                Class<?> type = Class.forName(name, false, loader);
                boolean routes = RoutesBuilder.class.isAssignableFrom(type);
                if (!Modifier.isAbstract(type.getModifiers()) && !type.isAnonymousClass() && (routes || hasBeans(type))) {
                    // Camel's injector binds what is annotated
                    Object made = main.getCamelContext().getInjector().newInstance(type);
                    if (routes) {
                        main.configure().addRoutesBuilder((RoutesBuilder) made);
                    }
                }
            } catch (ReflectiveOperationException | LinkageError | RuntimeCamelException e) {
                throw new SettingsException(List.of("ext: the class " + name + " cannot be used (" + e + "). It needs a constructor without parameters, and all"
                        + " that it refers to in " + folder + '.'));
            }
        }
    }

    private static boolean hasBeans(Class<?> type) {
        return type.isAnnotationPresent(BindToRegistry.class) || Stream.of(type.getDeclaredMethods()).anyMatch(method -> method.isAnnotationPresent(BindToRegistry.class))
                || Stream.of(type.getDeclaredFields()).anyMatch(field -> field.isAnnotationPresent(BindToRegistry.class));
    }

    private List<String> mentioning() {
        List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted().toList()) {
                if (file.toString().endsWith(CLASS) && isMentioned(Files.readAllBytes(file))) {
                    found.add(name(folder.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/")));
                } else if (file.getParent().equals(folder) && file.toString().endsWith(".jar")) {
                    inJar(file, found);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private static void inJar(Path file, List<String> found) throws IOException {
        try (JarFile jar = new JarFile(file.toFile())) {
            for (JarEntry entry : jar.stream().filter(one -> one.getName().endsWith(CLASS) && !one.getName().startsWith("META-INF/")
                    // Camel's own components have such classes, and none is for us
                    && !one.getName().startsWith("org/apache/camel/")).toList()) {
                try (InputStream in = jar.getInputStream(entry)) {
                    if (isMentioned(in.readAllBytes())) {
                        found.add(name(entry.getName()));
                    }
                }
            }
        }
    }

    private static boolean isMentioned(byte[] bytes) {
        // names stand in a class file as they are (JVM specification, 4.4.7); this charset keeps every byte
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        return MENTIONED.stream().anyMatch(text::contains);
    }

    private static String name(String path) {
        return path.substring(0, path.length() - CLASS.length()).replace('/', '.');
    }
}
