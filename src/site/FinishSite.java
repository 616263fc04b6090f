import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finishes the pages that maven-site-plugin has made of the Markdown files, which lie as they do in the repository. Headings get the ids that GitHub
 * gives them, so that a link is the same in both; a README becomes the index of its folder; what pages link to besides pages is copied, so that the
 * site is whole on a disk; and the text of every section goes to {@code js/search-index.js}, a script and no JSON file, as a page that is opened
 * from a disk may load no other. A link that leads nowhere fails the build.
 * <p>
 * Run by the JDK from its source: {@code java FinishSite.java REPOSITORY SITE}.
 */
public final class FinishSite {

    /** As maven-site-plugin writes a heading, with an anchor of its own. The pages are well-formed XML. */
    private static final Pattern HEADING = Pattern.compile("<section><a id=\"[^\"]*\"></a>\\s*<h([1-6])>(.*?)</h\\1>", Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("\\b(href|src)=\"(?![a-z]+:|#)([^\"#?]+)");
    private static final Pattern MAIN = Pattern.compile("<main.*?</main>", Pattern.DOTALL);
    private static final Pattern SECTION = Pattern.compile("<section id=\"([^\"]*)\">\\s*<h[1-6]>(.*?)</h[1-6]>(.*?)(?=<section |$)", Pattern.DOTALL);
    private static final Pattern ENTITY = Pattern.compile("&(?:#x([0-9a-f]+)|#([0-9]+)|(lt|gt|amp|quot|apos|nbsp));");
    private static final Map<String, String> NAMED = Map.of("lt", "<", "gt", ">", "amp", "&", "quot", "\"", "apos", "'", "nbsp", " ");
    private static final Set<String> SHOWN = Set.of("png", "svg", "jpg", "css", "js");

    private final Path repository;
    private final Path site;
    private final Set<String> problems = new TreeSet<>();
    private final List<String> index = new ArrayList<>();

    private FinishSite(Path repository, Path site) {
        this.repository = repository.toAbsolutePath().normalize();
        this.site = site.toAbsolutePath().normalize();
    }

    public static void main(String[] arguments) throws IOException {
        FinishSite finish = new FinishSite(Path.of(arguments[0]), Path.of(arguments[1]));
        finish.run();
        if (!finish.problems.isEmpty()) {
            finish.problems.forEach(System.err::println);
            System.exit(1);
        }
    }

    private void run() throws IOException {
        List<Path> pages;
        try (Stream<Path> files = Files.walk(site)) {
            pages = files.filter(file -> file.toString().endsWith(".html")).sorted().toList();
        }
        for (Path page : pages) {
            String text = withLinks(page, withIds(Files.readString(page)));
            // the skin's script colours every language by the words of a few
            text = text.replaceAll("<pre class=\"prettyprint\">(?=<code class=\"language-(?!java|xml|js))", "<pre>");
            Path to = page.resolveSibling(page.getFileName().toString().replace("README.html", "index.html"));
            String root = "../".repeat(site.relativize(to).getNameCount() - 1);
            text = text.replace("</head>", "  <script>const root = \"" + root + "\";</script>\n    <script src=\"" + root + "js/site.js\" defer=\"defer\"></script>\n  </head>");
            Files.writeString(page, text);
            Files.move(page, to, StandardCopyOption.REPLACE_EXISTING);
            toIndex(site.relativize(to).toString().replace('\\', '/'), text);
        }
        Files.writeString(site.resolve("js/search-index.js"), "const sections = [\n" + String.join(",\n", index) + "\n];\n");
    }

    private static String withIds(String page) {
        Map<String, Integer> seen = new HashMap<>();
        return HEADING.matcher(page).replaceAll(heading -> {
            String id = plain(heading.group(2)).toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
            int before = seen.merge(id, 1, Integer::sum) - 1;
            String unique = before == 0 ? id : id + "-" + before;
            return Matcher.quoteReplacement("<section id=\"" + unique + "\">\n<h" + heading.group(1) + ">" + heading.group(2) + "</h" + heading.group(1) + ">");
        });
    }

    private String withLinks(Path page, String text) {
        return LINK.matcher(text).replaceAll(link -> Matcher.quoteReplacement(link.group(1) + "=\"" + target(page, link)));
    }

    private String target(Path page, MatchResult link) {
        String written = link.group(2);
        Path to = page.resolveSibling(written).normalize();
        if (Files.isRegularFile(to) || written.endsWith("index.html")) {
            return written.replaceFirst("(^|/)README\\.html$", "$1index.html");
        }
        // README.html has been moved already
        if (written.endsWith("README.html") && Files.isRegularFile(to.resolveSibling("index.html"))) {
            return written.replaceFirst("README\\.html$", "index.html");
        }
        Path source = repository.resolve(site.relativize(to)).normalize();
        try {
            if (source.startsWith(repository) && Files.isRegularFile(source)) {
                return written + copied(source);
            }
            if (source.startsWith(repository) && Files.isDirectory(source)) {
                list(source);
                return written.replaceFirst("/?$", "/files.html");
            }
        } catch (IOException e) {
            problems.add(source + ": " + e);
        }
        problems.add(site.relativize(page) + " links to " + written + ", which is not there");
        return written;
    }

    /** Copies a file of the repository; what a browser would not show is copied as text. @return what its name got at the end */
    private String copied(Path source) throws IOException {
        String name = source.getFileName().toString();
        String end = SHOWN.contains(name.substring(name.lastIndexOf('.') + 1)) ? "" : ".txt";
        Path to = site.resolve(repository.relativize(source) + end);
        Files.createDirectories(to.getParent());
        Files.copy(source, to, StandardCopyOption.REPLACE_EXISTING);
        return end;
    }

    private void list(Path folder) throws IOException {
        StringBuilder items = new StringBuilder();
        try (Stream<Path> files = Files.walk(folder)) {
            // a name that begins with a dot may be that of somebody's secrets
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                String name = folder.relativize(file).toString().replace('\\', '/');
                if (!("/" + name).contains("/.") && !("/" + name).contains("/target/")) {
                    items.append("<li><a href=\"").append(name).append(copied(file)).append("\">").append(name).append("</a></li>\n");
                }
            }
        }
        String title = repository.relativize(folder).toString().replace('\\', '/');
        Files.writeString(site.resolve(repository.relativize(folder)).resolve("files.html"), "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"UTF-8\"/><title>"
                + title + "</title></head><body><main><h1>" + title + "</h1><ul>\n" + items + "</ul></main></body></html>\n");
    }

