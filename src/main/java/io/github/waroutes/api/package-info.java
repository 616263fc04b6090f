/** The send API: HTTP in front of the ways out that the routes have. */
package io.github.waroutes.api;
