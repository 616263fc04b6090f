package io.github.waroutes.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Which number of the business a {@link SimulatedBusinessNumber} is, or a {@link SimulatedUser} writes to; without it, the first.
 * The numbers there are say {@link WhatsAppSimulator#numbers()}.
 */
@Documented
@Target({ElementType.PARAMETER, ElementType.FIELD})
@Retention(RetentionPolicy.RUNTIME)
public @interface WhatsAppNumber {

    /** The number's name, or its phone number id. */
    String value();
}
