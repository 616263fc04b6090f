package io.github.waroutes.webhook;

import java.util.Locale;
import java.util.regex.Pattern;

/** Holds the webhook's path against what Camel 4.17.0 can mount safely. */
public class WebhookPath {

    private static final Pattern FORM = Pattern.compile("(/[A-Za-z0-9._~-]+)+");

    /**
     * @param path as in {@code /webhook}
     * @throws IllegalArgumentException if it is not a plain path, or begins with {@code proxy}, which Camel 4.17.0 turns into
     *                                  an open proxy (CVE-2026-85316)
     */
    public void setPath(String path) {
        if (path == null || !FORM.matcher(path).matches()) {
            throw new IllegalArgumentException("whatsapp.webhook.path " + path + " is not a path. Give one such as /webhook.");
        }
        if (path.substring(1).toLowerCase(Locale.ROOT).startsWith("proxy")) {
            throw new IllegalArgumentException("whatsapp.webhook.path must not begin with /proxy. Give one such as /webhook.");
        }
    }
}
