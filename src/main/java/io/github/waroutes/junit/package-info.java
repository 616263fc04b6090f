/**
 * Tests of an application on WhatsApp against the simulator: a JUnit 5 extension, the people who write to the application,
 * and the faults of Graph. The application is reached over HTTP only, so it may be written with anything.
 */
package io.github.waroutes.junit;
