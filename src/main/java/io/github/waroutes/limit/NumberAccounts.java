package io.github.waroutes.limit;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

/** Which account a number belongs to, as Meta's updates tell. */
final class NumberAccounts {

    private final LimitState state;
    private final Map<String, String> accounts = new ConcurrentHashMap<>();
    private final Cache<String, Boolean> asked = Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofSeconds(10)).build();
    /** The account that webhooks about limits name, null if none did, empty if they name several. */
    private volatile String only;

    NumberAccounts(LimitState state) {
        this.state = state;
    }

    void learn(String phoneNumberId, String accountId) {
        if (!accountId.isBlank() && !accountId.equals(accounts.put(phoneNumberId, accountId))) {
            state.write(LimitKeys.account(phoneNumberId), accountId, LimitState.KEPT);
        }
    }

    /** A webhook about limits named an account. */
    void named(String accountId) {
        only = only == null || only.equals(accountId) ? accountId : "";
    }

    /** As an update told, now or before a restart; else the only one there is; else one that stands for it. */
    String of(String phoneNumberId) {
        String known = accounts.get(phoneNumberId);
        if (known != null) {
            return known;
        }
        if (asked.getIfPresent(phoneNumberId) == null) {
            String key = LimitKeys.account(phoneNumberId);
            String told = state.read(List.of(key)).get(key);
            if (told != null) {
                accounts.put(phoneNumberId, told);
                return told;
            }
            asked.put(phoneNumberId, true);
        }
        return only == null || only.isEmpty() ? SendRequest.ONE_ACCOUNT : only;
    }
}
