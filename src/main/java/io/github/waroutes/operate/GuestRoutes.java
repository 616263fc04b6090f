package io.github.waroutes.operate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.waroutes.error.Causes;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.HasRetryClass;
import io.github.waroutes.error.PrivateWords;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.error.WhatsAppRouteException;
import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.queue.QueueUnavailableException;
import io.github.waroutes.queue.StoredMessage;
import io.github.waroutes.state.StateUnavailableException;
import io.github.waroutes.update.Owner;
import io.micrometer.core.instrument.Counter;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.ErrorHandlerFactory;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeExtension;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.component.micrometer.MicrometerConstants;
import org.apache.camel.component.micrometer.MicrometerUtils;
import org.apache.camel.model.OnExceptionDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.errorhandler.DeadLetterChannelDefinition;
import org.apache.camel.model.errorhandler.DefaultErrorHandlerDefinition;
import org.apache.camel.model.errorhandler.RefErrorHandlerDefinition;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.AsyncProcessorConverterHelper;
import org.apache.camel.support.processor.DelegateAsyncProcessor;

/**
 * Makes the failure of a route that a user wrote an ordinary failure of the route of ours that called it, whatever error handler it has.
 *
 * <p>Camel's error handlers mark an exchange that they gave up on, and no other error handler looks at it again: the error policy of the
 * caller is never asked. So each call that a route of ours makes takes these marks off what comes back failed from a route of a user's. What
 * was thrown becomes a {@link WhatsAppRouteException}, unless it says what it is already; the step that failed is noted, counted and logged.
 *
 * <p>A route of a user's without an error handler of its own is spared Camel's default one in such a call: it would only log the failure,
 * with the words of the message that exceptions quote.
 */
public class GuestRoutes implements InterceptStrategy, CamelContextAware {

    /** Endpoints at which no route begins. */
    private static final List<String> NO_ROUTES = List.of("micrometer:", "whatsapp-http:", "whatsapp-queue:");
    /** An exchange property: the id of the exchange that a route of ours has called another one with. Copies of it are nobody's call. */
    private static final String CALL = "WhatsAppCall";
    private static final String KAMELET = "kamelet:";

    private final Events events = new Events();
    private final ObjectMapper json = new ObjectMapper();
    private CamelContext camelContext;

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    /** Registers itself: a host's own CamelContext does not look for interceptors in its registry. */
    @Override
    public void setCamelContext(CamelContext context) {
        if (camelContext != context) {
            camelContext = context;
            context.getCamelContextExtension().addInterceptStrategy(this);
        }
    }

    @Override
    public Processor wrapProcessorInInterceptors(CamelContext context, NamedNode node, Processor target, Processor next) {
        RouteDefinition route = ProcessorDefinitionHelper.getRoute(node);
        if (route == null) {
            return target;
        }
        if (!OurRoutes.contain(route)) {
            return new Step(context, target, node, route);
        }
        // a choice with a precondition may leave a plain processor, of which Camel warns at every start
        return node instanceof ToDynamicDefinition || node instanceof ToDefinition to && leadsToRoutes(context, to) ? new Call(target)
                : AsyncProcessorConverterHelper.convert(target);
    }

    private static boolean leadsToRoutes(CamelContext context, ToDefinition to) {
        String uri = context.resolvePropertyPlaceholders(to.getEndpointUri());
        return NO_ROUTES.stream().noneMatch(uri::startsWith);
    }

    /** A call by a route of ours. */
    private final class Call extends DelegateAsyncProcessor {

        private Call(Processor target) {
            super(target);
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            Object outer = exchange.getProperty(CALL);
            exchange.setProperty(CALL, exchange.getExchangeId());
            return super.process(exchange, doneSync -> {
                if (outer == null) {
                    exchange.removeProperty(CALL);
                } else {
                    exchange.setProperty(CALL, outer);
                }
                if (exchange.getException() == null) {
                    takeBack(exchange);
                }
                if (exchange.getException() != null) {
                    failed(exchange);
                }
                callback.done(doneSync);
            });
        }
    }

    /** A dead letter channel has stored the message, and for Camel the failure is handled; but the user still waits for an answer. */
    private static void takeBack(Exchange exchange) {
        // a look at a field first: every call of every message comes by
        if (!exchange.getExchangeExtension().isFailureHandled()) {
            return;
        }
        FailedStep step = exchange.getProperty(FailedStep.PROPERTY, FailedStep.class);
        if (step != null && step.stored() && !step.told().get()) {
            exchange.setException(step.failure());
        }
    }

