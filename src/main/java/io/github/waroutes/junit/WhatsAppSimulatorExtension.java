package io.github.waroutes.junit;

import io.github.waroutes.simulator.common.SimulatedNumber;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestInstancePostProcessor;
import org.junit.jupiter.api.extension.TestInstances;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/**
 * What stands behind {@link WhatsAppSimulator}. Registered by hand, as a static field with {@code @RegisterExtension}, it has its
 * simulator as soon as somebody asks for it, so that a configuration made before the tests can be built from it:
 *
 * <pre>{@code
 * @RegisterExtension
 * static final WhatsAppSimulatorExtension SIMULATOR = WhatsAppSimulatorExtension.create();
 *
 * @DynamicPropertySource
 * static void properties(DynamicPropertyRegistry registry) {
 *     SIMULATOR.whatsapp().settings().forEach((key, value) -> registry.add(key, () -> value));
 * }
 * }</pre>
 */
public final class WhatsAppSimulatorExtension
        implements BeforeAllCallback, AfterAllCallback, BeforeEachCallback, TestInstancePostProcessor, ParameterResolver {

    private static final Namespace NAMESPACE = Namespace.create(WhatsAppSimulatorExtension.class);
    private static final Set<Class<?>> TYPES = Set.of(SimulatedWhatsApp.class, SimulatedGraph.class, SimulatedUser.class,
            SimulatedBusinessNumber.class);

    private final SimulatedWhatsApp.Builder own;
    private SimulatedWhatsApp started;

    /** For {@link WhatsAppSimulator}. */
    private WhatsAppSimulatorExtension() {
        this(null);
    }

    private WhatsAppSimulatorExtension(SimulatedWhatsApp.Builder own) {
        this.own = own;
    }

    /** For {@code @RegisterExtension}, with the defaults of {@link WhatsAppSimulator}. */
    public static WhatsAppSimulatorExtension create() {
        return create(UnaryOperator.identity());
    }

    /** For {@code @RegisterExtension}, with other settings. */
    public static WhatsAppSimulatorExtension create(UnaryOperator<SimulatedWhatsApp.Builder> settings) {
        return new WhatsAppSimulatorExtension(settings.apply(SimulatedWhatsApp.builder()));
    }

    /** The simulator of an extension that was {@linkplain #create() registered by hand}; started by the first call. */
    public synchronized SimulatedWhatsApp whatsapp() {
        if (own == null) {
            throw new IllegalStateException("With @WhatsAppSimulator, take the SimulatedWhatsApp as a parameter");
        }
        if (started == null) {
            started = own.start();
        }
        return started;
    }

    /** One simulator for a class and its nested classes; JUnit closes it with the store of the class that it was made for. */
    private record Running(SimulatedWhatsApp whatsapp, boolean reset) implements ExtensionContext.Store.CloseableResource, AutoCloseable {

        @Override
        public void close() {
            whatsapp.close();
        }
    }

    /** Static fields that were set: a class that is run again in the same process gets those of its new simulator. */
    private record Given(List<Field> fields) implements ExtensionContext.Store.CloseableResource, AutoCloseable {

        Given() {
            this(new ArrayList<>());
        }

        @Override
        public void close() throws IllegalAccessException {
            for (Field field : fields) {
                field.set(null, null);
            }
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        Class<?> type = context.getRequiredTestClass();
        Optional<WhatsAppSimulator> annotation = own == null ? AnnotationSupport.findAnnotation(type, WhatsAppSimulator.class)
                : Optional.empty();
        // a nested class shares what the class around it has, unless it says otherwise itself
        if (running(context) == null || annotation.isPresent()) {
            context.getStore(NAMESPACE).put(this, annotation.map(settings -> new Running(start(settings), settings.reset()))
                    .orElseGet(() -> new Running(whatsapp(), true)));
        }
        setFields(context, type, null);
        // one instance for all methods is made before the simulator
        context.getTestInstance().ifPresent(instance -> setFields(context, type, instance));
    }

    @Override
    public synchronized void afterAll(ExtensionContext context) {
        // the store of the outermost class closes it; a class that is run again begins anew
        boolean outermost = context.getParent().map(parent -> parent.getStore(NAMESPACE).get(this) == null).orElse(true);
        if (outermost) {
            started = null;
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        Running running = required(context);
        if (running.reset()) {
            running.whatsapp().reset();
        }
    }

    @Override
    public void postProcessTestInstance(Object instance, ExtensionContext context) {
        if (running(context) != null) {
            setFields(context, instance.getClass(), instance);
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return TYPES.contains(parameter.getParameter().getType());
    }

    @Override
    public Object resolveParameter(ParameterContext context, ExtensionContext extension) {
        Parameter parameter = context.getParameter();
        String name = parameter.isNamePresent() ? parameter.getName() : "Somebody";
        WhatsAppUser user = context.findAnnotation(WhatsAppUser.class).orElse(null);
        Object value = value(parameter.getType(), name, user, context.findAnnotation(WhatsAppNumber.class).orElse(null),
                required(extension).whatsapp());
        // a number without a name is whoever the class says has that number
        return value instanceof SimulatedUser wanted && user != null && user.name().isEmpty()
                ? ofField(wanted, extension).orElse(wanted) : value;
    }

    private static Optional<SimulatedUser> ofField(SimulatedUser wanted, ExtensionContext extension) {
        List<Object> instances = extension.getTestInstances().map(TestInstances::getAllInstances).orElse(List.of());
        return instances.stream().flatMap(instance -> ReflectionSupport.findFields(instance.getClass(),
                field -> field.getType() == SimulatedUser.class, HierarchyTraversalMode.TOP_DOWN).stream()
                .map(field -> ReflectionSupport.tryToReadFieldValue(field, instance).toOptional().orElse(null)))
                .filter(SimulatedUser.class::isInstance).map(SimulatedUser.class::cast)
                .filter(user -> user.id().equals(wanted.id()) && user.number().equals(wanted.number())).findFirst();
    }

    private static SimulatedWhatsApp start(WhatsAppSimulator annotation) {
        SimulatedWhatsApp.Builder builder = SimulatedWhatsApp.builder().webhookPath(annotation.webhookPath())
                .patience(Duration.ofMillis(annotation.patience()));
        if (!annotation.webhookUrl().isEmpty()) {
            builder.webhookUrl(annotation.webhookUrl());
        }
        builder.simulator().port(annotation.port()).phoneNumberId(annotation.phoneNumberId()).accountId(annotation.accountId())
                .accessToken(annotation.accessToken()).appSecret(annotation.appSecret()).verifyToken(annotation.verifyToken())
                .templates(annotation.templates()).numbers(annotation.numbers()).statusDelay(Duration.ofMillis(annotation.statusDelay()))
                .webhookRetryDelay(Duration.ofMillis(annotation.webhookRetryDelay())).limits(annotation.limits()).appSecretProof(annotation.appSecretProof())
                .messagesPerSecond(annotation.messagesPerSecond()).tier(annotation.tier());
        return builder.start();
    }

    /** Fields that nobody has set, of one instance, or the static ones when it is null. */
    private void setFields(ExtensionContext context, Class<?> type, Object instance) {
        Predicate<Field> wanted = field -> TYPES.contains(field.getType()) && Modifier.isStatic(field.getModifiers()) == (instance == null)
                && !Modifier.isFinal(field.getModifiers())
                && (field.getType() != SimulatedUser.class || field.isAnnotationPresent(WhatsAppUser.class));
        List<Field> fields = ReflectionSupport.findFields(type, wanted, HierarchyTraversalMode.TOP_DOWN);
        for (Field field : fields) {
            try {
                field.setAccessible(true);
                if (field.get(instance) == null) {
                    field.set(instance, value(field.getType(), field.getName(), field.getAnnotation(WhatsAppUser.class),
                            field.getAnnotation(WhatsAppNumber.class), required(context).whatsapp()));
                    if (instance == null) {
                        context.getStore(NAMESPACE).getOrComputeIfAbsent(Given.class).fields().add(field);
                    }
                }
            } catch (ReflectiveOperationException | RuntimeException e) {
                throw new ExtensionConfigurationException("The field " + field.getName() + " cannot be set: " + e.getMessage(), e);
            }
        }
    }

    private static Object value(Class<?> type, String name, WhatsAppUser user, WhatsAppNumber of, SimulatedWhatsApp whatsapp) {
        if (type == SimulatedWhatsApp.class) {
            return whatsapp;
        }
        if (type == SimulatedGraph.class) {
            return whatsapp.graph();
        }
        SimulatedBusinessNumber number = whatsapp.number(of == null ? SimulatedNumber.FIRST : of.value());
        if (type == SimulatedBusinessNumber.class) {
            return number;
        }
        String shown = user == null || user.name().isEmpty() ? name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1)
                : user.name();
        if (user == null || user.phone().isEmpty() && user.userId().isEmpty()) {
            return number.newUser(shown);
        }
        if (!user.phone().isEmpty() && !user.userId().isEmpty()) {
            throw new ExtensionConfigurationException("@WhatsAppUser takes a phone or a userId, and not both");
        }
        return number.user(shown, user.phone().isEmpty() ? user.userId() : user.phone());
    }

    private Running running(ExtensionContext context) {
        return context.getStore(NAMESPACE).get(this, Running.class);
    }

    private Running required(ExtensionContext context) {
        return Objects.requireNonNull(running(context), "The simulator runs from before all methods of a class until after them:"
                + " register the extension on the class, or as a static field");
    }
}
