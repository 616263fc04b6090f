package io.github.waroutes.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import io.github.waroutes.number.BusinessNumber;

/** Which app a webhook comes from, and which numbers and accounts are that app's. Made anew when the numbers change. */
final class AppIndex {

    /** Whose an update is, seen from the app that signed it. */
    enum Owner {
        /** Of a number, or an account, of that app. */
        OWN,
        /** Of another app's. */
        FOREIGN,
        /** Of nobody who is configured. */
        UNKNOWN
    }

    private static final String ALGORITHM = "HmacSHA256";
    /** What a stranger's body may cost: so many bytes are hashed, all tries together; a body of 3 MB is tried with ten secrets. */
    private static final long MOST_HASHED = 32L << 20;
    /** So many secrets are tried however long the body is. */
    private static final int ALWAYS_TRIED = 4;
    private static final int SHORTEST_ID = 5;
    private static final int LONGEST_ID = 32;
    /** The ids of an account and its number come first in Meta's payloads. */
    private static final int MOST_IDS_READ = 4096;

    /** By the app's name, one for each secret; a check works on a copy, which costs less than making one. */
    private final Map<String, List<Mac>> secrets = new LinkedHashMap<>();
    private final Map<String, String> appOfNumber = new HashMap<>();
    private final Map<String, Set<String>> appsOfAccount = new HashMap<>();
    private final Set<String> appsWithUnknownAccounts = new HashSet<>();
    private final int count;

    AppIndex(Collection<BusinessNumber> numbers) {
        Map<String, Set<String>> texts = new LinkedHashMap<>();
        for (BusinessNumber number : numbers) {
            texts.computeIfAbsent(number.app(), app -> new LinkedHashSet<>()).addAll(number.appSecrets());
            appOfNumber.put(number.phoneNumberId(), number.app());
            if (number.accountId().isEmpty()) {
                appsWithUnknownAccounts.add(number.app());
            } else {
                appsOfAccount.computeIfAbsent(number.accountId(), account -> new HashSet<>()).add(number.app());
            }
        }
        texts.forEach((app, several) -> secrets.put(app, several.stream().map(AppIndex::prototype).toList()));
        count = secrets.values().stream().mapToInt(List::size).sum();
    }

    /**
     * The app whose secret made the signature, or null. The apps of ids that stand in the body are tried first, and the others only as far
     * as the body is short: ids in a stranger's body are a hint, the signature proves.
     */
    String signer(byte[] body, byte[] signature) {
        Set<String> order = new LinkedHashSet<>();
        if (count > ALWAYS_TRIED) {
            hints(body, order);
        }
        order.addAll(secrets.keySet());
        int tried = 0;
        for (String app : order) {
            for (Mac prototype : secrets.get(app)) {
                if (tried >= ALWAYS_TRIED && (tried + 1L) * body.length > MOST_HASHED) {
                    return null;
                }
                tried++;
                if (MessageDigest.isEqual(copy(prototype).doFinal(body), signature)) {
                    return app;
                }
            }
        }
        return null;
    }

    /** Apps of the ids that stand in the body as JSON strings or numbers. */
    private void hints(byte[] body, Set<String> hints) {
        int read = 0;
        int start = -1;
        for (int i = 0; i <= body.length && read < MOST_IDS_READ; i++) {
            boolean digit = i < body.length && body[i] >= '0' && body[i] <= '9';
            if (digit && start < 0) {
                start = i;
            } else if (!digit && start >= 0) {
                if (i - start >= SHORTEST_ID && i - start <= LONGEST_ID) {
                    read++;
                    String id = new String(body, start, i - start, StandardCharsets.ISO_8859_1);
                    String app = appOfNumber.get(id);
                    if (app != null) {
                        hints.add(app);
                    }
                    hints.addAll(appsOfAccount.getOrDefault(id, Set.of()));
                }
                start = -1;
            }
        }
    }

    /**
     * @param app     the one that signed
     * @param number  the update's phone number id, or null
     * @param account the update's account, or null
     */
    Owner owner(String app, String number, String account) {
        Set<String> accounts = account == null ? null : appsOfAccount.get(account);
        if (accounts != null && !accounts.contains(app)) {
            return Owner.FOREIGN;
        }
        if (number != null) {
            String owner = appOfNumber.get(number);
            return owner == null ? Owner.UNKNOWN : owner.equals(app) ? Owner.OWN : Owner.FOREIGN;
        }
        return accounts != null || account != null && appsWithUnknownAccounts.contains(app) ? Owner.OWN : Owner.UNKNOWN;
    }

    private static Mac prototype(String secret) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Mac copy(Mac prototype) {
        try {
            return (Mac) prototype.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(e);
        }
    }
}
