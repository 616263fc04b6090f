package io.github.waroutes.api;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

import io.github.waroutes.number.BusinessNumber;
import org.apache.camel.Exchange;

/** One request to the API, from the moment it was let in; travels as an exchange property, so that no header does. */
final class ApiCall {

    private static final String PROPERTY = "WhatsAppApiCall";
    private static final int DIGITS = 32;
    private static final int TAG = 8;

    final String endpoint;
    RequestBody request;
    InputStream body;
    /** As the request says it; 0 if it does not. */
    long length;
    /** A digest of the token: idempotency keys of two tokens have nothing to do with each other. */
    String owner;
    /** Null if the request has none. */
    String idempotencyKey;
    String phoneNumberId;
    /** Which numbers the token may use; null: all. */
    List<BusinessNumber> numbers;
    /** The number that the request is for, also if it names none; null: not known. */
    String number;
    String contentType;
    String filename;
    /** What follows the last slash of the path. */
    String named;
    /** What stands before that, between two slashes. */
    String parent;
    /** Whether it concerns the number or its account, and no message. */
    boolean manages;
    /** Our id of what the request makes. */
    String id;
    /** A digest of everything that makes two requests the same. */
    String fingerprint;
    BulkRun bulk;

    ApiCall(String endpoint) {
        this.endpoint = endpoint;
    }

    static ApiCall of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, ApiCall.class);
    }

    void on(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    /** The key under which what is known of the request is kept. */
    String storeKey() {
        return digest(owner, idempotencyKey);
    }

    /** Fingerprint and id of a request whose body is known. A repeat has the same ones, in another process too. */
    void identify(byte[] bytes) {
        fingerprint = digest(endpoint, phoneNumberId, HexFormat.of().formatHex(sha256().digest(bytes)));
        // with the fingerprint in it, a key that is used again a day later does not make the queue drop another message
        id = "api-" + tag(number) + (idempotencyKey == null ? random() : digest(owner, idempotencyKey, fingerprint)).substring(0, DIGITS - TAG);
    }

    /** The id of a bulk, whose body is not known when it begins. */
    void identifyBulk() {
        id = idempotencyKey == null ? "bulk-" + tag(owner) + random().substring(0, DIGITS - TAG) : bulkId(idempotencyKey);
    }

    String bulkId(String key) {
        return "bulk-" + tag(owner) + digest(owner, "bulk", key).substring(0, DIGITS - TAG);
    }

    boolean mayUse(String phoneNumberId) {
        return numbers == null || numbers.stream().anyMatch(one -> one.phoneNumberId().equals(phoneNumberId));
    }

    /**
     * Whether the token may ask about this id of a message or a bulk: one of single numbers sees what the API was given for these, and its
     * own bulks. The id itself tells, so nothing has to be kept for it.
     */
    boolean mayKnow(String otherId) {
        return numbers == null || otherId.startsWith("bulk-" + tag(owner))
                || numbers.stream().anyMatch(one -> otherId.startsWith("api-" + tag(one.phoneNumberId())));
    }

    /** The number that sends a message that the token may know. */
    String numberOf(String otherId) {
        return numbers == null ? number : numbers.stream().map(BusinessNumber::phoneNumberId)
                .filter(one -> otherId.startsWith("api-" + tag(one))).findFirst().orElse(number);
    }

    /** Says whose an id is, and shows nobody. */
    private static String tag(String of) {
        return digest("tag", of).substring(0, TAG);
    }

    private static String random() {
        return UUID.randomUUID().toString().replace("-", "");
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Of several texts, told apart by their lengths. */
    static String digest(String... parts) {
        MessageDigest digest = sha256();
        for (String part : parts) {
            byte[] bytes = part == null ? new byte[0] : part.getBytes(StandardCharsets.UTF_8);
            digest.update((bytes.length + (part == null ? "-" : ":")).getBytes(StandardCharsets.UTF_8));
            digest.update(bytes);
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
