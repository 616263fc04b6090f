package io.github.waroutes.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Who a {@link SimulatedUser} is. Without a phone number and a user id it is somebody whom the simulator has not seen yet,
 * with a made-up phone number; on a field, one person for all methods of the class.
 */
@Documented
@Target({ElementType.PARAMETER, ElementType.FIELD})
@Retention(RetentionPolicy.RUNTIME)
public @interface WhatsAppUser {

    /** The name on WhatsApp; the name of the parameter or field, with a capital, if empty. */
    String name() default "";

    /** A phone number with its country code, such as 15555550101. */
    String phone() default "";

    /** A business-scoped user id, such as US.13491208655302741918, for somebody without a phone number. */
    String userId() default "";
}
