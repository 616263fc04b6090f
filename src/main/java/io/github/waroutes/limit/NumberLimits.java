package io.github.waroutes.limit;

import java.time.Duration;

import io.github.bucket4j.BucketConfiguration;

/**
 * What is set for one number.
 *
 * @param messagesPerSecond         its rate
 * @param upgradedMessagesPerSecond its rate after Meta's {@code THROUGHPUT_UPGRADE}
 * @param burstSeconds              how many seconds' worth of messages may leave at once after a pause
 * @param adaptive                  whether the rate is halved when Meta refuses a send for its pace
 * @param pair                      the bucket of each user it writes to
 * @param longestReservation        how far ahead a place can be taken
 * @param replyShare                the share of the number's bucket that bulk leaves to replies
 */
record NumberLimits(int messagesPerSecond, int upgradedMessagesPerSecond, double burstSeconds, boolean adaptive,
        BucketConfiguration pair, Duration longestReservation, double replyShare) {

    int rate(boolean upgraded) {
        return upgraded ? upgradedMessagesPerSecond : messagesPerSecond;
    }

    /** The tokens of a bucket of that capacity that bulk leaves to replies; at least one is left to bulk. */
    long replyTokens(long capacity) {
        return Math.min(capacity - 1, (long) Math.ceil(replyShare * capacity));
    }
}
