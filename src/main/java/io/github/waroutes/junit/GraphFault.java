package io.github.waroutes.junit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.Simulator;
import java.time.Duration;
import java.util.Locale;

/**
 * A fault that holds already; each method narrows or widens it. A fault that does not take what a method asks for refuses it
 * with an {@link IllegalArgumentException} that says what would be right. Not for several threads.
 */
public final class GraphFault {

    /** Where a fault can strike. */
    public enum At {
        /** Sending a message. */
        MESSAGES,
        /** Marking one as read. */
        READ_MARK,
        /** Uploading a file, asking for its address, deleting it. */
        MEDIA,
        /** Downloading it. */
        MEDIA_DOWNLOAD,
        /** The simulated transcription of a voice message. */
        TRANSCRIPTION,
        /** A webhook on its way to the application. */
        WEBHOOK,
        /** Calls about the number, the account, its templates and apps. */
        ACCOUNT
    }

    private final Simulator simulator;
    private final ObjectNode fault;
    private final int id;

    GraphFault(Simulator simulator, ObjectNode fault) {
        this.simulator = simulator;
        this.fault = fault;
        this.id = simulator.addFault(fault).path("id").asInt();
    }

    /** This often, instead of once. */
    public GraphFault times(int times) {
        return with(fault.put("times", times));
    }

    /** Until {@link #isOver} or {@link SimulatedGraph#works}. */
    public GraphFault always() {
        return times(1_000_000);
    }

    /** Only about this user: their messages, and webhooks about them. */
    public GraphFault forUser(SimulatedUser user) {
        return forUser(user.id());
    }

    /** @param user a phone number or a business-scoped user id */
    public GraphFault forUser(String user) {
        return with(fault.put("recipient", user));
    }

    /** Somewhere else than where this fault strikes by itself. */
    public GraphFault at(At where) {
        return with(fault.put("endpoint", where.name().toLowerCase(Locale.ROOT)));
    }

    /** With this HTTP status instead of the usual one. */
    public GraphFault withStatus(int httpStatus) {
        return with(fault.put("status", httpStatus));
    }

    /** With a {@code Retry-After} header of this many seconds. */
    public GraphFault withRetryAfter(Duration delay) {
        return with(fault.put("retry_after", Math.toIntExact(delay.toSeconds())));
    }

    /** By chance: the n-th request about a user is struck or not by the seed, the user and n alone. Without end unless {@link #times} says so. */
    public GraphFault withProbability(double probability, long seed) {
        return with(fault.put("probability", probability).put("seed", seed));
    }

    /** How often it has struck. */
    public int hits() {
        for (JsonNode one : simulator.faults()) {
            if (one.path("id").asInt() == id) {
                return one.path("hits").asInt();
            }
        }
        return 0;
    }

    /** Takes it back. */
    public void isOver() {
        simulator.removeFault(id);
    }

    private GraphFault with(ObjectNode changed) {
        simulator.replaceFault(id, changed);
        return this;
    }
}
