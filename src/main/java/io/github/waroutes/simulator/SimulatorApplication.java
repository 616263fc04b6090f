package io.github.waroutes.simulator;

import io.github.waroutes.operate.StartFailure;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The simulator as a program of its own, for applications in any language: no gateway, no queue, nothing on disk but uploads.
 * Each option is also an environment variable and a system property; an option wins over a system property, and that over the
 * environment.
 */
@Command(name = "whatsapp-simulator", usageHelpAutoWidth = true, sortOptions = false, showDefaultValues = false,
        description = "A local stand-in for Meta's WhatsApp Cloud API. It answers callers on this machine only.",
        footer = {"", "Each option is also an environment variable (WHATSAPP_SIMULATOR_PORT, WHATSAPP_ACCESS_TOKEN, ...):"
            + " see docs/simulator-standalone.md. Ctrl-C ends it."})
public final class SimulatorApplication implements Callable<Integer> {

    private static final String TOKEN = "simulated-access-token";
    private static final String SECRET = "simulated-app-secret";

    private static final int LAST_SECONDS = 10;

    @Spec
    private CommandSpec spec;

    @Option(names = "--port", paramLabel = "PORT", description = "the port on 127.0.0.1; 0 takes a free one (8090)",
            defaultValue = "${sys:whatsapp.simulator.port:-${env:WHATSAPP_SIMULATOR_PORT:-8090}}")
    private int port;

    @Option(names = "--webhook-url", paramLabel = "URL",
            description = "where webhooks go: an http address on this machine (http://127.0.0.1:3000/webhook)",
            defaultValue = "${sys:whatsapp.simulator.webhook-url:-${env:WHATSAPP_SIMULATOR_WEBHOOK_URL:-http://127.0.0.1:3000/webhook}}")
    private String webhookUrl;

    @Option(names = "--access-token", paramLabel = "TOKEN", description = "the access token of the first number (" + TOKEN + ")",
            defaultValue = "${sys:whatsapp.access-token:-${env:WHATSAPP_ACCESS_TOKEN:-" + TOKEN + "}}")
    private String accessToken;

    @Option(names = "--app-secret", paramLabel = "SECRET", description = "what webhooks are signed with (" + SECRET + ")",
            defaultValue = "${sys:whatsapp.app-secret:-${env:WHATSAPP_APP_SECRET:-" + SECRET + "}}")
    private String appSecret;

    @Option(names = "--verify-token", paramLabel = "TOKEN", description = "the webhook must answer a handshake with it before the first"
            + " webhook (no handshake)",
            defaultValue = "${sys:whatsapp.simulator.verify-token:-${env:WHATSAPP_SIMULATOR_VERIFY_TOKEN:-}}")
    private String verifyToken;

    @Option(names = "--phone-number-id", paramLabel = "ID", description = "the business phone number's id (106540352242922)",
            defaultValue = "${sys:whatsapp.phone-number-id:-${env:WHATSAPP_PHONE_NUMBER_ID:-106540352242922}}")
    private String phoneNumberId;

    @Option(names = "--account-id", paramLabel = "ID", description = "the WhatsApp Business Account's id (102290129340398)",
            defaultValue = "${sys:whatsapp.simulator.account-id:-${env:WHATSAPP_SIMULATOR_ACCOUNT_ID:-102290129340398}}")
    private String accountId;

    @Option(names = "--display-phone-number", paramLabel = "DIGITS", description = "the business phone number (15550783881)",
            defaultValue = "${sys:whatsapp.simulator.display-phone-number:-${env:WHATSAPP_SIMULATOR_DISPLAY_PHONE_NUMBER:-15550783881}}")
    private String displayPhoneNumber;

    @Option(names = "--numbers", paramLabel = "NAME=ID:...", description = "more numbers, with commas between: name=phone number id, and after it,"
            + " with : before each, display number, account id, app, token, secret",
            defaultValue = "${sys:whatsapp.simulator.numbers:-${env:WHATSAPP_SIMULATOR_NUMBERS:-}}")
    private String numbers;

    @Option(names = "--numbers-file", paramLabel = "FILE", description = "more numbers, in YAML, in the shape of docs/many-numbers.md",
            defaultValue = "${sys:whatsapp.simulator.numbers.file:-${env:WHATSAPP_SIMULATOR_NUMBERS_FILE:-}}")
    private String numbersFile;

    @Option(names = "--templates", paramLabel = "NAME:LANGUAGE", split = ",",
            description = "templates that are approved from the start, with commas between (hello_world:en_US)",
            defaultValue = "${sys:whatsapp.simulator.templates:-${env:WHATSAPP_SIMULATOR_TEMPLATES:-hello_world:en_US}}")
    private String[] templates;

    @Option(names = "--status-delay", paramLabel = "MS", description = "milliseconds before each status of a message (200)",
            defaultValue = "${sys:whatsapp.simulator.status-delay:-${env:WHATSAPP_SIMULATOR_STATUS_DELAY:-200}}")
    private long statusDelay;

    @Option(names = "--webhook-retry-delay", paramLabel = "MS",
            description = "milliseconds before the first of four repetitions of a webhook that was not answered 200; doubling (500)",
            defaultValue = "${sys:whatsapp.simulator.webhook-retry-delay:-${env:WHATSAPP_SIMULATOR_WEBHOOK_RETRY_DELAY:-500}}")
    private long webhookRetryDelay;

    @Option(names = "--limits", description = "Meta's limits hold", fallbackValue = "true", arity = "0..1", paramLabel = "true|false",
            defaultValue = "${sys:whatsapp.simulator.limits:-${env:WHATSAPP_SIMULATOR_LIMITS:-false}}")
    private boolean limits;

