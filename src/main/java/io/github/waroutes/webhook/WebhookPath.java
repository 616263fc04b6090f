package io.github.waroutes.webhook;

import java.util.Locale;
import java.util.regex.Pattern;

/** Holds the path of an endpoint that Meta calls against what Camel 4.17.0 can mount safely. */
public class WebhookPath {

    private static final Pattern FORM = Pattern.compile("(/[A-Za-z0-9._~-]+)+");

    /**
     * @param path as in {@code /webhook}
     * @throws IllegalArgumentException if it is not a plain path, or begins with {@code proxy}, which Camel 4.17.0 turns into
     *                                  an open proxy (CVE-2026-85316)
     */
    public void setPath(String path) {
        check("whatsapp.webhook.path", path, "/webhook");
    }

    /** As {@link #setPath}, for the Flows endpoint. */
    public void setFlowsPath(String path) {
        check("whatsapp.flows.path", path, "/flows");
    }

    private static void check(String setting, String path, String example) {
        if (path == null || !FORM.matcher(path).matches()) {
            throw new IllegalArgumentException(setting + ' ' + path + " is not a path. Give one such as " + example + '.');
        }
        if (path.substring(1).toLowerCase(Locale.ROOT).startsWith("proxy")) {
            throw new IllegalArgumentException(setting + " must not begin with /proxy. Give one such as " + example + '.');
        }
    }
}
