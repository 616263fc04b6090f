package io.github.waroutes.operate;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

import io.vertx.core.http.HttpServerResponse;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/** The files of the console page. They hold no data, so whoever reaches the management port may have them. */
public class ConsoleFiles {

    private static final String FOLDER = "/whatsapp/console/";
    private static final String PAGE = "index.html";
    private static final String SCRIPT = "text/javascript; charset=utf-8";
    /** All there are: no path of a caller's is opened. */
    private static final Map<String, String> TYPES = Map.of(PAGE, "text/html; charset=utf-8", "console.css", "text/css; charset=utf-8",
            "icon.svg", "image/svg+xml", "console.js", SCRIPT, "api.js", SCRIPT, "confirm.js", SCRIPT, "messages.js", SCRIPT, "rates.js", SCRIPT,
            "view.js", SCRIPT, "waiting.js", SCRIPT);
    /** With trusted types a browser refuses to make markup of a text at all. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
            + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    /** {@code GET /console/}: the page; {@code GET /console} leads there, as the page's own addresses are relative to it. */
    public void page(Exchange exchange) throws IOException {
        String path = exchange.getMessage(HttpMessage.class).getRequest().path();
        if (path.endsWith("/")) {
            answer(exchange, PAGE);
        } else {
            Message out = exchange.getMessage();
            out.removeHeaders("*");
            out.setHeader(Exchange.HTTP_RESPONSE_CODE, 302);
            out.setHeader("Location", "console/");
            out.setBody(null);
        }
    }

    /** {@code GET /console/{file}}. */
    public void file(Exchange exchange) throws IOException {
        answer(exchange, exchange.getMessage().getHeader("file", "", String.class));
    }

    private static void answer(Exchange exchange, String name) throws IOException {
        String type = TYPES.get(name);
        if (type == null) {
            throw new ManagementException(404, "The console has no such file.");
        }
        // only so do these pass Camel's header filter
        HttpServerResponse response = exchange.getMessage(HttpMessage.class).getResponse();
        response.putHeader("Content-Security-Policy", POLICY).putHeader("Cache-Control", "no-store").putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer").putHeader("Cross-Origin-Opener-Policy", "same-origin");
        Message out = exchange.getMessage();
        out.removeHeaders("*");
        out.setHeader("Content-Type", type);
        try (InputStream in = ConsoleFiles.class.getResourceAsStream(FOLDER + name)) {
            out.setBody(in.readAllBytes());
        }
    }
}
