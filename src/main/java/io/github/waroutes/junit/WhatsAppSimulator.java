package io.github.waroutes.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Starts a simulated Cloud API for a test class, on a free port of this machine, and stops it after the class. Before each
 * method everything in it is forgotten. Constructors, methods and their life-cycle methods can take a {@link SimulatedWhatsApp}, a
 * {@link SimulatedGraph}, {@link SimulatedBusinessNumber}s and {@link SimulatedUser}s as parameters; fields of these types are set too,
 * of people those that are marked with {@link WhatsAppUser}. Nested classes share the
 * simulator of the class around them, and two classes never share one.
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(WhatsAppSimulatorExtension.class)
public @interface WhatsAppSimulator {

    /** The business phone number's id. */
    String phoneNumberId() default "106540352242922";

    /** The WhatsApp Business Account's id. */
    String accountId() default "102290129340398";

    /**
     * More numbers beside the first, each {@code name=phoneNumberId} and after it, with {@code :} before each, its display number,
     * account id, app, token and secret, such as {@code es=5001:34600000001:7001:shops:token-es:secret-es}. What is left out is as for a
     * number of the same account or app, or the first.
     */
    String[] numbers() default {};

    /** The access token of the first number. */
    String accessToken() default "simulated-access-token";

    /** What webhooks are signed with. */
    String appSecret() default "simulated-app-secret";

    /** What a handshake of the webhook carries. */
    String verifyToken() default "simulated-verify-token";

    /** The port, or 0 for a free one. */
    int port() default 0;

    /** The path of the application's webhook, for {@link SimulatedWhatsApp#webhookPort(int)}. */
    String webhookPath() default "/webhook";

    /** The full address of the application's webhook; empty when it is told later. */
    String webhookUrl() default "";

    /** The templates that are approved from the start, each {@code name:language}. */
    String[] templates() default "hello_world:en_US";

    /** Milliseconds before each of the statuses of a message. */
    long statusDelay() default 10;

    /** Milliseconds before a webhook that was not answered with 200 comes again; doubling, four times. */
    long webhookRetryDelay() default 50;

    /** Whether Meta's limits hold: messages per second, messages per user, and users per day. */
    boolean limits() default false;

    /** Whether Graph calls without {@code appsecret_proof} are refused, as in an app with "Require App Secret". */
    boolean appSecretProof() default false;

    /** The number's throughput, when limits hold. */
    int messagesPerSecond() default 80;

    /** How many users may be written to first within 24 h, when limits hold. */
    int tier() default 250;

    /** Milliseconds that people wait for what they expect. */
    long patience() default 10_000;

    /** Whether everything is forgotten before each method; false for methods that run at the same time. */
    boolean reset() default true;
}
