package io.github.waroutes.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.simulator.cloud.GraphApi;
import io.github.waroutes.simulator.cloud.GraphErrors;
import io.github.waroutes.simulator.common.Json;
import io.github.waroutes.simulator.fault.MagicRecipient;
import io.github.waroutes.simulator.cloud.OutboundRules;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.fault.SpoiltAnswer;
import io.github.waroutes.simulator.fault.FaultPlan.Due;
import io.github.waroutes.simulator.fault.FaultPlan.Endpoint;
import io.github.waroutes.simulator.fault.FaultPlan.Kind;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.spi.Registry;

/** Faults on demand: the control API, and the points in the routes where a fault can strike. */
public class SimulatorFaults {

    /** Exchange property: the code of a failed status that a message about to be accepted will get. */
    public static final String FAILURE = "simulatorFailure";
    /** Exchange property: true when the bytes of a download shall not fit their hash. */
    public static final String WRONG_HASH = "simulatorWrongHash";
    /** Exchange property: the user that a webhook is about. */
    public static final String USER = "simulatorUser";

    /** Exchange property: the name of the fault that struck a request; a webhook's is in its {@link Delivery}. */
    static final String STRUCK = "simulatorStruck";
    /** Exchange property: the {@link Delivery} of a webhook. */
    static final String DELIVERY = "simulatorDelivery";
    /** Exchange property: the name of the endpoint that was called, where faults can strike. */
    static final String ENDPOINT = "simulatorEndpoint";
    /** Exchange property: by how many milliseconds a fault delays the answer. */
    static final String DELAY = "simulatorDelay";
    /** A magic user's webhooks are not slow: slowness is for the answer to a send. */
    private static final Set<Kind> MAGIC_DELIVERIES = Set.of(Kind.DUPLICATE_WEBHOOK, Kind.WRONG_SIGNATURE);

    private final GraphErrors errors = new GraphErrors();
    private String publicUrl;

    /** The address media URLs start with, without a slash at its end. */
    public void setPublicUrl(String publicUrl) {
        this.publicUrl = publicUrl;
    }

    /**
     * How to deliver one webhook.
     *
     * @param copies      1, 2 for a duplicate, or 0 when the simulator is about to end
     * @param genuine     false for a signature that is wrong
     * @param delayMillis how long to wait before
     * @param fault       the name of the fault that makes it so, or null
     */
    public record Delivery(int copies, boolean genuine, int delayMillis, String fault) {
    }

    /** {@code POST /simulator/faults}; the answer is the fault. */
    public String add(@Header("Content-Type") String contentType, @Body byte[] body, Registry registry) {
        if (!Json.isJson(contentType)) {
            throw Refusal.plain(415, "Content-Type must be application/json");
        }
        JsonNode request = Json.object(body)
                .orElseThrow(() -> Refusal.plain(400, "The body must be a JSON object, such as"
                        + " {\"fault\":\"graph-error\",\"code\":131056}"));
        return SimulatorState.in(registry).faults().add(request).toString();
    }

    /** {@code GET /simulator/faults}. */
    public String list(Registry registry) {
        return SimulatorState.in(registry).faults().list().toString();
    }

    /** {@code DELETE /simulator/faults}. */
    public void clear(Registry registry) {
        SimulatorState.in(registry).faults().clear();
    }

    /** Before a message or a read mark is taken. */
    public void beforeMessage(Exchange exchange, @Body byte[] body, Registry registry) {
        JsonNode request = Json.object(body).orElse(null);
        if (request == null) {
            return;
        }
        if (OutboundRules.isReadMark(request)) {
            strike(exchange, Endpoint.READ_MARK, null, registry);
            return;
        }
        Optional<Recipient> recipient = Recipient.of(OutboundRules.inputOf(request)).or(
                () -> Recipient.ofPhone(OutboundRules.inputOf(request)));
        Optional<MagicRecipient> magic = recipient.flatMap(MagicRecipient::of)
                .filter(found -> found.kind().strikes(Endpoint.MESSAGES));
        if (magic.isPresent()) {
            exchange.setProperty(ENDPOINT, Endpoint.MESSAGES.toString());
            strike(exchange, magic.get().due(), SimulatorState.in(registry));
            return;
        }
        strike(exchange, Endpoint.MESSAGES, recipient.map(Recipient::key).orElse(null), registry);
    }

    /**
     * Before a call about media that is neither upload nor download.
     *
     * @param id the object asked for; no fault strikes when it is no media
     */
    public void beforeMedia(@Header("id") String id, Exchange exchange, Registry registry) {
        if (SimulatorState.in(registry).media(id).isEmpty()) {
            return;
        }
        strike(exchange, Endpoint.MEDIA, null, registry);
    }

