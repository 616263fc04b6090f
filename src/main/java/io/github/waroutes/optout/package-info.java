/** People who want no marketing messages. */
package io.github.waroutes.optout;