    private void failed(Exchange exchange) {
        Exception failure = exchange.getException();
        FailedStep step = FailedStep.of(exchange, failure);
        if (step == null) {
            return;
        }
        ExchangeExtension marks = exchange.getExchangeExtension();
        marks.setRedeliveryExhausted(false);
        marks.setFailureHandled(false);
        marks.setErrorHandlerHandled(null);
        exchange.setRollbackOnly(false);
        exchange.setRollbackOnlyLast(false);
        exchange.setRouteStop(false);
        exchange.removeProperty(ExchangePropertyKey.UNIT_OF_WORK_EXHAUSTED);
        exchange.removeProperty(ExchangePropertyKey.EXCEPTION_CAUGHT);
        if (!isTyped(failure)) {
            failure = typed(exchange, failure, step);
            exchange.setException(failure);
            step = new FailedStep(failure, step.route(), step.step(), step.place(), step.stored(), step.told());
            exchange.setProperty(FailedStep.PROPERTY, step);
        }
        if (step.told().compareAndSet(false, true)) {
            Counter.builder("whatsapp.routes.failed")
                    .tag("route", step.route())
                    .tag(MicrometerConstants.CAMEL_CONTEXT_TAG, camelContext.getName())
                    .register(MicrometerUtils.getOrCreateMeterRegistry(camelContext.getRegistry(), MicrometerConstants.METRICS_REGISTRY_NAME))
                    .increment();
            exchange.setProperty(ExchangePropertyKey.EXCEPTION_CAUGHT, failure);
            events.emit("whatsapp.route.failed", exchange);
            exchange.removeProperty(ExchangePropertyKey.EXCEPTION_CAUGHT);
        }
    }

    /** Whether the error policy knows what to do with it. */
    private static boolean isTyped(Throwable failure) {
        return Causes.chain(failure).stream().anyMatch(cause -> cause instanceof WhatsAppException
                || cause instanceof CallNotPermittedException || cause instanceof QueueUnavailableException
                || cause instanceof StateUnavailableException || cause instanceof RejectedExecutionException
                || cause instanceof InterruptedException);
    }

    private WhatsAppRouteException typed(Exchange exchange, Exception failure, FailedStep step) {
        // Camel wraps what an expression or a bean throws
        Throwable thrown = Causes.chain(failure).stream()
                .filter(cause -> !cause.getClass().getName().matches("org\\.apache\\.camel\\.(CamelExecution|ExpressionEvaluation|RuntimeCamel|"
                        + "language\\.bean\\.RuntimeBeanExpression)Exception") || cause.getCause() == null)
                .findFirst().orElse(failure);
        PrivateWords words = privateWords(exchange);
        String said = words.hide(thrown.getMessage());
        // a cause is printed with its message wherever its exception is logged, by Camel too
        boolean quotes = Causes.chain(failure).stream().map(Throwable::getMessage).anyMatch(message -> !Objects.equals(message, words.hide(message)));
        ErrorDetails.Builder details = ErrorDetails.builder(said == null ? thrown.getClass().getSimpleName() : said).cause(quotes ? null : failure)
                .context("route", step.route()).context("step", step.step()).context("place", step.place());
        HasRetryClass says = Causes.find(HasRetryClass.class, failure);
        if (says != null && says.getRetryClass() != null) {
            details.retryClass(says.getRetryClass()).minimumWait(says.getMinimumWait()).maximumRetries(says.getMaximumRetries());
        }
        WhatsAppRouteException typed = new WhatsAppRouteException(details.build(), thrown.getClass().getName());
        if (quotes) {
            typed.setStackTrace(thrown.getStackTrace());
        }
        return typed;
    }

    private PrivateWords privateWords(Exchange exchange) {
        PrivateWords words = new PrivateWords().add(exchange.getMessage().getBody()).add(bytesAsText(exchange.getMessage().getBody()));
        addHeaders(words, exchange.getMessage().getHeaders());
        // ours hold Meta's own words, and the message as JSON with its keys
        exchange.getVariables().forEach((name, value) -> words.add(name.startsWith("whatsapp") ? null : value));
        StoredMessage original = exchange.getProperty(QueueConstants.CONTENT, StoredMessage.class);
        if (original != null) {
            addHeaders(words, original.queueHeaders());
            try {
                words.add(json.readValue(original.queueBody(), Object.class));
            } catch (IOException e) {
                words.add(new String(original.queueBody(), StandardCharsets.UTF_8));
            }
        }
        return words;
    }

