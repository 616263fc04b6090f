package io.github.waroutes.simulator.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.simulator.common.Json;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.common.SendBody;
import io.github.waroutes.simulator.fault.FaultPlan;
import io.github.waroutes.simulator.fault.FaultPlan.Due;
import io.github.waroutes.simulator.fault.FaultPlan.Endpoint;
import io.github.waroutes.simulator.fault.FaultPlan.Kind;
import io.github.waroutes.simulator.fault.FaultProperties;
import io.github.waroutes.simulator.fault.MagicRecipient;
import io.github.waroutes.simulator.fault.ResponseFault;
import io.github.waroutes.simulator.media.MediaStore;
import java.net.URI;
import java.util.Optional;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Header;

/** The points in the routes of the Cloud API where a fault can be injected. */
public class FaultPoints {

    /** Exchange property: the code of a failed status that a message about to be accepted will get. */
    static final String FAILURE = "simulatorFailure";
    /** Exchange property: true when the bytes of a download must not match their hash. */
    static final String WRONG_HASH = "simulatorWrongHash";

    private final GraphErrors errors = new GraphErrors();
    private final FaultPlan faults;
    private final MediaStore media;
    private String publicUrl;

    public FaultPoints(FaultPlan faults, MediaStore media) {
        this.faults = faults;
        this.media = media;
    }

    /** The address media URLs start with, without a slash at its end. */
    public void setPublicUrl(String publicUrl) {
        this.publicUrl = publicUrl;
    }

    /** Before a message or a read receipt is accepted. */
    public void beforeMessage(Exchange exchange, @Body byte[] body) {
        JsonNode request = Json.object(body).orElse(null);
        if (request == null) {
            return;
        }
        if (SendBody.isReadMark(request)) {
            strike(exchange, Endpoint.READ_MARK, null);
            return;
        }
        Optional<Recipient> recipient = Recipient.of(SendBody.inputOf(request)).or(
                () -> Recipient.ofPhone(SendBody.inputOf(request)));
        Optional<MagicRecipient> magic = recipient.flatMap(MagicRecipient::of)
                .filter(found -> found.kind().strikes(Endpoint.MESSAGES));
        if (magic.isPresent()) {
            exchange.setProperty(FaultProperties.ENDPOINT, Endpoint.MESSAGES.toString());
            strike(exchange, magic.get().due());
            return;
        }
        strike(exchange, Endpoint.MESSAGES, recipient.map(Recipient::key).orElse(null));
    }

    /**
     * Before a call about media that is neither upload nor download.
     *
     * @param id the requested object; no fault applies unless it is media
     */
    public void beforeMedia(@Header("id") String id, Exchange exchange) {
        if (media.find(id).isEmpty()) {
            return;
        }
        strike(exchange, Endpoint.MEDIA, null);
    }

    /** Before an upload. */
    public void beforeUpload(Exchange exchange) {
        strike(exchange, Endpoint.MEDIA, null);
    }

    /** Before a call about the number, the account, its templates or its apps. */
    public void beforeAccount(Exchange exchange) {
        strike(exchange, Endpoint.ACCOUNT, null);
    }

    /** Before a download; each download of a magic user's file fails. */
    public void beforeDownload(@Header("mediaId") String id, Exchange exchange) {
        exchange.setProperty(FaultProperties.ENDPOINT, Endpoint.MEDIA_DOWNLOAD.toString());
        Optional<Kind> spoilt = media.spoiltBy(id);
        if (spoilt.isPresent()) {
            strike(exchange, new Due(spoilt.get(), null, null, null, 0, null, null));
            return;
        }
        strike(exchange, Endpoint.MEDIA_DOWNLOAD, null);
    }

    /** Before a transcription. */
    public void beforeTranscription(Exchange exchange) {
        strike(exchange, Endpoint.TRANSCRIPTION, null);
    }

    private void strike(Exchange exchange, Endpoint endpoint, String recipient) {
        exchange.setProperty(FaultProperties.ENDPOINT, endpoint.toString());
        faults.take(endpoint, recipient, kind -> true).ifPresent(due -> strike(exchange, due));
    }

    private void strike(Exchange exchange, Due due) {
        exchange.setProperty(FaultProperties.FAULT, due.kind().toString());
        if (due.kind() == Kind.SLOW) {
            exchange.setProperty(FaultProperties.DELAY, due.delayMillis());
        }
        switch (due.kind()) {
            case GRAPH_ERROR -> throw errors.asked(due.code(), due.status(), due.subcode()).after(due.retryAfter());
            case HTML_502 -> throw Refusal.html(due.status() == null ? 502 : due.status()).after(due.retryAfter());
            case SLOW -> ResponseFault.slow(exchange, due.delayMillis());
            case NO_ANSWER -> {
                ResponseFault.none(exchange, due.delayMillis());
                throw unseen();
            }
            case CUT -> {
                ResponseFault.cut(exchange);
                throw unseen();
            }
            case ANSWER_LOST -> ResponseFault.cut(exchange);
            case FAILED_STATUS -> exchange.setProperty(FAILURE, due.code());
            case WRONG_HASH -> exchange.setProperty(WRONG_HASH, true);
            case EXPIRED_URL -> throw Refusal.expiredUrl();
            case REDIRECT -> throw Refusal.redirect(elsewhere(exchange));
            default -> throw new IllegalStateException(due.kind() + " strikes no request");
        }
    }

    /** The same file under another name of this machine, which a careful client treats as another host. */
    private String elsewhere(Exchange exchange) {
        URI here = URI.create(publicUrl);
        String host = "localhost".equals(here.getHost()) ? "127.0.0.1" : "localhost";
        String base = here.getScheme() + "://" + host + (here.getPort() < 0 ? "" : ":" + here.getPort());
        return media.find(exchange.getMessage().getHeader("mediaId", String.class)).map(file -> media.url(base, file.id()))
                .orElseThrow(Refusal::expiredUrl);
    }

    /** Ends the route before anything is accepted; the caller never sees it. */
    private static Refusal unseen() {
        return Refusal.plain(500, "This answer is lost on purpose");
    }
}
