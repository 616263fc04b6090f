package io.github.waroutes.junit;

import io.github.waroutes.simulator.Simulator;
import io.github.waroutes.simulator.common.SimulatedNumber;
import java.util.LinkedHashMap;
import java.util.Map;

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