    // a stream may be a connection, and is not read for this
    private static String bytesAsText(Object body) {
        return body instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : null;
    }

    private static void addHeaders(PrivateWords words, Map<String, ?> headers) {
        headers.forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!lower.endsWith("type") && !lower.endsWith("kind") && !lower.startsWith("camel")) {
                words.add(value);
            }
        });
    }

    /** A node of a route that is not ours. */
    private static final class Step extends DelegateAsyncProcessor {

        private final NamedNode node;
        private final RouteDefinition route;
        private final boolean spared;
        private final boolean stored;
        private final boolean kamelet;
        private final boolean toKamelet;

        private Step(CamelContext context, Processor target, NamedNode node, RouteDefinition route) {
            super(target);
            this.node = node;
            this.route = route;
            this.spared = hasOnlyCamelsErrorHandler(context, route);
            this.stored = !handles(route) && errorHandler(context, route) instanceof DeadLetterChannelDefinition;
            this.kamelet = OurRoutes.haveKamelet(route);
            this.toKamelet = node instanceof ToDefinition to && to.getEndpointUri().startsWith(KAMELET);
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            return toKamelet ? callKamelet(exchange, callback) : super.process(exchange, doneSync -> {
                if (exchange.getException() != null && isCalled(exchange)) {
                    note(exchange);
                }
                callback.done(doneSync);
            });
        }

        private boolean callKamelet(Exchange exchange, AsyncCallback callback) {
            boolean called = isCalled(exchange);
            if (called) {
                // so that the Kamelet's copy is known as one of this exchange
                exchange.setProperty(CALL, exchange.getExchangeId());
            }
            boolean owner = !kamelet && Owner.begin(exchange);
            return super.process(exchange, doneSync -> {
                if (owner) {
                    Owner.end(exchange);
                }
                if (called) {
                    // the copy's properties have come back
                    exchange.setProperty(CALL, exchange.getExchangeId());
                    if (exchange.getException() != null) {
                        note(exchange);
                    }
                }
                callback.done(doneSync);
            });
        }

        /** Camel gives a Kamelet, and a route that begins with one, a copy of the exchange, and takes back what became of it. */
        private static boolean isCalled(Exchange exchange) {
            Object call = exchange.getProperty(CALL);
            return call != null && (call.equals(exchange.getExchangeId())
                    || call.equals(exchange.getProperty(ExchangePropertyKey.CORRELATION_ID)) && exchange.getFromEndpoint() != null
                            && exchange.getFromEndpoint().getEndpointUri().startsWith(KAMELET));
        }

        private void note(Exchange exchange) {
            Throwable failure = exchange.getException();
            // a failure in a Kamelet of ours is one of the step that called it
            if (!kamelet && FailedStep.of(exchange, failure) == null) {
                String line = node.getLineNumber() > 0 ? ":" + node.getLineNumber() : "";
                String file = node.getLocation() != null ? node.getLocation()
                        : route.getResource() != null ? route.getResource().getLocation() : "unknown";
                exchange.setProperty(FailedStep.PROPERTY, new FailedStep(failure, route.getRouteId(),
                        node.getId() + " (" + node.getShortName() + ")", file + line, stored, new AtomicBoolean()));
            }
            if (spared) {
                exchange.getExchangeExtension().setRedeliveryExhausted(true);
            }
        }

        private static boolean hasOnlyCamelsErrorHandler(CamelContext context, RouteDefinition route) {
            ErrorHandlerFactory own = errorHandler(context, route);
            return !handles(route)
                    && (own == null || isDefault(own) || own.getClass() == DefaultErrorHandlerDefinition.class
                            && ((DefaultErrorHandlerDefinition) own).getRedeliveryPolicy() == null
                            && ((DefaultErrorHandlerDefinition) own).getRedeliveryPolicyRef() == null);
        }

        private static boolean handles(RouteDefinition route) {
            return route.getOutputs().stream().anyMatch(OnExceptionDefinition.class::isInstance);
        }

        private static ErrorHandlerFactory errorHandler(CamelContext context, RouteDefinition route) {
            return isDefault(route.getErrorHandlerFactory())
                    ? context.getCamelContextExtension().getErrorHandlerFactory() : route.getErrorHandlerFactory();
        }

        private static boolean isDefault(ErrorHandlerFactory factory) {
            return factory instanceof RefErrorHandlerDefinition other
                    && RefErrorHandlerDefinition.DEFAULT_ERROR_HANDLER_BUILDER.equals(other.getRef());
        }
    }
}
