package io.github.waroutes.simulator.page;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.waroutes.simulator.call.CallLog;
import io.github.waroutes.simulator.call.CallWatch;
import io.github.waroutes.simulator.call.LoggedCall;
import io.github.waroutes.simulator.call.LoggedCall.Kind;
import io.github.waroutes.simulator.common.Ids;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.webhook.Deliveries;
import io.github.waroutes.simulator.webhook.Postings;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;
import org.apache.camel.Message;

/** Lists the calls, and repeats one. Refusals are {@link Refusal}s. */
public class CallPages {

    private static final int MAX_LISTED = 1000;

    private final CallLog log;

    public CallPages(CallLog log) {
        this.log = log;
    }

    /**
     * {@code GET /simulator/calls}: the newest first, without bodies and headers.
     *
     * @param limit  1 to 1000; 200 if missing
     * @param user   only calls about this user
     * @param before only calls with a lower number
     */
    public String list(@Header("limit") String limit, @Header("user") String user, @Header("before") String before) {
        int most = (int) number(limit, "limit", 200);
        if (most < 1 || most > MAX_LISTED) {
            throw Refusal.plain(400, "limit must be a number from 1 to " + MAX_LISTED);
        }
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        String key = user == null || user.isBlank() ? null : Recipient.of(user).map(Recipient::key)
                .orElseThrow(() -> Refusal.plain(400, "user must be a phone number or a business-scoped user id"));
        log.list(most, number(before, "before", Long.MAX_VALUE), key)
                .forEach(call -> list.add(call.data()));
        return list.toString();
    }

    /** {@code GET /simulator/calls/{seq}}: one, with bodies and headers. */
    public String show(@Header("seq") String seq) {
        return call(seq).whole().toString();
    }

    /**
     * {@code POST /simulator/calls/{seq}/replay}: asks for this call to be repeated.
     *
     * @return the body to make it with
     * @throws Refusal 404 when there is none, 409 when it cannot be repeated
     */
    public byte[] again(@Header("seq") String seq, Exchange exchange) {
        LoggedCall call = call(seq);
        if (!call.isReplayable()) {
            throw Refusal.plain(409, "This call cannot be made again: its body was not kept");
        }
        exchange.setProperty(Postings.REPLAYED, call);
        if (call.facts().kind() == Kind.WEBHOOK) {
            exchange.setProperty(Deliveries.USER, call.user());
        }
        return call.request().bytes();
    }

    /** Whether the repeated call is a webhook. */
    public boolean isWebhook(@ExchangeProperty(Postings.REPLAYED) LoggedCall call) {
        return call.facts().kind() == Kind.WEBHOOK;
    }

    /** Sets up the request of a repeated call; its address was accepted by this simulator before. */
    public void prepare(@ExchangeProperty(Postings.REPLAYED) LoggedCall call, Exchange exchange) {
        String ticket = call.seq() + "-" + HexFormat.of().formatHex(Ids.bytes(8));
        exchange.setProperty(Postings.REPETITION, ticket);
        Message message = exchange.getMessage();
        String[] parts = call.facts().path().split("\\?", 2);
        message.setHeader(Exchange.HTTP_METHOD, call.facts().method());
        message.setHeader(Exchange.HTTP_PATH, parts[0]);
        if (parts.length == 2) {
            message.setHeader(Exchange.HTTP_RAW_QUERY, parts[1]);
        }
        message.setHeader(CallWatch.TICKET, ticket);
        for (Map.Entry<String, String> header : call.facts().headers()) {
            if (header.getKey().equalsIgnoreCase("Authorization") || header.getKey().equalsIgnoreCase("Content-Type")) {
                message.setHeader(header.getKey(), header.getValue());
            }
        }
        if (call.request().length() == 0) {
            message.setBody(null);
        }
    }

    /** The answer about a repeated call: {@code {"seq","status"}}; seq is null if it was not received. */
    public String replayed(@ExchangeProperty(Postings.REPETITION) Object repetition, @Body Object body) {
        Optional<LoggedCall> call = repetition instanceof LoggedCall made ? Optional.of(made)
                : log.repetition(String.valueOf(repetition));
        return JsonNodeFactory.instance.objectNode().put("seq", call.map(LoggedCall::seq).orElse(null))
                .put("status", call.map(made -> made.facts().status()).orElse(0)).toString();
    }

    private LoggedCall call(String seq) {
        return log.call(number(seq, "The call in the path", 0))
                .orElseThrow(() -> Refusal.plain(404, "There is no such call, or it is forgotten"));
    }

    private static long number(String text, String what, long missing) {
        if (text == null) {
            return missing;
        }
        if (!text.matches("[0-9]{1,18}")) {
            throw Refusal.plain(400, what + " must be a number");
        }
        return Long.parseLong(text);
    }
}
