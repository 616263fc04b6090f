package io.github.waroutes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.operate.CommandLines;
import org.junit.jupiter.api.Test;

/**
 * The commands of the guides: each program is known, and what is ours takes the options and has the addresses, profiles, tests and files that it is
 * called with.
 */
class CommandsOfGuidesTest {

    private static final Pattern WORD = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"|'([^']*)'|([^\\s\"']+)|(\\s+)");
    private static final Pattern ASSIGNMENT = Pattern.compile("(\\w+)=(.*)");
    private static final Pattern LOCAL = Pattern.compile("(?:https?://)?(?:127\\.0\\.0\\.1|localhost)(?::\\d+)?(/[^?\"']*)?(?:\\?.*)?");
    private static final Pattern GRAPH = Pattern.compile("/graph(?:/v\\d+\\.\\d)?/([^/]+)(?:/([^/]+))?");
    private static final Pattern VARIABLE = Pattern.compile("\\$(\\w+)");
    private static final Set<String> CURL = Set.of("-H", "-d", "-X", "-i", "-N", "-F", "-s", "-f", "-o", "--data-binary");
    private static final Set<String> CURL_ALONE = Set.of("-i", "-N", "-s", "-f");
    /** Not ours; their files are looked at, their options are their own. */
    private static final Set<String> OTHERS = Set.of("podman", "docker", "kubectl", "ssh", "cp", "chmod", "install", "systemctl", "export", "echo", "for", "done",
            "do", "openssl", "mkdir", "mv", "cd", "cat", "watch", "createdb", "psql", "promtool", "jbang", "camel", "npm", "node", "git");
    private static final Set<String> LIFECYCLE = Set.of("clean", "compile", "test", "package", "verify", "install", "site");
    /** A line that commands begin with; one with a prompt has answers below it. */
    private static final Pattern FIRST = Pattern.compile("(\\$ )?(sudo |\\w+=\\S+ +)*(mvn|\\./mvnw|java|curl|bench/\\S+|" + String.join("|", OTHERS) + ")( .*)?|(\\w+=('[^']*'|\"[^\"]*\"|\\S+);? *)+");
    private static final Pattern SPAN = Pattern.compile("`([^`\n]+)`");
    private static final Pattern SENTENCE = Pattern.compile("(\\w+=\\S+ +)*(mvn|\\./mvnw|java -(?:cp|jar) \\S+|bench/\\S+) (?!COMMAND)[^…]*");
    private static final Pattern CALL = Pattern.compile("(GET|POST|PUT|PATCH|DELETE) (?::\\d+)?(/(?:api|manage|simulator|observe|webhook|console)\\b[^\\s…]*)");
    private static final Set<String> GATEWAY = Set.of("--help", "--settings", "--version", "--debug");

    private final List<JsonNode> routes = RouteFiles.all().stream().flatMap(file -> RouteFiles.routes(file).stream()).toList();
    private final List<String> problems = new ArrayList<>();
    private int commands;
    private int calls;

    @Test
    void everyCommandIsRight() throws IOException {
        Map<Path, Map<String, String>> variables = new HashMap<>();
        for (Guides.Block block : Guides.blocks()) {
            if (isShell(block)) {
                Map<String, String> known = variables.computeIfAbsent(block.guide(), guide -> new HashMap<>());
                for (String line : block.text().replace("\\\n", " ").replaceAll("\\$\\([^)]*\\)", "made").split("\n")) {
                    // an answer may stand below the call
                    boolean prompts = block.text().startsWith("$ ");
                    if (prompts ? line.startsWith("$ ") : !line.startsWith("{")) {
                        check(block, prompts ? line.substring(2) : line, known);
                    }
                }
            } else {
                expect(!Set.of("", "text").contains(block.language()) || block.text().lines().noneMatch(line -> line.matches("(curl|mvn|java) .*")), block, "has commands, and does not begin with one");
            }
        }
        assertThat(commands).isGreaterThan(100);
        assertThat(problems).isEmpty();
    }

    @Test
    void everyCommandAndCallInASentenceIsRight() throws IOException {
        for (Path guide : Guides.all()) {
            Matcher span = SPAN.matcher(Guides.text(guide).replaceAll("(?m)^ *```(?s:.*?)^ *```$", ""));
            while (span.find()) {
                String text = span.group(1);
                Guides.Block block = new Guides.Block(guide, 0, "", text);
                Matcher call = CALL.matcher(text);
                if (call.matches()) {
                    address(block, call.group(1), "http://127.0.0.1" + call.group(2));
                    calls++;
                } else if (SENTENCE.matcher(text).matches()) {
                    check(block, text, new HashMap<>());
                }
            }
        }
        assertThat(commands).isGreaterThan(20);
        assertThat(calls).isGreaterThan(50);
        assertThat(problems).isEmpty();
    }

    private static boolean isShell(Guides.Block block) {
        return Set.of("sh", "bash", "shell", "console").contains(block.language())
                || block.language().isEmpty() && !GuidesTest.isProperties(block) && FIRST.matcher(block.text().lines().findFirst().orElse("")).matches();
    }

    private void check(Guides.Block block, String line, Map<String, String> variables) throws IOException {
        List<String> words = new ArrayList<>();
        for (String word : words(line)) {
            if (Set.of("&&", "|", ";", "||").contains(word)) {
                command(block, words, variables);
                words.clear();
            } else if (word.endsWith(";") && word.length() > 1) {
                words.add(word.substring(0, word.length() - 1));
                command(block, words, variables);
                words.clear();
            } else {
                words.add(word);
            }
        }
        command(block, words, variables);
    }

    /** The words of a line as a shell splits them; nothing is put in for variables. */
    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        StringBuilder word = null;
        Matcher part = WORD.matcher(line);
        while (part.find()) {
            if (part.group(4) != null) {
                if (word != null) {
                    words.add(word.toString());
                }
                word = null;
            } else {
                if (word == null && part.group().startsWith("#")) {
                    break;
                }
                word = (word == null ? new StringBuilder() : word).append(Stream.of(part.group(1), part.group(2), part.group(3)).filter(text -> text != null).findFirst().orElse(""));
            }
        }
        if (word != null) {
            words.add(word.toString());
        }
        return words;
    }

    private void command(Guides.Block block, List<String> given, Map<String, String> variables) throws IOException {
        List<String> words = new ArrayList<>(given);
        while (!words.isEmpty() && (words.get(0).equals("sudo") || ASSIGNMENT.matcher(words.get(0)).matches() || words.get(0).equals("export"))) {
            Matcher assignment = ASSIGNMENT.matcher(words.remove(0));
            if (assignment.matches()) {
                variables.put(assignment.group(1), assignment.group(2));
            }
        }
        if (words.isEmpty()) {
            return;
        }
        commands++;
        String program = words.get(0);
        List<String> arguments = words.subList(1, words.size());
        if (program.matches("mvn|\\./mvnw")) {
            maven(block, arguments);
        } else if (program.equals("java")) {
            java(block, arguments);
        } else if (program.equals("curl")) {
            curl(block, arguments, variables);
        } else if (program.contains("/")) {
            script(block, program, arguments);
        } else if (!OTHERS.contains(program)) {
            problems.add(block + ": nobody knows the program " + program);
        }
        if (!program.equals("curl")) {
            words.stream().filter(word -> word.matches("(deploy|bench|docs|src|examples|starter)/[\\w./-]+") && !word.equals("deploy/.env") && !word.contains("/target/") && !Files.exists(Path.of(word)))
                    .forEach(word -> problems.add(block + ": there is no " + word));
        }
    }

    private void maven(Guides.Block block, List<String> arguments) throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        for (int i = 0; i < arguments.size(); i++) {
            String word = arguments.get(i);
            if (word.equals("-f")) {
                i++;
                Path other = Path.of(arguments.get(i));
                Path file = Files.isDirectory(other) ? other.resolve("pom.xml") : other;
                pom = Files.isRegularFile(file) ? Files.readString(file) : "";
            } else if (word.equals("-pl")) {
                i++;
                String modules = pom;
                Stream.of(arguments.get(i).split(",")).forEach(module -> expect(modules.contains("<module>" + module + "</module>"), block, "no module " + module));
            } else if (word.startsWith("-P")) {
                expect(pom.contains("<id>" + word.substring(2) + "</id>"), block, "no profile " + word);
            } else if (word.startsWith("-Dtest=") || word.startsWith("-Dit.test=")) {
                for (String test : word.replaceFirst("^[^=]*=", "").replaceAll("#[^,]*", "").split(",")) {
                    expect(isThere(test + ".java"), block, "no test " + test);
                }
            } else if (word.startsWith("-D")) {
                String name = word.substring(2).replaceFirst("=.*", "");
                expect(Set.of("skipTests", "write.tables", "maven.test.skip", "surefire.rerunFailingTestsCount").contains(name) || pom.contains("<" + name + ">")
                        || pom.contains("<" + name + "/>") || pom.contains("<name>" + name + "</name>") || pom.contains("<name>!" + name + "</name>") || pom.contains("${" + name + "}"), block, "no property " + name);
            } else if (!word.startsWith("-")) {
                expect(LIFECYCLE.contains(word) || word.contains(":"), block, "no goal " + word);
            } else {
                expect(Set.of("-q", "-o", "-B", "-ntp", "-e").contains(word), block, "an unknown option " + word);
            }
        }
    }

    private static boolean isThere(String name) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            return files.anyMatch(file -> file.endsWith(name));
        }
    }

    private void java(Guides.Block block, List<String> given) throws IOException {
        List<String> arguments = new ArrayList<>(given);
        while (!arguments.isEmpty() && arguments.get(0).matches("-[DX].*")) {
            arguments.remove(0);
        }
        if (arguments.size() < 2 || !arguments.get(0).matches("-jar|-cp")) {
            problems.add(block + ": java " + given);
            return;
        }
        String jar = arguments.get(1);
        if (arguments.get(0).equals("-cp")) {
            String main = arguments.get(2);
            Path source = main.endsWith(".java") ? Path.of(main) : Path.of("src/main/java", main.replace('.', '/') + ".java");
            expect(Files.exists(source), block, "no class " + main);
            Path options = source.resolveSibling("LoadOptions.java");
            options(block, Files.exists(options) ? options : source, arguments.subList(3, arguments.size()));
        } else if (jar.endsWith("whatsapp-simulator.jar")) {
            options(block, Path.of("src/main/java/io/github/waroutes/simulator/SimulatorApplication.java"), arguments.subList(2, arguments.size()));
        } else if (jar.endsWith("whatsapp-cloud-routes.jar")) {
            List<String> rest = new ArrayList<>(arguments.subList(2, arguments.size()));
            int routes = rest.indexOf("--routes");
            if (routes >= 0 && routes + 1 < rest.size()) {
                rest.subList(routes, routes + 2).clear();
            }
            rest.removeAll(GATEWAY);
            if (!rest.isEmpty()) {
                String problem = CommandLines.problem(rest);
                expect(problem == null, block, problem);
            }
        } else if (jar.contains("/target/")) {
            Path pom = Path.of(jar.replaceFirst("/target/.*", "/pom.xml"));
            expect(Files.exists(pom), block, "nothing builds " + jar);
        } else {
            problems.add(block + ": nobody knows " + jar);
        }
    }

    private void options(Guides.Block block, Path source, List<String> arguments) throws IOException {
        String text = Files.exists(source) ? Files.readString(source) : "";
        arguments.stream().filter(word -> word.startsWith("--")).map(word -> word.replaceFirst("=.*", ""))
                .forEach(option -> expect(text.contains("\"" + option + "\""), block, "no option " + option));
    }

    private void script(Guides.Block block, String script, List<String> arguments) throws IOException {
        Path file = Path.of(script);
        if (!Files.isExecutable(file)) {
            problems.add(block + ": no program " + script);
            return;
        }
        try (Stream<Path> sources = Files.list(file.resolveSibling(""))) {
            String text = sources.filter(source -> Files.isRegularFile(source) && !source.toString().endsWith(".md")).map(Guides::text).collect(Collectors.joining());
            arguments.stream().filter(word -> word.startsWith("--")).forEach(option -> expect(text.contains(option.substring(2)), block, script + " has no option " + option));
        }
    }

    private void curl(Guides.Block block, List<String> arguments, Map<String, String> variables) throws IOException {
        String method = arguments.stream().anyMatch(word -> word.matches("-d|-F|--data-binary")) ? "POST" : "GET";
        List<String> addresses = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String word = arguments.get(i);
            Matcher variable = VARIABLE.matcher(word);
            while (variable.find()) {
                expect(variables.containsKey(variable.group(1)) || variable.group(1).startsWith("WHATSAPP_"), block, "nothing says what " + variable.group() + " is");
            }
            if (word.startsWith("-")) {
                expect(CURL.contains(word), block, "curl's option " + word + " is not among those that are known here");
                method = word.equals("-X") ? arguments.get(i + 1) : method;
                i += CURL_ALONE.contains(word) ? 0 : 1;
            } else {
                addresses.add(filled(word, variables));
            }
        }
        for (String address : addresses) {
            address(block, method, address);
        }
    }

    private static String filled(String text, Map<String, String> variables) {
        String filled = text;
        for (int depth = 0; depth < 3; depth++) {
            for (Map.Entry<String, String> variable : variables.entrySet()) {
                filled = filled.replaceAll("\\$" + variable.getKey() + "(?!\\w)", Matcher.quoteReplacement(variable.getValue()));
            }
        }
        return filled;
    }

    /** An address of this machine is one of a route that takes the method. */
    private void address(Guides.Block block, String method, String url) throws IOException {
        Matcher local = LOCAL.matcher(url);
        if (!local.matches()) {
            expect(url.startsWith("https://graph.facebook.com/"), block, "nobody knows the address " + url);
            return;
        }
        String path = local.group(1) == null ? "/" : local.group(1);
        Matcher graph = GRAPH.matcher(path);
        boolean known = graph.matches() ? isOperation(method, graph.group(1), graph.group(2) == null ? "" : graph.group(2))
                : path.matches("/observe/(health.*|metrics)") || routes.stream().anyMatch(route -> begins(route, method, path));
        expect(known, block, "no route takes " + method + " " + path);
    }

    private static boolean begins(JsonNode route, String method, String path) {
        String uri = route.at("/from/uri").asText();
        String methods = route.at("/from/parameters/httpMethodRestrict").asText();
        return uri.matches("(platform-http|whatsapp-management):.*") && (methods.isEmpty() || methods.contains(method)) && path.replaceFirst("(?<=.)/$", "").matches(uri.replaceFirst("^[a-z-]+:", "")
                .replaceAll("\\{\\{[^:}]*:([^}]*)}}", "$1").replaceAll("\\{[^}]*}", "[^/]+").replace("*", ".*"));
    }

    /** The simulated Graph API finds its operation itself. */
    private static boolean isOperation(String method, String object, String edge) throws IOException {
        try (Stream<Path> sources = Files.list(Path.of("src/main/java/io/github/waroutes/simulator/cloud"))) {
            String text = sources.map(Guides::text).collect(Collectors.joining());
            return edge.isEmpty() ? object.matches("\\d+") || text.contains("\"" + object + "\"") : text.contains("\"" + method + " " + edge + "\"") || text.contains("\"" + edge + "\"");
        }
    }

    private void expect(boolean right, Guides.Block block, String problem) {
        if (!right) {
            problems.add(block + ": " + problem);
        }
    }
}
