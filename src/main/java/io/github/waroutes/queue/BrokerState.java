package io.github.waroutes.queue;

/** How the broker is, as health checks ask. */
public interface BrokerState {

    /** Whether messages can be stored and taken. */
    boolean up();

    /** What is wrong, in words for an operator; null if nothing is. */
    String problem();

    /** What is left on the disk of the embedded broker; 0 without a floor. */
    long usableBytes();

    /** What must be left there for messages to be stored; 0: there is no floor, or the broker is elsewhere. */
    long floorBytes();

    /** Whether only a restart of the process helps. */
    boolean fatal();
}
