package io.github.waroutes.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.waroutes.number.BusinessNumber;
import io.github.waroutes.number.MadeOfNumbers;
import io.github.waroutes.number.NumberRegistry;
import io.github.waroutes.setting.CommaSeparated;

/** Who may use the API: the tokens of {@code whatsapp.api.token} for all numbers, and the {@code api-token} of a number for those that have it. */
final class ApiTokens {

    static final String SETTING = "whatsapp.api.token";

    private final List<byte[]> ofAll;
    private final MadeOfNumbers<List<Tenant>> tenants = new MadeOfNumbers<>(ApiTokens::tenants);

    /**
     * What a token may do.
     *
     * @param owner   a digest of the token
     * @param numbers those it may use; null: all there are
     */
    record Grant(String owner, List<BusinessNumber> numbers) {
    }

    private record Tenant(byte[] digest, List<BusinessNumber> numbers) {
    }

    /** @param tokens for all numbers; several with commas between while one replaces another */
    ApiTokens(String tokens) {
        ofAll = CommaSeparated.values(tokens).stream().map(ApiTokens::digest).toList();
    }

    /** @return null if nobody has this token */
    Grant find(String token, NumberRegistry registry) {
        // constant-time comparisons, of digests, with all tokens: neither length nor position shows
        byte[] digest = digest(token);
        boolean all = false;
        for (byte[] known : ofAll) {
            all |= MessageDigest.isEqual(known, digest);
        }
        List<BusinessNumber> numbers = null;
        for (Tenant tenant : tenants(registry)) {
            if (MessageDigest.isEqual(tenant.digest, digest)) {
                numbers = tenant.numbers;
            }
        }
        return all || numbers != null ? new Grant(HexFormat.of().formatHex(digest), all ? null : numbers) : null;
    }

    boolean none(NumberRegistry registry) {
        return ofAll.isEmpty() && tenants(registry).isEmpty();
    }

    private List<Tenant> tenants(NumberRegistry registry) {
        return registry == null ? List.of() : tenants.of(registry);
    }

    private static List<Tenant> tenants(Collection<BusinessNumber> numbers) {
        Map<String, List<BusinessNumber>> byToken = new LinkedHashMap<>();
        numbers.forEach(number -> CommaSeparated.values(number.settings().get(SETTING))
                .forEach(token -> byToken.computeIfAbsent(token, key -> new ArrayList<>()).add(number)));
        return byToken.entrySet().stream().map(one -> new Tenant(digest(one.getKey()), List.copyOf(one.getValue()))).toList();
    }

    private static byte[] digest(String text) {
        return ApiCall.sha256().digest(text.getBytes(StandardCharsets.UTF_8));
    }
}
