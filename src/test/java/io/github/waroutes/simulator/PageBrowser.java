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
    public static final String MISSING = "No Chromium on this machine: install it (Debian: apt-get install chromium-headless-shell), or set CHROMIUM to its path";

    /** Texts whose contrast with what is behind them is below 4.5, as WCAG 2.2, success criterion 1.4.3 computes it. */
    private static final String LOW_CONTRAST = """
            () => {
              const parse = (colour) => {
                const n = colour.match(/[\\d.]+/g).map(Number);
                return colour.startsWith('color(srgb') ? [n[0] * 255, n[1] * 255, n[2] * 255, n[3] ?? 1] : [n[0], n[1], n[2], n[3] ?? 1];
              };
              const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
              const back = (element) => {
                const layers = [];
                for (let e = element; e; e = e.parentElement) {
                  const colour = parse(getComputedStyle(e).backgroundColor);
                  layers.push(colour);
                  if (colour[3] === 1) break;
                }
                return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]);
              };
              const light = (c) => {
                const [r, g, b] = c.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
              };
              const found = [];
              const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
              while (walker.nextNode()) {
                const element = walker.currentNode.parentElement;
                if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest('.unseen, script, option')) continue;
                const under = back(element);
                const text = over(parse(getComputedStyle(element).color), under);
                const [a, b] = [light(text), light(under)];
                const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                if (ratio < 4.5) found.push(`${walker.currentNode.data.trim().slice(0, 30)}: ${ratio.toFixed(2)} (${element.className})`);
              }
              return found;
            }""";

    private static final double PATIENCE_MILLIS = 20_000;
    /** The shell first: a browser without what a window needs takes half the processor time. */
    private static final List<String> NAMES = List.of("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome");
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

    /** Texts of the page whose contrast is too low. */
    public static List<?> lowContrast(Page page) {
        return (List<?>) page.evaluate(LOW_CONTRAST);
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
