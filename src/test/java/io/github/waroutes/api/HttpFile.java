package io.github.waroutes.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A file of requests as editors run it: variables ({@code @name = value}), and requests that each begin with {@code ###}, a title and the status that
 * is answered.
 */
record HttpFile(Map<String, String> variables, List<Request> requests) {

    private static final Pattern VARIABLE = Pattern.compile("(?m)^@(\\w+) = (.+)$");
    private static final Pattern TITLE = Pattern.compile("(.+): (\\d{3})");

    /** @param url with {@code {{host}}} at its beginning */
    record Request(String title, int status, String method, String url, Map<String, String> headers, String body) {

        @Override
        public String toString() {
            return title;
        }
    }

    static HttpFile read(Path file) throws IOException {
        String[] parts = Files.readString(file).split("(?m)^### ");
        Map<String, String> variables = new LinkedHashMap<>();
        VARIABLE.matcher(parts[0]).results().forEach(found -> variables.put(found.group(1), found.group(2)));
        List<Request> requests = new ArrayList<>();
        for (String part : Arrays.copyOfRange(parts, 1, parts.length)) {
            requests.add(request(part, variables));
        }
        return new HttpFile(variables, requests);
    }

    private static Request request(String part, Map<String, String> variables) {
        List<String> lines = part.lines().toList();
        Matcher title = TITLE.matcher(lines.get(0));
        if (!title.matches()) {
            throw new IllegalArgumentException("The title does not end with the status: " + lines.get(0));
        }
        String[] first = lines.get(1).split(" ", 2);
        Map<String, String> headers = new LinkedHashMap<>();
        int at = 2;
        for (; at < lines.size() && !lines.get(at).isBlank(); at++) {
            String[] header = filled(lines.get(at), variables).split(": ", 2);
            headers.put(header[0], header[1]);
        }
        String body = filled(lines.stream().skip(at + 1L).collect(Collectors.joining("\n")).strip(), variables);
        return new Request(title.group(1), Integer.parseInt(title.group(2)), first[0], first[1], headers, body);
    }

    private static String filled(String text, Map<String, String> variables) {
        String filled = text;
        for (Map.Entry<String, String> variable : variables.entrySet()) {
            filled = filled.replace("{{" + variable.getKey() + "}}", variable.getValue());
        }
        return filled;
    }
}
