package io.github.waroutes.junit;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.waroutes.simulator.Simulator;
import io.github.waroutes.simulator.common.SimulatedNumber;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** One number of the business: what the application has to know of it, and the users who write to it. Thread-safe. */
public final class SimulatedBusinessNumber {

    private final SimulatedWhatsApp whatsapp;
    private final Simulator simulator;
    private final String name;

    SimulatedBusinessNumber(SimulatedWhatsApp whatsapp, Simulator simulator, String name) {
        this.whatsapp = whatsapp;
        this.simulator = simulator;
        this.name = name;
    }

    private SimulatedNumber now() {
        return simulator.number(name);
    }

    /** What the simulator calls it; the first is {@value SimulatedNumber#FIRST}. */
    public String name() {
        return name;
    }

    public String phoneNumberId() {
        return now().phoneNumberId();
    }

    /** The phone number itself, digits only. */
    public String displayPhoneNumber() {
        return now().display();
    }

    public String accountId() {
        return now().accountId();
    }

    /** The token that is taken for it, the newest. */
    public String accessToken() {
        return now().accessTokens().get(0);
    }

    /** What its webhooks are signed with. */
    public String appSecret() {
        return now().appSecret();
    }

    /** Graph answers its token with 190 and subcode 463 from now on; so for all numbers that have the same. */
    public void expireToken() {
        simulator.expireToken(now());
    }

    /** It has this token from now on; the old one has expired. So have all numbers that had the same as it. */
    public void renewToken(String token) {
        simulator.renewToken(now(), token);
    }

    /** Graph does not know its token from now on (190); so for all numbers that have the same. */
    public void invalidateToken() {
        simulator.invalidateToken(now());
    }

    /** Its token has these permissions and no others; what needs another is answered 10. So for all numbers that have the same. */
    public void tokenHas(String... scopes) {
        simulator.permit(now(), List.of(scopes));
    }

    /** Its token expires after this time; so for all numbers that have the same. */
    public void tokenExpiresIn(Duration time) {
        simulator.expireToken(now(), time);
    }

    /**
     * Its status at Meta is this: CONNECTED, FLAGGED, RESTRICTED, RATE_LIMITED, PENDING, UNVERIFIED, DISCONNECTED, BANNED, MIGRATED or DELETED. Messages
     * of one that is banned are refused with 131031, of one that is not registered with 133010.
     */
    public void hasStatus(String status) {
        change("status", status);
    }

    /** Its quality is this: GREEN, YELLOW, RED or UNKNOWN. */
    public void hasQuality(String rating) {
        change("quality_rating", rating);
    }

    /** Its throughput is this: STANDARD or HIGH. */
    public void hasThroughput(String level) {
        change("throughput", level);
    }

    /** Its messaging limit is this, such as TIER_2K. */
    public void hasMessagingLimit(String tier) {
        change("messaging_limit", tier);
    }

    /** Its health is limited, for this reason. */
    public void isLimited(String reason) {
        change("limitation", reason);
    }

    /** Whether its account's payment method is in order; if not, messages to who has not written within 24 hours fail with 131042. */
    public void hasPayment(boolean inOrder) {
        simulator.changeState(now(), JsonNodeFactory.instance.objectNode().put("payment", inOrder));
    }

    private void change(String what, String value) {
        simulator.changeState(now(), JsonNodeFactory.instance.objectNode().put(what, value));
    }

    /** Whether its account is subscribed to its app, as Graph tells it. */
    public void isSubscribed(boolean subscribed) {
        simulator.subscribed(now(), subscribed);
    }

    /** Its app is subscribed to these webhook fields, and gets no others; to none: it has no callback. */
    public void appSubscribesTo(String... fields) {
        simulator.subscribe(now(), Set.of(fields));
    }

    /**
     * Its account has this template, in place of one of the same name and language.
     *
     * @param status such as APPROVED, REJECTED, PENDING, PAUSED or DISABLED
     * @param body   the text, with its variables as in {@code {{1}}}
     */
    public void hasTemplate(String name, String language, String status, String body) {
        simulator.template(now(), name, language, Objects.requireNonNull(status), body);
    }

    /** Its account has no such template. */
    public void hasNoTemplate(String name, String language) {
        simulator.template(now(), name, language, null, null);
    }

    /** The person with this phone number or business-scoped user id, who writes to this number. */
    public SimulatedUser user(String person, String phoneOrUserId) {
        return whatsapp.user(person, phoneOrUserId, this);
    }

    /** Somebody new, with a made-up phone number, who writes to this number. */
    public SimulatedUser newUser(String person) {
        return whatsapp.newUser(person, this);
    }

    /** What whatsapp-cloud-routes is configured with for it: {@code whatsapp.numbers.NAME.…}; nothing for the first. */
    Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        SimulatedNumber number = now();
        number.label().ifPresent(label -> {
            String prefix = "whatsapp.numbers." + label + '.';
            settings.put(prefix + "phone-number-id", number.phoneNumberId());
            settings.put(prefix + "account-id", number.accountId());
            settings.put(prefix + "access-token", accessToken());
            settings.put(prefix + "app-secret", number.appSecret());
        });
        return settings;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SimulatedBusinessNumber number && number.simulator == simulator && number.name.equals(name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return name;
    }
}
