package io.github.waroutes.junit;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.GraphCall;
import io.github.waroutes.simulator.Simulator;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Graph as the application sees it: the calls it made, and what shall go wrong. A fault holds from the moment its method
 * returns, once and for every user unless the {@link GraphFault} is told otherwise; so say it before the application sends.
 * Where several fit one request, the oldest strikes. Thread-safe.
 */
public final class SimulatedGraph {

    private final Simulator simulator;

    SimulatedGraph(Simulator simulator) {
        this.simulator = simulator;
    }

    // --- what shall go wrong

    /** The next message is refused with this error code, and the HTTP status that goes with it. */
    public GraphFault fails(int code) {
        return add("graph-error", fault -> fault.put("code", code));
    }

    /** The next message is accepted, and a failed status with this error code follows. */
    public GraphFault failsLater(int code) {
        return add("failed-status", fault -> fault.put("code", code));
    }

    /** The next message is answered with an HTML page, HTTP 502, as a proxy answers when Graph does not. */
    public GraphFault answersHtml502() {
        return add("html-502", fault -> fault);
    }

    /** The next message is accepted, and the answer is late. */
    public GraphFault isSlow(Duration delay) {
        return add("slow", fault -> fault.put("delay_ms", Math.toIntExact(delay.toMillis())));
    }

    /** The next message is not accepted and not answered; the connection is closed after this long. */
    public GraphFault givesNoAnswer(Duration closedAfter) {
        return add("no-answer", fault -> fault.put("delay_ms", Math.toIntExact(closedAfter.toMillis())));
    }

    /** The next message is not accepted, and the connection is reset. */
    public GraphFault cutsConnections() {
        return add("cut", fault -> fault);
    }

    /** The next message is accepted, its statuses come, and the connection is reset before the answer. */
    public GraphFault losesAnswers() {
        return add("answer-lost", fault -> fault);
    }

    /** The next webhook comes twice. */
    public GraphFault repeatsWebhooks() {
        return add("duplicate-webhook", fault -> fault);
    }

    /** The statuses of the next message, or the messages of the next batch, come in another order. */
    public GraphFault reordersWebhooks() {
        return add("reordered-webhooks", fault -> fault);
    }

    /** The next message is told read without having been told delivered. */
    public GraphFault skipsDelivered() {
        return add("delivered-skipped", fault -> fault);
    }

    /** Of the next message nothing is told after sent. */
    public GraphFault staysSent() {
        return add("stays-sent", fault -> fault);
    }

    /** The next webhook has a wrong signature, and does not come again. */
    public GraphFault forgesWebhooks() {
        return add("wrong-signature", fault -> fault);
    }

    /** The next file that is downloaded does not have the SHA-256 that was announced. */
    public GraphFault spoilsMedia() {
        return add("wrong-hash", fault -> fault);
    }

    /** The next download is answered with 404. */
    public GraphFault expiresMediaUrls() {
        return add("expired-url", fault -> fault);
    }

    /** The next download is redirected to another host. */
    public GraphFault redirectsMedia() {
        return add("redirect", fault -> fault);
    }

    /** The {@code Date} of its answers is ahead of this machine's clock by this much; negative: behind. */
    public void clockIsAhead(Duration ahead) {
        simulator.clockAhead(ahead);
    }

    /** Takes all faults back. */
    public void works() {
        simulator.clearFaults();
    }

    /** Takes all faults back and forgets all calls. */
    public void reset() {
        simulator.clearFaults();
        simulator.forgetCalls();
    }

    private GraphFault add(String kind, UnaryOperator<ObjectNode> details) {
        return new GraphFault(simulator, details.apply(JsonNodeFactory.instance.objectNode().put("fault", kind)));
    }

    // --- what the application did

    /** Every call so far, in the order they came: messages, read marks, media, downloads, transcriptions; refused ones too. */
    public List<GraphCall> calls() {
        return simulator.calls();
    }

    /** The attempts of the user's number to send something to them, accepted or not, in the order they came. */
    public List<GraphCall> callsTo(SimulatedUser user) {
        return calls().stream().filter(user::isAboutThis).toList();
    }

    /** @param user digits of a phone number, or a business-scoped user id */
    public List<GraphCall> callsTo(String user) {
        return calls().stream().filter(call -> call.user().filter(user::equals).isPresent()).toList();
    }

    /** The messages that were accepted, in the order they came. */
    public List<GraphCall> sent() {
        return calls().stream().filter(GraphCall::isSent).toList();
    }

    /** The messages to this user that were accepted, in the order they came. */
    public List<GraphCall> sentTo(SimulatedUser user) {
        return callsTo(user).stream().filter(GraphCall::isSent).toList();
    }
}
