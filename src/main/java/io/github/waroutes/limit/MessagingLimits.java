package io.github.waroutes.limit;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppRateLimitException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How many users outside their 24-hour window an account may write to within 24 hours: as Meta told, else as set. */
final class MessagingLimits {

    private static final Logger LOG = LoggerFactory.getLogger(MessagingLimits.class);

    private final LimitState state;
    private final LimitSettings settings;

    MessagingLimits(LimitState state, LimitSettings settings) {
        this.state = state;
        this.settings = settings;
    }

    /**
     * Counts the user of a message that starts a conversation.
     *
     * @param known what was read, with the key of the account's tier
     * @throws WhatsAppRateLimitException if that is one too many
     */
    void count(SendRequest request, Map<String, String> known) {
        long limit = limit(request.accountId(), known);
        if (limit == Tier.UNLIMITED) {
            return;
        }
        long full = state.takeUser(request.accountId(), UserHash.of(request.accountId(), request.user()), limit);
        if (full > 0) {
            Duration wait = Duration.ofMillis(full);
            throw new WhatsAppRateLimitException(ErrorDetails.builder("The account has written to " + limit
                            + " users outside their 24-hour window within 24 hours, its messaging limit. If Meta allows it more, set that limit.")
                    .retryClass(RetryClass.WAIT_LONG).scope(ErrorScope.ACCOUNT).minimumWait(wait)
                    .context("limit", limit).build(), wait);
        }
    }

    /** How many users may still be written to; infinite without a limit. */
    double remaining(String accountId) {
        long limit = limit(accountId, state.read(List.of(LimitKeys.tier(accountId))));
        return limit == Tier.UNLIMITED ? Double.POSITIVE_INFINITY : Math.max(0, limit - state.users(accountId));
    }

    /** Meta told an account's limit. */
    void told(String accountId, long limit) {
        state.write(LimitKeys.tier(accountId), limit == Tier.UNLIMITED ? "unlimited" : String.valueOf(limit), LimitState.KEPT);
        LOG.info("Account {} may write to {} users within 24 hours", accountId, limit == Tier.UNLIMITED ? "any number of" : limit);
    }

    private long limit(String accountId, Map<String, String> known) {
        OptionalLong told = Tier.parse(known.get(LimitKeys.tier(accountId)));
        return told.isPresent() ? told.getAsLong() : settings.tierOf(accountId);
    }
}
