import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.management.MBeanServerConnection;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

import com.sun.tools.attach.VirtualMachine;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/** A Java process that was started here, and what it uses: read from /proc, and over JMX from itself. Linux. */
public final class Watched implements Closeable {

    private static final double MEGABYTE = 1 << 20;
    private static final Pattern EVENT = Pattern.compile("\"event\":\"([^\"]*)\"");
    private static final Pattern LOGGER = Pattern.compile("\"logger_name\":\"([^\"]*)\"");
    private static final Pattern LEVEL = Pattern.compile("\"level\":\"(WARN|ERROR)\"");
    private static final Set<Integer> PORTS = new HashSet<>();
    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(5)).build();

    /** Warnings and errors in its log, by event. */
    public final Map<String, Integer> complaints = new TreeMap<>();
    public final Process process;
    private final Deque<String> lastLines = new ArrayDeque<>();
    private final Thread reader;
    private volatile boolean ready;
    private JMXConnector connector;
    private MBeanServerConnection beans;

    private Watched(ProcessBuilder builder, String readyWord) throws IOException {
        process = builder.redirectErrorStream(true).start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        reader = new Thread(() -> read(readyWord), "log");
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts it, with these variables beside those of this process, and waits until its output has the word. */
    public static Watched start(List<String> command, Path directory, Map<String, String> environment, String readyWord) throws IOException,
            InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().putAll(environment);
        Watched watched = new Watched(builder, readyWord);
        for (int i = 0; i < 900 && !watched.ready; i++) {
            if (!watched.process.isAlive()) {
                throw new IOException(command.get(command.size() - 1) + " did not start: " + watched.tail());
            }
            Thread.sleep(100);
        }
        if (!watched.ready) {
            watched.close();
            throw new IOException(command.get(command.size() - 1) + " was not ready within 90 s: " + watched.tail());
        }
        return watched;
    }

    private void read(String readyWord) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), ISO_8859_1))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                ready = ready || line.contains(readyWord);
                synchronized (lastLines) {
                    lastLines.addLast(line);
                    if (lastLines.size() > 20) {
                        lastLines.removeFirst();
                    }
                }
                Matcher level = LEVEL.matcher(line);
                if (level.find()) {
                    Matcher event = EVENT.matcher(line);
                    synchronized (complaints) {
                        complaints.merge(level.group(1) + " " + (event.find() ? event.group(1) : logger(line)), 1, Integer::sum);
                    }
                }
            }
        } catch (IOException e) {
            // it has ended
        }
    }

    private static String logger(String line) {
        Matcher logger = LOGGER.matcher(line);
        return logger.find() ? logger.group(1) : "without an event";
    }

    /** The last lines that it wrote. */
    public String tail() {
        synchronized (lastLines) {
            return String.join("\n", lastLines);
        }
    }

    public static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** Words of an environment variable, or of the other value where it is not set. */
    private static List<String> words(String variable, String otherwise) {
        String value = System.getenv(variable);
        return new ArrayList<>(List.of((value == null || value.isBlank() ? otherwise : value).trim().split("\\s+")));
    }

    /** Starts the gateway of that build, with {@code APP_JAVA_OPTS}. */
    public static List<String> command(Path target) {
        List<String> command = new ArrayList<>(List.of(java()));
        command.addAll(words("APP_JAVA_OPTS", "-Xmx256m"));
        command.addAll(List.of("-jar", target.resolve("app/whatsapp-cloud-routes.jar").toString()));
        return command;
    }

    /** A free port below the range from which Linux takes ports for outgoing connections. */
    public static synchronized int port() throws IOException {
        for (int i = 0; i < 200; i++) {
            int port = 20_000 + (int) (Math.random() * 12_000);
            try (ServerSocket probe = new ServerSocket()) {
                probe.bind(loopback(port));
            } catch (IOException e) {
                continue;
            }
            if (PORTS.add(port)) {
                return port;
            }
        }
        throw new IOException("There is no free port from 20000 to 31999.");
    }

    public static InetSocketAddress loopback(int port) throws IOException {
        return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
    }

    /** An HTTP call to this machine; the body of the answer, whose status must be below 300. */
    public static String call(String method, String url, String json) throws IOException, InterruptedException {
        HttpResponse<String> answer = HTTP.send(HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/json")
                .method(method, json == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(json)).build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException(method + " " + url + ": " + answer.statusCode() + " " + answer.body());
        }
        return answer.body();
    }

    /** Seconds of processor time since its start. */
    public double cpu() {
        return process.info().totalCpuDuration().map(d -> d.toNanos() / 1e9).orElse(Double.NaN);
    }

    /** Resident memory in MB. */
    public double resident() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
            }
        }
        throw new IOException("it has ended: " + tail());
    }

    /** Open files and connections. */
    public int files() throws IOException {
        try (var files = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
            return (int) files.count();
        }
    }

    public int threads() throws IOException {
        try (var threads = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
            return (int) threads.count();
        }
    }

    /** Used heap in MB; collected: after a full collection. */
    public double heap(boolean collected) throws IOException {
        MemoryMXBean memory = ManagementFactory.newPlatformMXBeanProxy(beans(), ManagementFactory.MEMORY_MXBEAN_NAME, MemoryMXBean.class);
        if (collected) {
            memory.gc();
        }
        return memory.getHeapMemoryUsage().getUsed() / MEGABYTE;
    }

    /** Heap that the JVM has reserved from the system, in MB. */
    public double heapCommitted() throws IOException {
        return ManagementFactory.newPlatformMXBeanProxy(beans(), ManagementFactory.MEMORY_MXBEAN_NAME, MemoryMXBean.class)
                .getHeapMemoryUsage().getCommitted() / MEGABYTE;
    }

    /** Direct and mapped buffers that Java counts, in MB. */
    public double buffers() throws IOException {
        long sum = 0;
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(beans(), BufferPoolMXBean.class)) {
            sum += pool.getName().equals("direct") ? pool.getMemoryUsed() : 0;
        }
        return sum / MEGABYTE;
    }

    private synchronized MBeanServerConnection beans() throws IOException {
        if (beans == null) {
            try {
                VirtualMachine machine = VirtualMachine.attach(String.valueOf(process.pid()));
                String address = machine.startLocalManagementAgent();
                machine.detach();
                connector = JMXConnectorFactory.connect(new JMXServiceURL(address));
                beans = connector.getMBeanServerConnection();
            } catch (com.sun.tools.attach.AttachNotSupportedException e) {
                throw new IOException(e);
            }
        }
        return beans;
    }

    /** Bytes of the live objects of each class. */
    public Map<String, Long> histogram() throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), String.valueOf(process.pid()),
                "GC.class_histogram").redirectErrorStream(true).start();
        String text = new String(jcmd.getInputStream().readAllBytes(), ISO_8859_1);
        jcmd.waitFor();
        Map<String, Long> bytes = new TreeMap<>();
        Matcher line = Pattern.compile("(?m)^ *\\d+: +\\d+ +(\\d+) +(\\S+)").matcher(text);
        while (line.find()) {
            bytes.merge(line.group(2), Long.parseLong(line.group(1)), Long::sum);
        }
        return bytes;
    }

    /** What the files below it take on the disk, in MB: those that are deleted while it looks do not count. */
    public static double size(Path... directories) throws IOException {
        long[] sum = {0};
        for (Path directory : directories) {
            if (Files.isDirectory(directory)) {
                Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        sum[0] += attributes.size();
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e) {
                        return FileVisitResult.CONTINUE;
                    }
                });
            }
        }
        return sum[0] / MEGABYTE;
    }

    @Override
    public void close() {
        try {
            if (connector != null) {
                connector.close();
            }
        } catch (IOException e) {
            // it has ended
        }
        process.destroy();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            reader.join(5_000);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