    @Option(names = "--appsecret-proof", description = "calls without appsecret_proof are refused", fallbackValue = "true", arity = "0..1",
            paramLabel = "true|false", defaultValue = "${sys:whatsapp.simulator.appsecret-proof:-${env:WHATSAPP_SIMULATOR_APPSECRET_PROOF:-false}}")
    private boolean appSecretProof;

    @Option(names = "--messages-per-second", paramLabel = "N", description = "the number's throughput, with --limits (80)",
            defaultValue = "${sys:whatsapp.simulator.messages-per-second:-${env:WHATSAPP_SIMULATOR_MESSAGES_PER_SECOND:-80}}")
    private int messagesPerSecond;

    @Option(names = "--tier", paramLabel = "N", description = "users that may be written to first in 24 h, with --limits (250)",
            defaultValue = "${sys:whatsapp.simulator.tier:-${env:WHATSAPP_SIMULATOR_TIER:-250}}")
    private int tier;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "says this")
    private boolean help;

    private final CountDownLatch end;

    private SimulatorApplication(CountDownLatch end) {
        this.end = end;
    }

    public static void main(String... args) {
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", "whatsapp/simulator/logback-simulator.xml");
        }
        System.exit(run(System.out, System.err, new CountDownLatch(1), args));
    }

    /**
     * Runs until {@code end} is counted down or the process is told to stop.
     *
     * @return the exit code: 0, 1 when the start failed, 2 when an option is wrong; the reason is one line on {@code err}
     */
    static int run(PrintStream out, PrintStream err, CountDownLatch end, String... args) {
        CommandLine command = new CommandLine(new SimulatorApplication(end));
        command.setOut(new PrintWriter(out, true));
        command.setParameterExceptionHandler((wrong, given) -> {
            err.println("whatsapp-simulator: " + oneLine(wrong) + "; --help shows the options");
            return CommandLine.ExitCode.USAGE;
        });
        command.setExecutionExceptionHandler((failure, line, parsed) -> {
            err.println("whatsapp-simulator cannot start: " + StartFailure.explain(failure));
            return CommandLine.ExitCode.SOFTWARE;
        });
        return command.execute(args);
    }

    private static String oneLine(ParameterException wrong) {
        return wrong.getMessage().lines().findFirst().orElse("wrong options");
    }

    @Override
    public Integer call() throws InterruptedException {
        Simulator.Builder builder;
        try {
            builder = Simulator.builder().recordCalls(false).port(port).webhookUrl(webhookUrl).accessToken(accessToken).appSecret(appSecret)
                    .phoneNumberId(phoneNumberId).accountId(accountId).displayPhoneNumber(displayPhoneNumber).templates(templates)
                    .statusDelay(Duration.ofMillis(statusDelay)).webhookRetryDelay(Duration.ofMillis(webhookRetryDelay))
                    .limits(limits).appSecretProof(appSecretProof).messagesPerSecond(messagesPerSecond).tier(tier);
            builder.numbers(numbers == null ? "" : numbers).numbersFile(numbersFile == null ? "" : numbersFile);
            if (verifyToken != null && !verifyToken.isBlank()) {
                builder.handshake(verifyToken);
            }
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        CountDownLatch closed = new CountDownLatch(1);
        Thread hook = new Thread(() -> {
            end.countDown();
            try {
                closed.await(LAST_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }, "simulator-end");
        // before the start, which may be told to stop too
        Runtime.getRuntime().addShutdownHook(hook);
        try (Simulator simulator = builder.start()) {
            explain(simulator, spec.commandLine().getOut());
            end.await();
        } finally {
            closed.countDown();
        }
        return CommandLine.ExitCode.OK;
    }

    /** Prints what to configure. A token or secret is shown only if it is the default one. */
    private void explain(Simulator simulator, PrintWriter out) {
        String user = simulator.url() + "/simulator/users/15555550101/messages";
        String json = "-H 'Content-Type: application/json'";
        out.println("A simulated WhatsApp Cloud API runs on " + simulator.url() + ". Configure your application with:");
        out.println("  base URL         " + simulator.graphUrl() + "   in place of https://graph.facebook.com");
        out.println("  access token     " + shown(accessToken, TOKEN));
        out.println("  phone number id  " + phoneNumberId);
        out.println("  account id       " + accountId);
        out.println("  app secret       " + shown(appSecret, SECRET));
        out.println("  webhook          " + webhookUrl + "   is where signed webhooks go");
        simulator.numbers().stream().skip(1).forEach(number -> out.println("  number " + number.name() + "   id " + number.phoneNumberId()
                + ", account " + number.accountId() + "; GET " + simulator.url() + "/simulator/numbers shows the rest"));
        out.println("The chat page: " + simulator.url() + "/simulator/");
        out.println("A user writes to it:");
        out.println("  curl " + json + " -d '{\"text\":\"hello\",\"name\":\"Kim\"}' " + user);
        out.println("Send something, as your application would:");
        out.println("  curl -H 'Authorization: Bearer " + shown(accessToken, TOKEN) + "' " + json
                + " -d '{\"messaging_product\":\"whatsapp\",\"to\":\"+15555550101\",\"text\":{\"body\":\"hi\"}}' "
                + simulator.graphUrl() + "/v26.0/" + phoneNumberId + "/messages");
        out.println("The conversation, and a fault to come:");
        out.println("  curl " + user);
        out.println("  curl " + json + " -d '{\"fault\":\"graph-error\",\"code\":131056}' " + simulator.url() + "/simulator/faults");
        out.println("Ctrl-C ends it.");
    }

    private static String shown(String secret, String madeUp) {
        return secret.equals(madeUp) ? secret : "(as given)";
    }
}
