package io.github.waroutes.simulator;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;

/** The machine's own Chromium without a window, with a made-up microphone. It notes everything a page should not do. */
public final class PageBrowser implements AutoCloseable {

    public static final String IS_THERE = "io.github.waroutes.simulator.PageBrowser#isThere";
    public static final String MISSING = "No Chromium on this machine: install it (Debian: apt-get install chromium), or set CHROMIUM to its path";

    private static final double PATIENCE_MILLIS = 20_000;
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome");
    private static final List<String> PLACES = List.of("/usr/bin", "/usr/local/bin", "/snap/bin", "/opt/google/chrome",
            "/Applications/Google Chrome.app/Contents/MacOS", "/Applications/Chromium.app/Contents/MacOS");

    private final Playwright playwright;
    private final Browser browser;
    private final String origin;
    private final String path;
    private final String own;
    private final List<String> problems = new CopyOnWriteArrayList<>();

    private PageBrowser(Path chromium, String origin, String path, String own) {
        this.origin = origin;
        this.path = path;
        this.own = origin + own;
        // a machine that builds other things meanwhile needs longer than the usual 5 s
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
        playwright = Playwright.create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright.chromium().launch(new BrowserType.LaunchOptions().setExecutablePath(chromium).setHeadless(true)
                .setArgs(List.of("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                        "--disable-component-update", "--disable-sync", "--use-fake-device-for-media-stream",
                        "--use-fake-ui-for-media-stream")));
    }

    /** A browser for the chat page of this origin. */
    public static PageBrowser forOrigin(String origin) {
        return forPage(origin, "/simulator/", "/simulator/");
    }

    /** A browser for the page at this path, which asks for nothing but what begins with {@code own}. */
    public static PageBrowser forPage(String origin, String path, String own) {
        return new PageBrowser(find().orElseThrow(), origin, path, own);
    }

    /** A condition for JUnit's EnabledIf. */
    public static boolean isThere() {
        return find().isPresent();
    }

    private static Optional<Path> find() {
        String given = System.getenv("CHROMIUM");
        if (given != null && !given.isBlank()) {
            return Optional.of(Path.of(given)).filter(Files::isExecutable);
        }
        Stream<String> path = Pattern.compile(File.pathSeparator, Pattern.LITERAL).splitAsStream(String.valueOf(System.getenv("PATH")));
        return Stream.concat(PLACES.stream(), path).flatMap(place -> Stream.concat(NAMES.stream(), Stream.of("Google Chrome", "Chromium"))
                .map(name -> Path.of(place, name))).filter(Files::isRegularFile).filter(Files::isExecutable).findFirst();
    }

    /** Opens the page in a browser profile of its own. */
    public Page open(Browser.NewContextOptions options) {
        BrowserContext context = browser.newContext(options.setLocale("en-GB"));
        context.setDefaultTimeout(PATIENCE_MILLIS);
        context.onConsoleMessage(message -> {
            if (List.of("error", "warning").contains(message.type())) {
                problems.add(message.type() + ": " + message.text());
            }
        });
        context.onWebError(error -> problems.add("exception: " + error.error()));
        context.onRequest(request -> {
            if (!request.url().startsWith(own) && !request.url().startsWith("blob:" + origin)
                    && !request.url().startsWith("data:")) {
                problems.add("request elsewhere: " + request.url());
            }
        });
        Page page = context.newPage();
        page.navigate(origin + path);
        return page;
    }

    public Page open() {
        return open(new Browser.NewContextOptions().setViewportSize(1280, 800));
    }

    /** Console errors (a broken content policy is one), exceptions, and requests to another server, since the last time. */
    public List<String> takeProblems() {
        List<String> taken = List.copyOf(problems);
        problems.clear();
        return taken;
    }

    /** Closes all pages, and leaves the browser open. */
    public void closePages() {
        browser.contexts().forEach(BrowserContext::close);
    }

    @Override
    public void close() {
        playwright.close();
    }
}