    /** Before an upload. */
    public void beforeUpload(Exchange exchange, Registry registry) {
        strike(exchange, Endpoint.MEDIA, null, registry);
    }

    /** Before a call about the number, the account, its templates or its apps. */
    public void beforeAccount(Exchange exchange, Registry registry) {
        strike(exchange, Endpoint.ACCOUNT, null, registry);
    }

    /** Before a download; a file of a magic user is struck each time. */
    public void beforeDownload(@Header("mediaId") String id, Exchange exchange, Registry registry) {
        SimulatorState state = SimulatorState.in(registry);
        exchange.setProperty(ENDPOINT, Endpoint.MEDIA_DOWNLOAD.toString());
        Optional<Kind> spoilt = state.spoiltBy(id);
        if (spoilt.isPresent()) {
            strike(exchange, new Due(spoilt.get(), null, null, null, 0, null, null), state);
            return;
        }
        strike(exchange, Endpoint.MEDIA_DOWNLOAD, null, registry);
    }

    /** Before a transcription. */
    public void beforeTranscription(Exchange exchange, Registry registry) {
        strike(exchange, Endpoint.TRANSCRIPTION, null, registry);
    }

    /** Before a webhook is posted. */
    public Delivery delivery(Exchange exchange, Registry registry) {
        if (SimulatorState.in(registry).isClosing()) {
            return new Delivery(0, true, 0, null);
        }
        return deliveryTo(exchange.getProperty(USER, String.class), SimulatorState.in(registry));
    }

    /** As {@link #delivery}, for a webhook that is about this user. */
    public static Delivery deliveryTo(String user, SimulatorState state) {
        return state.faults().take(Endpoint.WEBHOOK, user, kind -> !Kind.OF_CONTENT.contains(kind))
                .or(() -> MagicRecipient.of(user).filter(magic -> MAGIC_DELIVERIES.contains(magic.kind())).map(MagicRecipient::due))
                .map(due -> switch (due.kind()) {
                    case DUPLICATE_WEBHOOK -> new Delivery(2, true, 0, due.kind().toString());
                    case WRONG_SIGNATURE -> new Delivery(1, false, 0, due.kind().toString());
                    default -> new Delivery(1, true, due.delayMillis(), due.kind().toString());
                }).orElse(new Delivery(1, true, 0, null));
    }

    private void strike(Exchange exchange, Endpoint endpoint, String recipient, Registry registry) {
        exchange.setProperty(ENDPOINT, endpoint.toString());
        SimulatorState state = SimulatorState.in(registry);
        state.faults().take(endpoint, recipient, kind -> true).ifPresent(due -> strike(exchange, due, state));
    }

    private void strike(Exchange exchange, Due due, SimulatorState state) {
        exchange.setProperty(STRUCK, due.kind().toString());
        if (due.kind() == Kind.SLOW) {
            exchange.setProperty(DELAY, due.delayMillis());
        }
        switch (due.kind()) {
            case GRAPH_ERROR -> throw errors.asked(due.code(), due.status(), due.subcode()).after(due.retryAfter());
            case HTML_502 -> throw Refusal.html(due.status() == null ? 502 : due.status()).after(due.retryAfter());
            case SLOW -> SpoiltAnswer.slow(exchange, due.delayMillis());
            case NO_ANSWER -> {
                SpoiltAnswer.none(exchange, due.delayMillis());
                throw unseen();
            }
            case CUT -> {
                SpoiltAnswer.cut(exchange);
                throw unseen();
            }
            case ANSWER_LOST -> SpoiltAnswer.cut(exchange);
            case FAILED_STATUS -> exchange.setProperty(FAILURE, due.code());
            case WRONG_HASH -> exchange.setProperty(WRONG_HASH, true);
            case EXPIRED_URL -> throw Refusal.expiredUrl();
            case REDIRECT -> throw Refusal.redirect(elsewhere(exchange, state));
            default -> throw new IllegalStateException(due.kind() + " strikes no request");
        }
    }

    /** The same file under another name of this machine: to a careful client a stranger's host. */
    private String elsewhere(Exchange exchange, SimulatorState state) {
        URI here = URI.create(publicUrl);
        String host = "localhost".equals(here.getHost()) ? "127.0.0.1" : "localhost";
        String base = here.getScheme() + "://" + host + (here.getPort() < 0 ? "" : ":" + here.getPort());
        return state.media(exchange.getMessage().getHeader("mediaId", String.class))
                .map(media -> GraphApi.mediaUrl(base, state, media.id()))
                .orElseThrow(Refusal::expiredUrl);
    }

    /** Ends the route before anything is taken; nobody gets to read it. */
    private static Refusal unseen() {
        return Refusal.plain(500, "This answer is lost on purpose");
    }
}
