package io.github.waroutes.limit;

/**
 * The keys under which a {@link LimitState} holds what is known about numbers, pairs and accounts. Nodes of different versions share
 * them in Redis, so they stay as they are. Users and display numbers are in them as hashes only.
 */
final class LimitKeys {

    static final String TIER = "tier:";
    static final String THROUGHPUT = "throughput:";
    static final String ACCOUNT = "account:";

    private LimitKeys() {
    }

    /** A number and a user: no key itself, but a part of one. */
    static String pair(String phoneNumberId, String user) {
        return phoneNumberId + ':' + Long.toHexString(UserHash.of(phoneNumberId, user));
    }

    /** What stands for a number of which only the display number is known; null if that has no digits. */
    static String displayHash(String displayNumber) {
        String digits = displayNumber == null ? "" : displayNumber.replaceAll("[^0-9]", "");
        return digits.isEmpty() ? null : "display:" + Long.toHexString(UserHash.of("display", digits));
    }

    /** That Meta refused a pair, as a {@link PairBlock}. */
    static String block(String pair) {
        return "block:" + pair;
    }

    /** Until when an account's call budget lets sends wait. */
    static String pauseOfAccount(String accountId) {
        return "pause:account:" + accountId;
    }

    /** Until when an app's call budget lets sends wait. */
    static String pauseOfApp(String app) {
        return LimitSettings.FIRST_APP.equals(app) ? "pause:app" : "pause:app:" + app;
    }

    /** That Meta throttled a number, as a {@link NumberCut}. */
    static String cut(String phoneNumberId) {
        return "cut:" + phoneNumberId;
    }

    /** That a number has the higher throughput. */
    static String throughput(String phoneNumberIdOrDisplayHash) {
        return THROUGHPUT + phoneNumberIdOrDisplayHash;
    }

    /** That an account says so of a number. */
    static String throughput(String phoneNumberIdOrDisplayHash, String accountId) {
        return THROUGHPUT + phoneNumberIdOrDisplayHash + " of " + accountId;
    }

    /** The account of a number. */
    static String account(String phoneNumberId) {
        return ACCOUNT + phoneNumberId;
    }

    /** The messaging limit of an account, as Meta told it. */
    static String tier(String accountId) {
        return TIER + accountId;
    }
}
