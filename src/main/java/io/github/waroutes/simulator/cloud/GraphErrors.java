package io.github.waroutes.simulator.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.error.GraphErrorCatalogue;
import io.github.waroutes.simulator.common.Json;
import io.github.waroutes.simulator.common.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Every error of the catalogue, as a Graph response. Meta's page no longer names the HTTP statuses; these are from
 * older copies of "Error codes", and 400 where none is known. {@code simulator/errors.json} has Meta's texts for the common
 * ones: {@code {"code":["message","details" or null]}}; the others have the catalogue's title.
 */
public final class GraphErrors {

    private static final String HELP = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/";
    private static final Map<Integer, int[]> CODES_BY_STATUS = Map.of(
            401, new int[] {0, 190},
            403, new int[] {10, 368, 130497, 131005, 131031},
            404, new int[] {132001},
            500, new int[] {3, 131000, 131016, 131045, 131057, 133000, 134102},
            503, new int[] {2, 133004});
    private static final String ASKED = "The simulator was asked for this error";
    /** An expired token. Source: Graph API, "Handling errors", "Error subcodes". */
    private static final Map<Integer, Integer> SUBCODES = Map.of(190, 463);
    /** The reason when a limit of the simulator itself refuses something. */
    private static final Map<Integer, String> OWN = Map.of(
            80007, "The account has used up its management calls of this hour (whatsapp.simulator.calls-per-hour)",
            130429, "The number has sent as many messages this second as it may (whatsapp.simulator.messages-per-second)",
            131047, "The user last wrote more than 24 hours ago, or never: send a template",
            131048, "As many users were written to first in 24 hours as the tier allows (whatsapp.simulator.tier)",
            131053, "The file is of a type that a message of this type cannot hold, or its name ends as one of another type",
            131056, "This user was sent too many messages in a short time: one in 6 seconds, 45 at once");
    private static final JsonNode WORDS = words();

    private final GraphErrorCatalogue catalogue = GraphErrorCatalogue.load();
    private final Map<Integer, Integer> statuses = new HashMap<>();

    GraphErrors() {
        CODES_BY_STATUS.forEach((status, codes) -> {
            for (int code : codes) {
                statuses.put(code, status);
            }
        });
    }

    int httpStatus(int code) {
        return code >= 200 && code <= 299 ? 403 : statuses.getOrDefault(code, 400);
    }

    /** The requested refusal; {@code httpStatus} and {@code subcode} null mean the usual ones. */
    Refusal asked(int code, Integer httpStatus, Integer subcode) {
        return Refusal.graph(httpStatus == null ? httpStatus(code) : httpStatus, code,
                subcode == null ? SUBCODES.get(code) : subcode, message(code), details(code).orElse(ASKED));
    }

    /** The refusal with this code because one of the simulator's own limits is reached; its details say which. */
    Refusal refusal(int code) {
        return Refusal.graph(httpStatus(code), code, null, message(code), own(code));
    }

    /** The {@code errors} of a failed status: {@code [{"code","title","message","error_data":{"details"},"href"}]}. */
    ArrayNode ofStatus(int code) {
        String title = message(code).replaceFirst("^\\(#[0-9]+\\) ", "");
        ArrayNode errors = JsonNodeFactory.instance.arrayNode();
        ObjectNode error = errors.addObject().put("code", code).put("title", title).put("message", title);
        error.putObject("error_data").put("details", own(code));
        error.put("href", HELP);
        return errors;
    }

    private String message(int code) {
        JsonNode words = WORDS.path(Integer.toString(code)).path(0);
        return words.isTextual() ? words.textValue() : "(#" + code + ") " + catalogue.lookup(code).title();
    }

    private static Optional<String> details(int code) {
        return Optional.ofNullable(WORDS.path(Integer.toString(code)).path(1).textValue());
    }

    private static String own(int code) {
        String why = OWN.get(code);
        return details(code).map(words -> why == null ? words : words + " [" + why + ']').orElse(why == null ? ASKED : why);
    }

    private static JsonNode words() {
        try (InputStream in = GraphErrors.class.getResourceAsStream("/whatsapp/simulator/errors.json")) {
            return Json.object(in.readAllBytes()).orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