    private void toIndex(String path, String page) {
        Matcher main = MAIN.matcher(page);
        String title = null;
        Matcher section = SECTION.matcher(main.find() ? main.group().replaceAll("</main>$", "") : "");
        while (section.find()) {
            String heading = plain(section.group(2));
            title = title == null ? heading : title;
            index.add("{\"path\":" + json(path) + ",\"id\":" + json(section.group(1)) + ",\"page\":" + json(title) + ",\"title\":" + json(heading)
                    + ",\"text\":" + json(plain(section.group(3))) + "}");
        }
    }

    private static String plain(String html) {
        String text = html.replaceAll("<(?:/?(?:td|th|tr|p|li|pre|h[1-6])|br)\\b[^>]*>", " ").replaceAll("<[^>]*>", "");
        return ENTITY.matcher(text).replaceAll(entity -> Matcher.quoteReplacement(entity.group(1) != null ? Character.toString(Integer.parseInt(entity.group(1), 16))
                : entity.group(2) != null ? Character.toString(Integer.parseInt(entity.group(2))) : NAMED.get(entity.group(3)))).replaceAll("\\s+", " ").strip();
    }

    private static String json(String text) {
        StringBuilder json = new StringBuilder("\"");
        text.chars().forEach(c -> {
            if (c == '"' || c == '\\' || c == '<' || c < ' ') {
                json.append(String.format("\\u%04x", c));
            } else {
                json.append((char) c);
            }
        });
        return json.append('"').toString();
    }
}
