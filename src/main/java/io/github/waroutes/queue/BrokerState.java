package io.github.waroutes.queue;

/** The state of the broker, for health checks. */
public interface BrokerState {

    /** Whether messages can be stored and consumed. */
    boolean up();

    /** What is wrong, in words for an operator; null if nothing is. */
    String problem();

    /** Free bytes on the disk of the embedded broker; 0 without a floor. */
    long usableBytes();

    /** How many bytes must stay free there for messages to be stored; 0: no floor, or an external broker. */
    long floorBytes();

    /** Whether only a restart of the process helps. */
    boolean fatal();
}
